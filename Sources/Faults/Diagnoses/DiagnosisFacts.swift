public import Foundation
import Names

/// What is known of a broker at one moment, as plain facts for the rules. A part that is nil was not looked at; what was
/// found there before stays as it was.
public struct DiagnosisFacts: Sendable {
    public var at: Date
    public var channels: Listing<ChannelFacts>?
    public var consumers: Listing<ConsumerFacts>?
    public var connections: Listing<ConnectionFacts>?
    public var queues: Listing<QueueFacts>?
    public var clients: Listing<ClientChannelFacts>?
    /// Channels that pass through the proxy, as their frames tell of them.
    public var proxied: Listing<ClientChannelFacts>?
    public var nodes: Listing<NodeFacts>?
    public var sources: Listing<SourceFacts>?
    public var churn: ChurnFacts?

    public init(at: Date) {
        self.at = at
    }

    /// Rows, and whether they are all there are: what is missing in a complete list is gone.
    public struct Listing<Row: Sendable>: Sendable {
        public var rows: [Row]
        public var isComplete: Bool
        /// When the broker said so; a list that is told again is no second look. Nil: now.
        public var madeAt: Date?

        public init(_ rows: [Row], isComplete: Bool = true, madeAt: Date? = nil) {
            self.rows = rows
            self.isComplete = isComplete
            self.madeAt = madeAt
        }
    }

    public struct ChannelKey: Sendable, Hashable {
        @ByBytes public var connection: String
        public var number: Int

        public init(connection: String, number: Int) {
            self.connection = connection
            self.number = number
        }
    }

    public struct QueueKey: Sendable, Hashable {
        @ByBytes public var vhost: String
        @ByBytes public var name: String

        public init(vhost: String, name: String) {
            self.vhost = vhost
            self.name = name
        }

        /// The vhost is said where it is not the usual one.
        var words: String { vhost == "/" ? "queue '\(name)'" : "queue '\(name)' in vhost '\(vhost)'" }
    }

    public struct ChannelFacts: Sendable {
        public var key: ChannelKey
        public var clientName: String?
        /// Per consumer; 0 for unlimited.
        public var prefetch: Int?
        public var unacked: Int?
        public var consumers: Int?
        /// Per second.
        public var deliverRate: Double?
        public var ackRate: Double?
        /// Since when nothing has happened on it, as the broker says; nil while it is in use.
        public var idleSince: Date?

        public init(_ key: ChannelKey) {
            self.key = key
        }
    }

    public struct ConsumerFacts: Sendable {
        public var channel: ChannelKey
        public var tag: String
        public var queue: QueueKey
        public var clientName: String?
        public var prefetch: Int?
        public var ackRequired: Bool?
        /// False for one that waits until it is the single active one.
        public var isActive: Bool?
        public var priority: Int?

        public init(tag: String, channel: ChannelKey, queue: QueueKey) {
            self.tag = tag
            self.channel = channel
            self.queue = queue
        }
    }

    public struct ConnectionFacts: Sendable {
        public var name: String
        public var clientName: String?
        public var user: String?
        public var state: String?
        public var connectedAt: Date?
        /// Since when it is blocked, where an event told it.
        public var blockedSince: Date?

        public init(name: String) {
            self.name = name
        }
    }

    public struct QueueFacts: Sendable {
        public var key: QueueKey
        public var ready: Int?
        public var consumers: Int?
        /// Consumers of a stream are not counted by all sources.
        public var isStream = false
        /// Since when nothing has happened to it, as the broker says; nil while it is in use.
        public var idleSince: Date?

        public init(_ key: QueueKey, ready: Int?, consumers: Int?) {
            self.key = key
            self.ready = ready
            self.consumers = consumers
        }
    }

    /// A channel as a client has it, beside what the broker says.
    public struct ClientChannelFacts: Sendable {
        public var key: ChannelKey
        public var clientName: String?
        public var isOpen: Bool
        /// Nil while it cannot be told.
        public var isKnownToBroker: Bool?

        public init(_ key: ChannelKey, clientName: String?, isOpen: Bool, isKnownToBroker: Bool?) {
            self.key = key
            self.clientName = clientName
            self.isOpen = isOpen
            self.isKnownToBroker = isKnownToBroker
        }
    }

    public struct NodeFacts: Sendable {
        public var name: String
        public var isRunning: Bool
        public var memoryAlarm: Bool?
        public var diskAlarm: Bool?
        /// Since when, where an event told it.
        public var memoryAlarmSince: Date?
        public var diskAlarmSince: Date?
        public var partitions: [String] = []

        public init(name: String, isRunning: Bool) {
            self.name = name
            self.isRunning = isRunning
        }
    }

    public struct SourceFacts: Sendable {
        public var name: String
        public var isMissing: Bool
        /// Without it nothing is known.
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

    /// Things per second, of the whole cluster.
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
