public import Foundation
import Names

/// What is known about a broker at one time, as input of the rules. A part that is `nil` was not polled; earlier
/// findings about it remain.
public struct DiagnosisFacts: Sendable {
    /// The time of the facts.
    public var at: Date
    /// The channels according to the broker.
    public var channels: Listing<ChannelFacts>?
    /// The consumers according to the broker.
    public var consumers: Listing<ConsumerFacts>?
    /// The connections according to the broker.
    public var connections: Listing<ConnectionFacts>?
    /// The queues with their depths.
    public var queues: Listing<QueueFacts>?
    /// Channels of client libraries, beside the broker's report of them.
    public var clients: Listing<ClientChannelFacts>?
    /// Channels through the proxy, according to their frames.
    public var proxied: Listing<ClientChannelFacts>?
    /// The nodes of the cluster.
    public var nodes: Listing<NodeFacts>?
    /// The sources of figures.
    public var sources: Listing<SourceFacts>?
    /// The churn of connections and channels.
    public var churn: ChurnFacts?

    /// Creates facts of which every part is unknown.
    public init(at: Date) {
        self.at = at
    }

    /// Rows, and whether they are complete: what is missing in a complete list is gone.
    public struct Listing<Row: Sendable>: Sendable {
        /// The rows of the list.
        public var rows: [Row]
        /// Whether the list has all rows.
        public var isComplete: Bool
        /// When the broker made the list, so that a repeated list is not a second poll; `nil` for now.
        public var madeAt: Date?

        /// Creates a list.
        public init(_ rows: [Row], isComplete: Bool = true, madeAt: Date? = nil) {
            self.rows = rows
            self.isComplete = isComplete
            self.madeAt = madeAt
        }
    }

    /// The identity of a channel.
    public struct ChannelKey: Sendable, Hashable {
        /// The connection's name as RabbitMQ shows it.
        @ByBytes public var connection: String
        /// The channel number.
        public var number: Int

        /// Creates the identity of a channel.
        public init(connection: String, number: Int) {
            self.connection = connection
            self.number = number
        }
    }

    /// The identity of a queue.
    public struct QueueKey: Sendable, Hashable {
        /// The queue's vhost.
        @ByBytes public var vhost: String
        /// The queue's name.
        @ByBytes public var name: String

        /// Creates the identity of a queue.
        public init(vhost: String, name: String) {
            self.vhost = vhost
            self.name = name
        }

        /// The queue's name, with its vhost unless that is the default one.
        var words: String { vhost == "/" ? "queue '\(name)'" : "queue '\(name)' in vhost '\(vhost)'" }
    }

    /// A channel according to the broker.
    public struct ChannelFacts: Sendable {
        /// The identity of the channel.
        public var key: ChannelKey
        /// The client-provided name of the connection.
        public var clientName: String?
        /// The prefetch count per consumer; 0 for unlimited.
        public var prefetch: Int?
        /// Messages delivered and not yet acknowledged.
        public var unacked: Int?
        /// The number of consumers.
        public var consumers: Int?
        /// Deliveries per second.
        public var deliverRate: Double?
        /// Acknowledgements per second.
        public var ackRate: Double?
        /// Since when the channel has been idle, according to the broker; `nil` while it is in use.
        public var idleSince: Date?

        /// Creates the facts of a channel; everything else is unknown.
        public init(_ key: ChannelKey) {
            self.key = key
        }
    }

    /// A consumer according to the broker.
    public struct ConsumerFacts: Sendable {
        /// The channel of the consumer.
        public var channel: ChannelKey
        /// The consumer tag.
        public var tag: String
        /// The queue that is consumed from.
        public var queue: QueueKey
        /// The client-provided name of the connection.
        public var clientName: String?
        /// The prefetch count, 0 for unlimited.
        public var prefetch: Int?
        /// Whether the consumer has to acknowledge its deliveries.
        public var ackRequired: Bool?
        /// False for a consumer that waits to become the single active one.
        public var isActive: Bool?
        /// The consumer priority.
        public var priority: Int?

