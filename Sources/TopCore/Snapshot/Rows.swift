public import Foundation
public import Names

/// The figures of the whole cluster. Rates are messages per second.
public struct OverviewRow: Sendable, Equatable {
    public var ready: Int?
    public var unacked: Int?
    public var messages: Int?
    public var publishRate: Double?
    public var deliverRate: Double?
    public var ackRate: Double?
    public var connections: Int?
    public var channels: Int?
    public var queues: Int?
    public var consumers: Int?
    public var exchanges: Int?
    /// The alarms in force, for example `memory on rabbit@a`; `nil` when not known.
    public var alarms: [String]?
    public var nodesRunning: Int?
    public var nodes: Int?
    /// Connection and channel churn, and unroutable messages, per second.
    public var connectionOpenRate: Double?
    public var connectionCloseRate: Double?
    public var channelOpenRate: Double?
    public var channelCloseRate: Double?
    public var unroutableRate: Double?

    public init() {}
}

/// A node of the cluster.
public struct NodeRow: Sendable, Equatable, Identifiable {
    public var name: Name
    public var running: Bool
    public var version: String?
    /// Memory used, in bytes.
    public var memory: Int?
    /// The memory high watermark, in bytes.
    public var memoryLimit: Int?
    public var memoryAlarm: Bool?
    /// Free disk space, in bytes.
    public var diskFree: Int?
    /// The free disk space below which the disk alarm is raised, in bytes.
    public var diskFreeLimit: Int?
    public var diskAlarm: Bool?
    public var fileDescriptors: Int?
    public var fileDescriptorLimit: Int?
    public var sockets: Int?
    public var processes: Int?
    /// The uptime, in seconds.
    public var uptime: Double?
    public var type: String?
    /// Whether the node is in maintenance mode and accepts no connections; `nil` when that is not known.
    public var maintenance: Bool?
    /// The names of the nodes that this one is partitioned from.
    public var partitions: [Name] = []

    public var id: Name { name }

    public init(name: Name, running: Bool) {
        self.name = name
        self.running = running
    }
}

/// A connection of any client.
public struct ConnectionRow: Sendable, Equatable, Identifiable {
    public var name: Name
    public var clientName: Name?
    public var user: Name?
    public var vhost: Name?
    public var state: String?
    /// The client's address and port.
    public var peer: String?
    public var channels: Int?
    /// The negotiated heartbeat in seconds, 0 for none.
    public var heartbeat: Int?
    /// Bytes per second that the broker receives.
    public var receiveRate: Double?
    /// Bytes per second that the broker sends.
    public var sendRate: Double?
    public var protocolName: String?
    public var node: Name?
    public var connectedAt: Date?
    public var tls: Bool?
    /// The client's product, version and platform from its client properties.
    public var client: String?
    public var channelMax: Int?
    public var frameMax: Int?
    /// The number of the proxy session that the connection passes through; `nil` when it does not, or when that is not
    /// known.
    public var proxySession: UInt64?

    public var id: Name { name }

    public init(name: Name) {
        self.name = name
    }
}

/// A channel of any client.
public struct ChannelRow: Sendable, Equatable, Identifiable {
    public var id: ChannelID
    public var clientName: Name?
    public var user: Name?
    public var vhost: Name?
    public var state: String?
    /// The prefetch count per consumer, 0 for unlimited.
    public var prefetch: Int?
    public var unacked: Int?
    public var unconfirmed: Int?
    public var consumers: Int?
    public var confirm: Bool?
    public var publishRate: Double?
    public var deliverRate: Double?
    public var ackRate: Double?
    public var node: Name?
    /// Whether the channel belongs to this process: such channels are closed through the client library.
    public var local: Bool = false
    public var transactional: Bool?
    public var idleSince: Date?
    /// The number of the proxy session that its connection passes through; `nil` when it does not, or when that is not
    /// known.
    public var proxySession: UInt64?
    /// The number of unacknowledged messages according to the frames: as current as the last poll of the proxy, while
    /// the broker's own figures are seconds old.
    public var proxyUnacked: Int?
    public var proxyUnconfirmed: Int?
    /// False for a channel that the client has open and the broker closed; `nil` when that is not known.
    public var isKnownToBroker: Bool?
    /// The error that ended this channel, or the previous one of its number: `406 PRECONDITION_FAILED`.
    public var lastError: String?

    public init(id: ChannelID) {
        self.id = id
    }
}

/// A consumer of any client.
public struct ConsumerRow: Sendable, Equatable, Identifiable {
    public var id: ConsumerID
    public var clientName: Name?
    public var prefetch: Int?
    public var ackRequired: Bool?
    public var exclusive: Bool?
    public var active: Bool?
    /// The broker's activity status, such as `single_active` or `up`.
    public var activityStatus: String?
    public var priority: Int?
    public var user: Name?

    public init(id: ConsumerID) {
        self.id = id
    }
}

/// An exchange.
public struct ExchangeRow: Sendable, Equatable, Identifiable {
    public var id: EntityID
    public var type: String?
    public var durable: Bool?
    public var autoDelete: Bool?
    public var isInternal: Bool?
    /// The number of bindings with this exchange as their source; `nil` until the bindings were requested.
    public var bindingsOut: Int?
    public var publishInRate: Double?
    public var publishOutRate: Double?
    public var policy: Name?

    /// The name on the screen; `(default)` for the default exchange, whose name is empty.
    public var displayName: String { id.name.isEmpty ? "(default)" : id.name.text }

    public init(id: EntityID) {
        self.id = id
    }
}

/// A connection or channel of this process or of the attached one: what the client library knows, beside what the
/// broker reports about it.
public struct ClientRow: Sendable, Equatable, Identifiable {
    public var id: ClientRowID
    /// The attached process that the client belongs to, as shown to users: `orders (4242)`; `nil` for this process.
    public var process: String?
    /// When the attached process reported the row; `nil` for this process, whose rows are as old as their part.
    public var at: Date?
    /// The connection's name as RabbitMQ shows it.
    public var connection: Name
    /// The client-provided name of the connection.
    public var name: Name?
    public var vhost: Name?
    /// The connection's state: `open`, `blocked`, `closed` …
    public var state: String
    public var channel: Int?
    public var channelState: String?
    /// False for a channel that the broker knows on this connection and the client does not.
    public var isHeld = true
    /// Requests that wait for their response.
    public var inFlight: Int?
    public var unconfirmed: Int?
    public var unacked: Int?
    public var prefetch: Int?
    public var consumers: Int?
    public var lastErrorCode: Int?
    public var lastErrorText: String?
    public var lastErrorAt: Date?
    /// The state of the same channel or connection according to the broker.
    public var brokerState: String?
    public var brokerUnacked: Int?
    public var brokerUnconfirmed: Int?
    public var brokerConsumers: Int?
    /// Whether the broker's figures agree with the client's; `nil` while it is unknown, because the broker's figures
    /// are missing or older than the row.
    public var brokerAgrees: Bool?
    /// The differences, in words.
    public var disagreement: String?
    public var published: Int?
    public var confirmed: Int?
    public var delivered: Int?
    public var acked: Int?
    /// The name of the pool that a channel belongs to.
    public var pool: String?
    /// The channel pools of a connection.
    public var pools: [ClientPool] = []

    public init(id: ClientRowID, connection: Name, state: String) {
        self.id = id
        self.connection = connection
        self.state = state
    }
}
