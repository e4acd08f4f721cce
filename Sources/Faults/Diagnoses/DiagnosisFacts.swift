public import Foundation
public import Names

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
    /// What is known of individual queues beyond their depths.
    public var queueDetails: Listing<QueueDetailFacts>?
    /// Queues that the broker no longer knows.
    public var goneQueues: [QueueKey] = []
    /// The vhosts that are not running, on each node.
    public var stoppedVhosts: Listing<VhostFacts>?
    /// The exchanges whose messages reach no queue, the greatest rate first.
    public var unroutableExchanges: [ExchangeKey] = []
    /// Messages of the whole cluster that reach no queue, per second.
    public var unroutableRate: Double?
    /// Messages that were returned to their publishers, because they reached no queue.
    public var returns: [ReturnFacts] = []

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
    public struct ChannelKey: Sendable, Hashable, Codable {
        /// The connection's name as RabbitMQ shows it.
        public var connection: Name
        /// The channel number.
        public var number: Int

        /// Creates the identity of a channel.
        public init(connection: some NameConvertible, number: Int) {
            self.connection = connection.asName
            self.number = number
        }
    }

    /// The identity of a queue.
    public struct QueueKey: Sendable, Hashable, Codable {
        /// The queue's vhost.
        public var vhost: Name
        /// The queue's name.
        public var name: Name

        /// Creates the identity of a queue.
        public init(vhost: some NameConvertible, name: some NameConvertible) {
            self.vhost = vhost.asName
            self.name = name.asName
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
        /// The vhost of the connection.
        public var vhost: Name?
        /// Messages per second that reached no queue and were returned to the publisher.
        public var returnedRate: Double?
        /// Messages per second that reached no queue and were dropped.
        public var droppedRate: Double?
        /// Redeliveries per second.
        public var redeliverRate: Double?
        /// The exchanges that the channel publishes to, where the broker tells them.
        public var exchanges: [ExchangeKey] = []

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
        public var tag: Name
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
        /// The seconds within which a delivery must be acknowledged, where the broker tells it.
        public var timeout: Double?

        /// The identity of the consumer.
        public var key: ConsumerKey { ConsumerKey(channel: channel, queue: queue, tag: tag) }

        /// Creates the facts of a consumer; everything else is unknown.
        public init(tag: some NameConvertible, channel: ChannelKey, queue: QueueKey) {
            self.tag = tag.asName
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
}
