public import Foundation
import Names

/// What is known about a broker at one time, as input of the rules. A part that is `nil` was not polled; earlier
/// findings about it remain.
public struct DiagnosisFacts: Sendable {
    /// The time of the facts.
    public var at: Date
    public var channels: Listing<ChannelFacts>?
    public var consumers: Listing<ConsumerFacts>?
    public var connections: Listing<ConnectionFacts>?
    public var queues: Listing<QueueFacts>?
    /// Channels of client libraries, beside the broker's report of them.
    public var clients: Listing<ClientChannelFacts>?
    /// Channels through the proxy, according to their frames.
    public var proxied: Listing<ClientChannelFacts>?
    public var nodes: Listing<NodeFacts>?
    public var sources: Listing<SourceFacts>?
    public var churn: ChurnFacts?

    public init(at: Date) {
        self.at = at
    }

    /// Rows, and whether they are complete: what is missing in a complete list is gone.
    public struct Listing<Row: Sendable>: Sendable {
        public var rows: [Row]
        public var isComplete: Bool
        /// When the broker made the list, so that a repeated list is not a second poll; `nil` for now.
        public var madeAt: Date?

        public init(_ rows: [Row], isComplete: Bool = true, madeAt: Date? = nil) {
            self.rows = rows
            self.isComplete = isComplete
            self.madeAt = madeAt
        }
    }

    /// The identity of a channel.
    public struct ChannelKey: Sendable, Hashable {
        @ByBytes public var connection: String
        public var number: Int

        public init(connection: String, number: Int) {
            self.connection = connection
            self.number = number
        }
    }

    /// The identity of a queue.
    public struct QueueKey: Sendable, Hashable {
        @ByBytes public var vhost: String
        @ByBytes public var name: String

        public init(vhost: String, name: String) {
            self.vhost = vhost
            self.name = name
        }

        /// The queue's name, with its vhost unless that is the default one.
        var words: String { vhost == "/" ? "queue '\(name)'" : "queue '\(name)' in vhost '\(vhost)'" }
    }

    /// A channel according to the broker.
    public struct ChannelFacts: Sendable {
        public var key: ChannelKey
        public var clientName: String?
        /// The prefetch count per consumer; 0 for unlimited.
        public var prefetch: Int?
        public var unacked: Int?
        public var consumers: Int?
        /// Deliveries per second.
        public var deliverRate: Double?
        /// Acknowledgements per second.
        public var ackRate: Double?
        /// Since when the channel has been idle, according to the broker; `nil` while it is in use.
        public var idleSince: Date?

        public init(_ key: ChannelKey) {
            self.key = key
        }
    }

    /// A consumer according to the broker.
    public struct ConsumerFacts: Sendable {
        public var channel: ChannelKey
        public var tag: String
        public var queue: QueueKey
        public var clientName: String?
        public var prefetch: Int?
        public var ackRequired: Bool?
        /// False for a consumer that waits to become the single active one.
        public var isActive: Bool?
        public var priority: Int?

        public init(tag: String, channel: ChannelKey, queue: QueueKey) {
            self.tag = tag
            self.channel = channel
            self.queue = queue
        }
    }

    /// A connection according to the broker.
    public struct ConnectionFacts: Sendable {
        public var name: String
        public var clientName: String?
        public var user: String?
        public var state: String?
        public var connectedAt: Date?
        /// When the connection was blocked, when an event reported it.
        public var blockedSince: Date?

        public init(name: String) {
            self.name = name
        }
    }

    /// A queue according to its source.
    public struct QueueFacts: Sendable {
        public var key: QueueKey
        public var ready: Int?
        public var consumers: Int?
        /// Whether the queue is a stream. Not all sources count its consumers.
        public var isStream = false
        /// Since when the queue has been idle, according to the broker; `nil` while it is in use.
        public var idleSince: Date?

        public init(_ key: QueueKey, ready: Int?, consumers: Int?) {
            self.key = key
            self.ready = ready
            self.consumers = consumers
        }
    }

    /// A channel as a client sees it, beside the broker's report.
    public struct ClientChannelFacts: Sendable {
        public var key: ChannelKey
        public var clientName: String?
        public var isOpen: Bool
        /// Whether the broker knows the channel; `nil` while that cannot be determined.
        public var isKnownToBroker: Bool?

        public init(_ key: ChannelKey, clientName: String?, isOpen: Bool, isKnownToBroker: Bool?) {
            self.key = key
            self.clientName = clientName
            self.isOpen = isOpen
            self.isKnownToBroker = isKnownToBroker
        }
    }

    /// A node of the cluster.
    public struct NodeFacts: Sendable {
        public var name: String
        public var isRunning: Bool
        public var memoryAlarm: Bool?
        public var diskAlarm: Bool?
        /// When the memory alarm was raised, when an event reported it.
        public var memoryAlarmSince: Date?
        /// When the disk alarm was raised, when an event reported it.
        public var diskAlarmSince: Date?
        public var partitions: [String] = []

        public init(name: String, isRunning: Bool) {
            self.name = name
            self.isRunning = isRunning
        }
    }

    /// A source of figures.
    public struct SourceFacts: Sendable {
        public var name: String
        public var isMissing: Bool
        /// Whether nothing is known without the source.
        public var isVital: Bool
        public var problem: String?
        public var advice: String?
        public var lastSuccess: Date?

        public init(
            name: String, isMissing: Bool, isVital: Bool = false, problem: String? = nil, advice: String? = nil,
            lastSuccess: Date? = nil
        ) {
            self.name = name
            self.isMissing = isMissing
            self.isVital = isVital
            self.problem = problem
            self.advice = advice
            self.lastSuccess = lastSuccess
        }
    }

    /// Churn of the whole cluster, per second.
    public struct ChurnFacts: Sendable {
        public var connectionsOpened: Double?
        public var connectionsClosed: Double?
        public var channelsOpened: Double?
        public var channelsClosed: Double?

        public init(
            connectionsOpened: Double?, connectionsClosed: Double?, channelsOpened: Double?, channelsClosed: Double?
        ) {
            self.connectionsOpened = connectionsOpened
            self.connectionsClosed = connectionsClosed
            self.channelsOpened = channelsOpened
            self.channelsClosed = channelsClosed
        }
    }
}
