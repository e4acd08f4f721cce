public import Foundation
public import Names

/// A channel of any client.
public struct ChannelRow: Sendable, Equatable, Identifiable, Codable {
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
    /// Messages redelivered per second.
    public var redeliverRate: Double?
    /// Messages per second that reached no queue and were returned to the publisher (`mandatory`).
    public var returnedRate: Double?
    /// Messages per second that reached no queue and were dropped, without a word to the publisher.
    public var droppedRate: Double?
    /// The number of messages returned because they reached no queue, since the channel was opened.
    public var returned: Int?
    /// The number of messages dropped because they reached no queue, since the channel was opened.
    public var dropped: Int?
    /// The prefetch count of the whole channel, 0 for unlimited; `nil` from RabbitMQ 4.0.5, which does not tell it.
    public var globalPrefetch: Int?
    /// The exchanges that the channel publishes to. The broker tells them in a channel's details, and only when its
    /// rates mode is `detailed`; otherwise `nil`.
    public var publishes: [ExchangePublishes]?
    /// The queues that deliver to the channel, under the same conditions.
    public var deliveries: [QueueDeliveries]?
    /// The node that it is on.
    public var node: Name?
    /// Whether the channel belongs to this process: such channels are closed through the client library.
    public var local: Bool = false
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

    /// Messages per second that reached no queue, returned or dropped; `nil` when neither is known.
    public var unroutableRate: Double? {
        guard returnedRate != nil || droppedRate != nil else { return nil }
        return (returnedRate ?? 0) + (droppedRate ?? 0)
    }

    /// The number of messages that reached no queue since the channel was opened; `nil` when it is not known.
    public var unroutable: Int? {
        guard returned != nil || dropped != nil else { return nil }
        return (returned ?? 0).saturatingAdding(dropped ?? 0)
    }
}

/// What a channel publishes to one exchange.
public struct ExchangePublishes: Sendable, Equatable, Codable {
    /// The exchange.
    public var exchange: EntityID
    /// Messages per second; `nil` when it is not known.
    public var rate: Double?

    /// Creates a value.
    public init(exchange: EntityID, rate: Double?) {
        self.exchange = exchange
        self.rate = rate
    }
}

/// What one queue delivers to a channel.
public struct QueueDeliveries: Sendable, Equatable, Codable {
    /// The queue.
    public var queue: EntityID
    /// Messages per second; `nil` when it is not known.
    public var rate: Double?

    /// Creates a value.
    public init(queue: EntityID, rate: Double?) {
        self.queue = queue
        self.rate = rate
    }
}

/// The columns of the Channels view, in their order. The raw values are the names for scripts.
public enum ChannelColumn: String, ColumnKey {
    case connection
    case clientName = "client_name"
    case number, user, peer, vhost, state, prefetch, unacked, unconfirmed, consumers, confirm
    case publishRate = "publish_rate"
    case deliverRate = "deliver_rate"
    case local
    case proxySession = "proxy_session"
    case proxyUnacked = "proxy_unacked"
    case proxyUnconfirmed = "proxy_unconfirmed"
    case lastError = "last_error"
}