        /// Creates the facts of a consumer; everything else is unknown.
        public init(tag: String, channel: ChannelKey, queue: QueueKey) {
            self.tag = tag
            self.channel = channel
            self.queue = queue
        }
    }

    /// A connection according to the broker.
    public struct ConnectionFacts: Sendable {
        /// The connection's name as RabbitMQ shows it.
        public var name: String
        /// The client-provided name of the connection.
        public var clientName: String?
        /// The user of the connection.
        public var user: String?
        /// The state as RabbitMQ names it.
        public var state: String?
        /// When the connection was opened.
        public var connectedAt: Date?
        /// When the connection was blocked, when an event reported it.
        public var blockedSince: Date?

        /// Creates the facts of a connection; everything else is unknown.
        public init(name: String) {
            self.name = name
        }
    }

    /// A queue according to its source.
    public struct QueueFacts: Sendable {
        /// The identity of the queue.
        public var key: QueueKey
        /// Messages ready for delivery.
        public var ready: Int?
        /// The number of consumers.
        public var consumers: Int?
        /// Whether the queue is a stream. Not all sources count its consumers.
        public var isStream = false
        /// Since when the queue has been idle, according to the broker; `nil` while it is in use.
        public var idleSince: Date?

        /// Creates the facts of a queue.
        public init(_ key: QueueKey, ready: Int?, consumers: Int?) {
            self.key = key
            self.ready = ready
            self.consumers = consumers
        }
    }

    /// A channel as a client sees it, beside the broker's report.
    public struct ClientChannelFacts: Sendable {
        /// The identity of the channel.
        public var key: ChannelKey
        /// The client-provided name of the connection.
        public var clientName: String?
        /// Whether the client has the channel open.
        public var isOpen: Bool
        /// Whether the broker knows the channel; `nil` while that cannot be determined.
        public var isKnownToBroker: Bool?

        /// Creates the facts of a channel.
        public init(_ key: ChannelKey, clientName: String?, isOpen: Bool, isKnownToBroker: Bool?) {
            self.key = key
            self.clientName = clientName
            self.isOpen = isOpen
            self.isKnownToBroker = isKnownToBroker
        }
    }

    /// A node of the cluster.
    public struct NodeFacts: Sendable {
        /// The name of the node.
        public var name: String
        /// Whether the node is running.
        public var isRunning: Bool
        /// Whether the memory alarm is raised.
        public var memoryAlarm: Bool?
        /// Whether the disk alarm is raised.
        public var diskAlarm: Bool?
        /// When the memory alarm was raised, when an event reported it.
        public var memoryAlarmSince: Date?
        /// When the disk alarm was raised, when an event reported it.
        public var diskAlarmSince: Date?
        /// The names of the nodes that this one is partitioned from.
        public var partitions: [String] = []

        /// Creates the facts of a node; everything else is unknown.
        public init(name: String, isRunning: Bool) {
            self.name = name
            self.isRunning = isRunning
        }
    }

    /// A source of figures.
    public struct SourceFacts: Sendable {
        /// The name of the source.
        public var name: String
        /// Whether the source has failed: it no longer responds or was never reached; a vital one also when access is
        /// denied.
        public var isMissing: Bool
        /// Whether nothing is known without the source.
        public var isVital: Bool
        /// What happened, in one line.
        public var problem: String?
        /// What to do about it, in one line.
        public var advice: String?
        /// The time of the last complete response.
        public var lastSuccess: Date?

        /// Creates the facts of a source.
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
        /// Connections opened per second.
        public var connectionsOpened: Double?
        /// Connections closed per second.
        public var connectionsClosed: Double?
        /// Channels opened per second.
        public var channelsOpened: Double?
        /// Channels closed per second.
        public var channelsClosed: Double?

        /// Creates churn rates.
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
