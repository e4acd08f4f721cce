extension Diagnosis {
    /// The thresholds of the rules: how long a problem must last before it is reported, and the limits of counts and
    /// rates.
    public struct Patience: Sendable, Hashable {
        /// Seconds that a consumer may hold its whole prefetch without an ack.
        public var prefetch = 10.0
        /// Seconds without a delivery to a consumer that has capacity while its queue has messages.
        public var silence = 15.0
        /// Seconds that a channel that lost its consumer must be without one.
        public var loss = 10.0
        /// Seconds that a queue without consumers must grow.
        public var growth = 10.0
        /// Seconds without an additional message after which a queue no longer grows.
        public var standstill = 30.0
        /// Seconds that churn must last.
        public var churn = 10.0
        /// Seconds that the broker must not know a client's channel.
        public var unknownChannel = 3.0
        /// Connections that may be opened per second.
        public var connectionsPerSecond = 5.0
        /// Channels that may be opened per second.
        public var channelsPerSecond = 20.0
        /// Seconds after which a suspicion that was not polled again is forgotten. Where the lists come more rarely, three
        /// of their intervals.
        public var memory = 60.0
        /// Seconds that one consumer must take everything: several lists, so that chance does not count.
        public var greed = 15.0
        /// Seconds that messages must be redelivered: two of the broker's 5-second samples.
        public var redelivery = 10.0
        /// Seconds that unroutable messages stay reported after the last one: a publisher that sends one now and then has
        /// one problem, not many.
        public var unroutable = 30.0
        /// Seconds that the lag of a stream's consumer must grow.
        public var lag = 60.0
        /// Seconds that only the cluster's total tells of unroutable messages: the list of channels may tell who sends
        /// them.
        public var unroutableTotal = 10.0

        /// Creates the default thresholds.
        public init() {}

        /// Returns the thresholds for a check of this many seconds: a problem that lasts for most of it is reported.
        public static func look(of seconds: Double) -> Patience {
            var patience = Patience()
            let most = max(0, seconds * 0.6)
            patience.prefetch = min(patience.prefetch, most)
            patience.silence = min(patience.silence, most)
            patience.loss = min(patience.loss, most)
            patience.growth = min(patience.growth, max(0, seconds * 0.3))
            patience.churn = min(patience.churn, most)
            patience.unknownChannel = min(patience.unknownChannel, most)
            patience.greed = min(patience.greed, most)
            patience.redelivery = min(patience.redelivery, most)
            patience.lag = min(patience.lag, most)
            patience.unroutableTotal = min(patience.unroutableTotal, most)
            patience.memory = max(patience.memory, seconds * 2)
            return patience
        }
    }

    /// Seconds within which every member of a quorum queue should have what is committed. Who compares the nodes' reports
    /// waits that long.
    public static let memberLag = 15.0

    /// Limits that do not depend on how long the broker is watched.
    enum Limit {
        /// RabbitMQ's own limit for an acknowledgement, in seconds, unless a queue or the configuration has another.
        static let consumerTimeout = 1_800.0
        /// The part of the consumer timeout after which a delivery is reported: half of the time is left to act.
        static let consumerTimeoutPart = 0.5
        /// The part of a queue's maximum length from which it is reported.
        static let queueLength = 0.9
        /// The part of the memory limit from which a node is reported. Above the limit the alarm blocks all publishers.
        static let memory = 0.9
        /// The free disk space, as a multiple of the limit, below which a node is reported.
        static let disk = 1.5
        /// Seconds until a limit is reached within which that is reported: time to act, and near enough for a straight
        /// line to be right.
        static let horizon = 3_600.0
        /// The part of a queue's deliveries or unacked messages that one consumer takes, to be called greedy.
        static let greed = 0.9
        /// Unacked messages below which a consumer is not called greedy: a few are just the ones in work.
        static let greedyMessages = 10
        /// Deliveries per second below which neither greed nor a loop is inferred.
        static let deliveries = 1.0
        /// The part of the deliveries that are redeliveries, to be called a loop.
        static let redeliveries = 0.8
        /// The part of the deliveries that may be acknowledged in a loop.
        static let loopAcks = 0.05
        /// The messages by which the lag of a stream's consumer must have grown: fewer are on their way.
        static let lagMessages = 100
        /// Seconds that the oldest message of a queue with consumers may be old.
        static let messageAge = 600.0
        /// Rates below this are the remainder of an average.
        static let rate = 0.01
        /// The most findings of one rule; of the rest only the number is told. It bounds the memory.
        static let findings = 100
    }
}
