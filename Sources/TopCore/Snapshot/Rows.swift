public import Foundation
public import Names

/// The figures of the whole cluster. Rates are messages per second.
public struct OverviewRow: Sendable, Equatable {
    /// Messages ready for delivery.
    public var ready: Int?
    /// Messages delivered and not yet acknowledged.
    public var unacked: Int?
    /// Ready and unacknowledged messages.
    public var messages: Int?
    /// Messages published per second.
    public var publishRate: Double?
    /// Messages delivered per second.
    public var deliverRate: Double?
    /// Messages acknowledged per second.
    public var ackRate: Double?
    /// The number of connections.
    public var connections: Int?
    /// The number of channels.
    public var channels: Int?
    /// The number of queues.
    public var queues: Int?
    /// The number of consumers.
    public var consumers: Int?
    /// The number of exchanges.
    public var exchanges: Int?
    /// The alarms in force, for example `memory on rabbit@a`; `nil` when not known.
    public var alarms: [String]?
    /// The number of running nodes.
    public var nodesRunning: Int?
    /// The number of nodes.
    public var nodes: Int?
    /// Connection and channel churn, and unroutable messages, per second.
    public var connectionOpenRate: Double?
    /// Connections closed per second.
    public var connectionCloseRate: Double?
    /// Channels opened per second.
    public var channelOpenRate: Double?
    /// Channels closed per second.
    public var channelCloseRate: Double?
    /// Unroutable messages per second.
    public var unroutableRate: Double?

    /// Creates a row of which everything is unknown.
    public init() {}
}

/// A node of the cluster.
public struct NodeRow: Sendable, Equatable, Identifiable {
    /// The name of the node.
    public var name: Name
    /// Whether the node is running.
    public var running: Bool
    /// The node's RabbitMQ version.
    public var version: String?
    /// Memory used, in bytes.
    public var memory: Int?
    /// The memory high watermark, in bytes.
    public var memoryLimit: Int?
    /// Whether the memory alarm is raised.
    public var memoryAlarm: Bool?
    /// Free disk space, in bytes.
    public var diskFree: Int?
    /// The free disk space below which the disk alarm is raised, in bytes.
    public var diskFreeLimit: Int?
    /// Whether the disk alarm is raised.
    public var diskAlarm: Bool?
    /// The number of file descriptors in use.
    public var fileDescriptors: Int?
    /// The maximum number of file descriptors.
    public var fileDescriptorLimit: Int?
    /// The number of sockets in use.
    public var sockets: Int?
    /// The number of Erlang processes.
    public var processes: Int?
    /// The uptime, in seconds.
    public var uptime: Double?
    /// The type of the node.
    public var type: String?
    /// Whether the node is in maintenance mode and accepts no connections; `nil` when that is not known.
    public var maintenance: Bool?
    /// The names of the nodes that this one is partitioned from.
    public var partitions: [Name] = []

    public var id: Name { name }

    /// Creates a row; everything else is unknown.
    public init(name: Name, running: Bool) {
        self.name = name
        self.running = running
    }
}

/// A connection of any client.
public struct ConnectionRow: Sendable, Equatable, Identifiable {
    /// The connection's name as RabbitMQ shows it.
    public var name: Name
    /// The client-provided name of the connection.
    public var clientName: Name?
    /// The user of the connection.
    public var user: Name?
    /// The vhost of the connection.
    public var vhost: Name?
    /// The state as RabbitMQ names it.
    public var state: String?
    /// The client's address and port.
    public var peer: String?
    /// The number of channels.
    public var channels: Int?
    /// The negotiated heartbeat in seconds, 0 for none.
    public var heartbeat: Int?
    /// Bytes per second that the broker receives.
    public var receiveRate: Double?
    /// Bytes per second that the broker sends.
    public var sendRate: Double?
    /// The protocol and its version.
    public var protocolName: String?
    /// The node that it is on.
    public var node: Name?
    /// When the connection was opened.
    public var connectedAt: Date?
    /// Whether the connection uses TLS.
    public var tls: Bool?
    /// The client's product, version and platform from its client properties.
    public var client: String?
    /// The negotiated maximum number of channels.
    public var channelMax: Int?
    /// The negotiated maximum frame size, in bytes.
    public var frameMax: Int?
    /// The number of the proxy session that the connection passes through; `nil` when it does not, or when that is not
    /// known.
    public var proxySession: UInt64?

    public var id: Name { name }

    /// Creates a row; everything else is unknown.
    public init(name: Name) {
        self.name = name
    }
}

