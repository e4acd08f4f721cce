import Foundation
public import Names

/// A consumer of any client.
public struct ConsumerRow: Sendable, Equatable, Identifiable, Codable {
    public var id: ConsumerID
    /// The client-provided name of the connection.
    public var clientName: Name?
    /// The user of the connection; `nil` where the broker does not tell it with the consumer.
    public var user: Name?
    /// What the consumer's channel tells of it; `nil` while the channel is not known.
    public var ofChannel: ChannelFigures?
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
    /// The seconds within which the consumer must acknowledge a delivery, as the broker tells since RabbitMQ 4.0.
    public var timeout: Double?
    /// Messages per second that the queue delivers to the consumer's channel, all of its consumers on this queue
    /// together; known where the details of the channel were asked for and the broker's rates mode is `detailed`.
    public var deliverRate: Double?
    /// The number of messages from the consumer's last delivery to the end of its stream; known of consumers of the
    /// stream protocol, where the plugin rabbitmq_stream_management is enabled.
    public var offsetLag: Int?

    /// Creates a row; everything else is unknown.
    public init(id: ConsumerID) {
        self.id = id
    }

    /// How much of its prefetch is taken by deliveries that are not acknowledged: 1 is all. `nil` when either is not
    /// known, or the prefetch is unlimited.
    public var prefetchUse: Double? {
        guard let unacked = ofChannel?.unacked, let prefetch, prefetch > 0 else { return nil }
        return Double(unacked) / Double(prefetch)
    }
}

/// The columns of the Consumers view, in their order. The raw values are the names for scripts.
public enum ConsumerColumn: String, ColumnKey {
    case vhost, queue
    case clientName = "client_name"
    case tag, connection, channel, user, peer, prefetch, unacked
    case prefetchUse = "prefetch_use"
    case deliverRate = "deliver_rate"
    case ackRate = "ack_rate"
    case idleSince = "idle_since"
    case ackRequired = "ack_required"
    case exclusive, active, priority
    case offsetLag = "offset_lag"
}

extension ConsumerRow: TableRow {
    public static func column(_ key: ConsumerColumn) -> Column<Self> {
        switch key {
        case .vhost:
            Column(key, "VHOST", .text, width: 7, maximumWidth: 20, priority: 4, style: .vhost, help: "virtual host") {
                row, _ in Value(row.id.queue.vhost)
            }
        case .queue:
            Column(key, "QUEUE", .text, width: 16, maximumWidth: 60, priority: 0, style: .queueName, help: "queue") {
                row, _ in Value(row.id.queue.name)
            }
        case .tag:
            Column(key, "TAG", .text, width: 12, maximumWidth: 40, priority: 1, style: .name, help: "consumer tag") {
                row, _ in Value(row.id.tag)
            }
        case .clientName:
            Column(
                key, "APPLICATION", .text, width: 12, maximumWidth: 40, priority: 0, style: .name,
                help: "name that the client gave itself"
            ) { row, _ in Value(row.clientName) }
        case .connection:
            Column(
                key, "CONNECTION", .text, width: 22, maximumWidth: 48, priority: 5, style: .connectionName,
                help: "connection"
            ) { row, _ in Value(row.id.connection) }
        case .channel:
            Column(
                key, "CH", .count, width: 5, priority: 2, style: .name,
                help: "channel number; unknown for AMQP 1.0, MQTT and streams"
            ) { row, _ in Value(row.id.channel?.number) }
        case .user:
            Column(key, "USER", .text, width: 8, maximumWidth: 20, priority: 6, help: "user") { row, _ in
                Value(row.user ?? row.ofChannel?.user)
            }
        case .peer:
            Column(
                key, "PEER", .text, width: 15, maximumWidth: 24, priority: 7, help: "address and port of the client"
            ) { row, _ in Value(row.id.connection?.peer) }
        case .unacked:
            Column(
                key, "UNACKED", .count, width: 7, priority: 1,
                help: "deliveries not acknowledged, where it is the only consumer of its channel"
            ) { row, _ in Value(row.ofChannel?.unacked) }
        case .prefetchUse:
            Column(
                key, "USE", .rate, width: 5, priority: 2,
                help: "part of the prefetch that these deliveries take: 1 is all of it"
            ) { row, _ in Value(row.prefetchUse) }
        case .deliverRate:
            Column(
                key, "DELIV/S", .rate, width: 7, priority: 2,
                help: "delivered per second, where it is told or it is the only consumer of its channel"
            ) { row, _ in Value(row.deliverRate ?? row.ofChannel?.deliverRate) }
        case .ackRate:
            Column(
                key, "ACK/S", .rate, width: 7, priority: 3,
                help: "acknowledged per second, where it is the only consumer of its channel"
            ) { row, _ in Value(row.ofChannel?.ackRate) }
        case .idleSince:
            Column(
                key, "IDLE SINCE", .time, width: 10, priority: 4,
                help: "since when it is idle, where it is the only consumer of its channel"
            ) { row, _ in Value(row.ofChannel?.idleSince) }
        case .prefetch:
            Column(key, "PREF", .count, width: 5, priority: 1, help: "prefetch") { row, _ in
                Value(row.prefetch)
            }
        case .ackRequired:
            Column(key, "ACK", .flag, width: 4, priority: 2, help: "whether deliveries have to be acknowledged") {
                row, _ in Value(row.ackRequired)
            }
        case .exclusive:
            Column(key, "EXCL", .flag, width: 4, priority: 5, help: "whether it is exclusive") { row, _ in
                Value(row.exclusive)
            }
        case .active:
            Column(
                key, "ACTIVE", .flag, width: 6, priority: 3,
                help: "whether it gets messages, with a single active consumer"
            ) { row, _ in Value(row.active) }
        case .priority:
            Column(key, "PRIO", .count, width: 5, priority: 6, help: "priority") { row, _ in Value(row.priority) }
        case .offsetLag:
            Column(
                key, "LAG", .count, width: 7, priority: 7,
                help: "messages to the end of its stream; of stream-protocol consumers, by rabbitmq_stream_management"
            ) { row, _ in Value(row.offsetLag) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = ConsumerColumn.queue
    public static let identity: [ConsumerColumn] = [.queue, .tag, .vhost, .clientName]
    public var rowID: RowID { .consumer(id) }
    public var searchText: String {
        "\(id.queue.name) \(clientName ?? "") \(id.tag) \(id.connection ?? "") \(user ?? "")"
    }
    public var vhostName: Name? { id.queue.vhost }

    public func belongs(to scope: Scope) -> Bool {
        switch scope {
        case .queue(let queue): id.queue == queue
        case .connection(let connection): id.connection == connection
        case .channel(let channel): id.channel == channel
        case .exchange, .node: true
        }
    }
}