extension ChannelRow: TableRow {
    public static func column(_ key: ChannelColumn) -> Column<Self> {
        switch key {
        case .connection:
            Column(
                key, "CONNECTION", .text, width: 22, maximumWidth: 48, priority: 1, style: .connectionName,
                broker: "name", help: "connection"
            ) { row, _ in Value(row.id.connection) }
        case .clientName:
            Column(
                key, "CLIENT NAME", .text, width: 12, maximumWidth: 40, priority: 0, style: .name,
                help: "name that the client gave itself"
            ) { row, _ in Value(row.clientName) }
        case .number:
            Column(key, "CH", .count, width: 5, priority: 0, style: .name, broker: "number", help: "channel number") {
                row, _ in .integer(row.id.number)
            }
        case .user:
            Column(key, "USER", .text, width: 8, maximumWidth: 20, priority: 8, broker: "user", help: "user") {
                row, _ in Value(row.user)
            }
        case .peer:
            Column(
                key, "PEER", .text, width: 15, maximumWidth: 24, priority: 10, help: "address and port of the client"
            ) { row, _ in Value(row.id.connection.peer) }
        case .vhost:
            Column(
                key, "VHOST", .text, width: 6, maximumWidth: 20, priority: 7, style: .vhost, broker: "vhost",
                help: "virtual host"
            ) { row, _ in Value(row.vhost) }
        case .state:
            Column(
                key, "STATE", .text, width: 8, priority: 1, style: .state, broker: "state",
                help: "`running`, `idle`, `flow` …"
            ) { row, _ in Value(row.state) }
        case .prefetch:
            Column(
                key, "PREF", .count, width: 5, priority: 3, style: .quiet, broker: "prefetch_count",
                help: "prefetch per consumer; 0 is unlimited"
            ) { row, _ in Value(row.prefetch) }
        case .unacked:
            Column(
                key, "UNACKED", .count, width: 8, priority: 2, broker: "messages_unacknowledged",
                help: "deliveries not acknowledged"
            ) { row, _ in Value(row.unacked) }
        case .unconfirmed:
            Column(
                key, "UNCONF", .count, width: 7, priority: 4, broker: "messages_unconfirmed",
                help: "publishes not confirmed"
            ) { row, _ in Value(row.unconfirmed) }
        case .consumers:
            Column(key, "CONS", .count, width: 5, priority: 3, broker: "consumer_count", help: "consumers") { row, _ in
                Value(row.consumers)
            }
        case .confirm:
            Column(
                key, "CONF", .flag, width: 4, priority: 9, broker: "confirm", help: "whether publisher confirms are on"
            ) { row, _ in Value(row.confirm) }
        case .publishRate:
            Column(
                key, "PUB/S", .rate, width: 7, priority: 5, broker: "message_stats.publish_details.rate",
                help: "published per second"
            ) { row, _ in Value(row.publishRate) }
        case .deliverRate:
            Column(
                key, "DELIV/S", .rate, width: 7, priority: 5, broker: "message_stats.deliver_get_details.rate",
                help: "delivered per second"
            ) { row, _ in Value(row.deliverRate) }
        case .local:
            Column(
                key, "OURS", .flag, width: 4, priority: 6, help: "whether it is a channel of rabbittop's own process"
            ) { row, _ in .flag(row.local) }
        case .proxySession:
            Column(key, "PROXY", .count, width: 5, priority: 8, help: "session of the proxy") { row, _ in
                Value(row.proxySession.map { Int(clamping: $0) })
            }
        case .proxyUnacked:
            Column(key, "P-UNACK", .count, width: 7, priority: 8, help: "unacked, as the proxy counts") { row, _ in
                Value(row.proxyUnacked)
            }
        case .proxyUnconfirmed:
            Column(key, "P-UNCONF", .count, width: 8, priority: 9, help: "unconfirmed, as the proxy counts") { row, _ in
                Value(row.proxyUnconfirmed)
            }
        case .lastError:
            Column(
                key, "LAST ERROR", .text, width: 10, maximumWidth: 28, priority: 7,
                help: "error that ended this channel, or the one before it with its number"
            ) { row, _ in Value(row.lastError) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = ChannelColumn.connection
    public static let identity: [ChannelColumn] = [.clientName, .number, .connection]
    public var rowID: RowID { .channel(id) }
    public var searchText: String { "\(id.name) \(clientName ?? "") \(user ?? "")" }
    public var vhostName: Name? { vhost }

    public func belongs(to scope: Scope) -> Bool {
        switch scope {
        case .connection(let connection): id.connection == connection
        case .channel(let channel): id == channel
        case .node(let node): self.node == node
        case .queue, .exchange: true
        }
    }
}