/// A channel of any client.
public struct ChannelRow: Sendable, Equatable, Identifiable {
    public var id: ChannelID
    /// The client-provided name of the connection.
    public var clientName: Name?
    /// The user of the connection.
    public var user: Name?
    /// The vhost of the connection.
    public var vhost: Name?
    /// The state as RabbitMQ names it.
    public var state: String?
    /// The prefetch count per consumer, 0 for unlimited.
    public var prefetch: Int?
    /// Messages delivered and not yet acknowledged.
    public var unacked: Int?
    /// Messages published and not yet confirmed.
    public var unconfirmed: Int?
    /// The number of consumers.
    public var consumers: Int?
    /// Whether the channel is in confirm mode.
    public var confirm: Bool?
    /// Messages published per second.
    public var publishRate: Double?
    /// Messages delivered per second.
    public var deliverRate: Double?
    /// Messages acknowledged per second.
    public var ackRate: Double?
    /// The node that it is on.
    public var node: Name?
    /// Whether the channel belongs to this process: such channels are closed through the client library.
    public var local: Bool = false
    /// Whether the channel is transactional.
    public var transactional: Bool?
    /// Since when the channel has been idle.
    public var idleSince: Date?
    /// The number of the proxy session that its connection passes through; `nil` when it does not, or when that is not
    /// known.
    public var proxySession: UInt64?
    /// The number of unacknowledged messages according to the frames: as current as the last poll of the proxy, while
    /// the broker's own figures are seconds old.
    public var proxyUnacked: Int?
    /// The number of unconfirmed messages according to the frames.
    public var proxyUnconfirmed: Int?
    /// False for a channel that the client has open and the broker closed; `nil` when that is not known.
    public var isKnownToBroker: Bool?
    /// The error that ended this channel, or the previous one of its number: `406 PRECONDITION_FAILED`.
    public var lastError: String?

    /// Creates a row; everything else is unknown.
    public init(id: ChannelID) {
        self.id = id
    }
}

/// A consumer of any client.
public struct ConsumerRow: Sendable, Equatable, Identifiable {
    public var id: ConsumerID
    /// The client-provided name of the connection.
    public var clientName: Name?
    /// The prefetch count, 0 for unlimited.
    public var prefetch: Int?
    /// Whether the consumer has to acknowledge its deliveries.
    public var ackRequired: Bool?
    /// Whether the consumer is the only one allowed on its queue.
    public var exclusive: Bool?
    /// Whether the consumer receives messages; false for one that waits to become the single active one.
    public var active: Bool?
    /// The broker's activity status, such as `single_active` or `up`.
    public var activityStatus: String?
    /// The consumer priority.
    public var priority: Int?
    /// The user of the connection.
    public var user: Name?

    /// Creates a row; everything else is unknown.
    public init(id: ConsumerID) {
        self.id = id
    }
}

/// An exchange.
public struct ExchangeRow: Sendable, Equatable, Identifiable {
    public var id: EntityID
    /// The exchange type, such as `direct` or `topic`.
    public var type: String?
    /// Whether it survives a restart of the broker.
    public var durable: Bool?
    /// Whether it is deleted when it is no longer used.
    public var autoDelete: Bool?
    /// Whether clients cannot publish to the exchange.
    public var isInternal: Bool?
    /// The number of bindings with this exchange as their source; `nil` until the bindings were requested.
    public var bindingsOut: Int?
    /// Messages published to the exchange per second.
    public var publishInRate: Double?
    /// Messages routed by the exchange per second.
    public var publishOutRate: Double?
    /// The name of the policy in force.
    public var policy: Name?

    /// The name on the screen; `(default)` for the default exchange, whose name is empty.
    public var displayName: String { id.name.isEmpty ? "(default)" : id.name.text }

    /// Creates a row; everything else is unknown.
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
    /// The vhost of the connection.
    public var vhost: Name?
    /// The connection's state: `open`, `blocked`, `closed` …
    public var state: String
    /// The channel number; `nil` for the row of the connection itself.
    public var channel: Int?
    /// The channel's state according to the client.
    public var channelState: String?
    /// False for a channel that the broker knows on this connection and the client does not.
    public var isHeld = true
    /// Requests that wait for their response.
    public var inFlight: Int?
    /// Messages published and not yet confirmed.
    public var unconfirmed: Int?
    /// Messages delivered and not yet acknowledged.
    public var unacked: Int?
    /// The prefetch count, 0 for unlimited.
    public var prefetch: Int?
    /// The number of consumers.
    public var consumers: Int?
    /// The reply code of the last error.
    public var lastErrorCode: Int?
    /// The text of the last error.
    public var lastErrorText: String?
    /// When the last error occurred.
    public var lastErrorAt: Date?
    /// The state of the same channel or connection according to the broker.
    public var brokerState: String?
    /// The number of unacknowledged messages according to the broker.
    public var brokerUnacked: Int?
    /// The number of unconfirmed messages according to the broker.
    public var brokerUnconfirmed: Int?
    /// The number of consumers according to the broker.
    public var brokerConsumers: Int?
    /// Whether the broker's figures agree with the client's; `nil` while it is unknown, because the broker's figures
    /// are missing or older than the row.
    public var brokerAgrees: Bool?
    /// The differences, in words.
    public var disagreement: String?
    /// The total number of messages published.
    public var published: Int?
    /// The total number of messages confirmed.
    public var confirmed: Int?
    /// The total number of messages delivered.
    public var delivered: Int?
    /// The total number of messages acknowledged.
    public var acked: Int?
    /// The name of the pool that a channel belongs to.
    public var pool: String?
    /// The channel pools of a connection.
    public var pools: [ClientPool] = []

    /// Creates a row; everything else is unknown.
    public init(id: ClientRowID, connection: Name, state: String) {
        self.id = id
        self.connection = connection
        self.state = state
    }
}
