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
    /// Each alarm in force, `memory on rabbit@a` for example; `nil` when not known.
    public var alarms: [String]?
    public var nodesRunning: Int?
    public var nodes: Int?
    /// Channel and connection churn, and unroutable messages, per second.
    public var connectionOpenRate: Double?
    public var connectionCloseRate: Double?
    public var channelOpenRate: Double?
    public var channelCloseRate: Double?
    public var unroutableRate: Double?

    public init() {}
}

public struct NodeRow: Sendable, Equatable, Identifiable {
    public var name: Name
    public var running: Bool
    public var version: String?
    /// Bytes.
    public var memory: Int?
    public var memoryLimit: Int?
    public var memoryAlarm: Bool?
    public var diskFree: Int?
    public var diskFreeLimit: Int?
    public var diskAlarm: Bool?
    public var fileDescriptors: Int?
    public var fileDescriptorLimit: Int?
    public var sockets: Int?
    public var processes: Int?
    /// Seconds.
    public var uptime: Double?
    public var type: String?
    /// Whether it is drained for maintenance: it takes no connections. Nil where that is not known.
    public var maintenance: Bool?
    /// Names of the nodes this one is partitioned from.
    public var partitions: [Name] = []

    public var id: Name { name }

    public init(name: Name, running: Bool) {
        self.name = name
        self.running = running
    }
}

public struct ConnectionRow: Sendable, Equatable, Identifiable {
    public var name: Name
    public var clientName: Name?
    public var user: Name?
    public var vhost: Name?
    public var state: String?
    /// The client's address and port.
    public var peer: String?
    public var channels: Int?
    /// Negotiated heartbeat in seconds, 0 for none.
    public var heartbeat: Int?
    /// Bytes per second that the broker receives and sends.
    public var receiveRate: Double?
    public var sendRate: Double?
    public var protocolName: String?
    public var node: Name?
    public var connectedAt: Date?
    public var tls: Bool?
    /// Product, version and platform that the client tells.
    public var client: String?
    public var channelMax: Int?
    public var frameMax: Int?
    /// The session of the proxy that it passes through; `nil` where it does not, or that is not known.
    public var proxySession: UInt64?

    public var id: Name { name }

    public init(name: Name) {
        self.name = name
    }
}

public struct ChannelRow: Sendable, Equatable, Identifiable {
    public var id: ChannelID
    public var clientName: Name?
    public var user: Name?
    public var vhost: Name?
    public var state: String?
    /// Per-consumer prefetch, 0 for unlimited.
    public var prefetch: Int?
    public var unacked: Int?
    public var unconfirmed: Int?
    public var consumers: Int?
    public var confirm: Bool?
    public var publishRate: Double?
    public var deliverRate: Double?
    public var ackRate: Double?
    public var node: Name?
    /// Whether it is a channel of this process: those are closed through the client library.
    public var local: Bool = false
    public var transactional: Bool?
    public var idleSince: Date?
    /// The session of the proxy that its connection passes through; `nil` where it does not, or that is not known.
    public var proxySession: UInt64?
    /// What the frames tell of it: as fresh as the proxy's last look, where the broker's own figures are seconds old.
    public var proxyUnacked: Int?
    public var proxyUnconfirmed: Int?
    /// False for one that the client has open and the broker closed; `nil` where that is not known.
    public var isKnownToBroker: Bool?
    /// How this channel, or the one before it of its number, ended by an error: `406 PRECONDITION_FAILED`.
    public var lastError: String?

    public init(id: ChannelID) {
        self.id = id
    }
}

public struct ConsumerRow: Sendable, Equatable, Identifiable {
    public var id: ConsumerID
    public var clientName: Name?
    public var prefetch: Int?
    public var ackRequired: Bool?
    public var exclusive: Bool?
    public var active: Bool?
    /// `single_active`, `up` and the like, as the broker says it.
    public var activityStatus: String?
    public var priority: Int?
    public var user: Name?

    public init(id: ConsumerID) {
        self.id = id
    }
}

public struct ExchangeRow: Sendable, Equatable, Identifiable {
    public var id: EntityID
    public var type: String?
    public var durable: Bool?
    public var autoDelete: Bool?
    public var isInternal: Bool?
    /// How many bindings have this exchange as their source; `nil` until the bindings were asked for.
    public var bindingsOut: Int?
    public var publishInRate: Double?
    public var publishOutRate: Double?
    public var policy: Name?

    /// The default exchange has the empty name.
    public var displayName: String { id.name.isEmpty ? "(default)" : id.name.text }

    public init(id: EntityID) {
        self.id = id
    }
}

/// A connection or channel of this process or of the attached one: what the client library knows, beside what the broker
/// says of the same one.
public struct ClientRow: Sendable, Equatable, Identifiable {
    public var id: ClientRowID
    /// The attached process that it belongs to, as people know it: `orders (4242)`; `nil` for this process's own.
    public var process: String?
    /// When the attached process said so; `nil` for this process's own, whose rows are as old as their part.
    public var at: Date?
    /// The connection's name as RabbitMQ shows it.
    public var connection: Name
    /// The name the connection gave itself.
    public var name: Name?
    public var vhost: Name?
    /// The connection's state: `open`, `blocked`, `closed` …
    public var state: String
    public var channel: Int?
    public var channelState: String?
    /// False for a channel that the broker knows on this connection and the client does not.
    public var isHeld = true
    /// Requests that wait for their answer.
    public var inFlight: Int?
    public var unconfirmed: Int?
    public var unacked: Int?
    public var prefetch: Int?
    public var consumers: Int?
    public var lastErrorCode: Int?
    public var lastErrorText: String?
    public var lastErrorAt: Date?
    /// What the broker says of the same channel or connection: its state, unconfirmed and unacked.
    public var brokerState: String?
    public var brokerUnacked: Int?
    public var brokerUnconfirmed: Int?
    public var brokerConsumers: Int?
    /// `nil` while it cannot be told: the broker's figures are missing or older than the row.
    public var brokerAgrees: Bool?
    /// What the two disagree about, in words.
    public var disagreement: String?
    public var published: Int?
    public var confirmed: Int?
    public var delivered: Int?
    public var acked: Int?
    /// The pool that a channel belongs to, by its name.
    public var pool: String?
    /// The channel pools of a connection.
    public var pools: [ClientPool] = []

    public init(id: ClientRowID, connection: Name, state: String) {
        self.id = id
        self.connection = connection
        self.state = state
    }
}
