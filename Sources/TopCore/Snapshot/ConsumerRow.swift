import Foundation
public import Names

/// A consumer of any client.
public struct ConsumerRow: Sendable, Equatable, Identifiable, Codable {
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
}

/// The columns of the Consumers view, in their order. The raw values are the names for scripts.
public enum ConsumerColumn: String, ColumnKey {
    case vhost, queue, tag, connection, channel, prefetch
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
        case .connection:
            Column(
                key, "CONNECTION", .text, width: 22, maximumWidth: 48, priority: 3, style: .connectionName,
                help: "connection"
            ) { row, _ in Value(row.id.connection) }
        case .channel:
            Column(
                key, "CH", .count, width: 5, priority: 2, style: .name,
                help: "channel number; unknown for AMQP 1.0, MQTT and streams"
            ) { row, _ in Value(row.id.channel?.number) }
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
    public static let identity: [ConsumerColumn] = [.queue, .tag, .vhost]
    public var rowID: RowID { .consumer(id) }
    public var searchText: String { "\(id.queue.name) \(id.tag) \(id.connection ?? "")" }
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
