public import Foundation
public import Names

/// A stream: a queue of type stream, with its segments and the lag of its consumers.
public struct StreamRow: Sendable, Equatable {
    /// The vhost and the name.
    public var id: EntityID
    /// The state as RabbitMQ names it.
    public var state: String?
    /// The node of the leader.
    public var leader: Name?
    /// The nodes that have a copy, and those of them that are online.
    public var members: Int?
    public var online: Int?
    /// The number of messages in the stream.
    public var messages: Int?
    /// The number of segment files.
    public var segments: Int?
    /// When the oldest message was published.
    public var oldestAt: Date?
    /// The number of consumers by AMQP.
    public var consumers: Int?
    /// The number of messages from the slowest consumer of the stream protocol to the end.
    public var lag: Int?
    /// The connection of that consumer.
    public var lagConnection: Name?
    /// The offset that it was last delivered.
    public var lagOffset: Int?
    /// The offset of the oldest message that is kept, and of the last one; `nil` when they are not known.
    public var firstOffset: Int?
    public var lastOffset: Int?
    /// From what the lag and the offsets are known, in words; `nil` when they are not.
    public var offsetSource: String?
    /// Consumers of the stream protocol, those that are farthest behind first: at most ``mostReaders``.
    public var readers: [Reader] = []
    /// The number of consumers of the stream protocol; `nil` when it is not known.
    public var readerCount: Int?
    /// Messages published per second.
    public var publishRate: Double?
    /// The arguments that limit its size or age, in words.
    public var retention: String?

    /// A consumer of the stream protocol.
    public struct Reader: Sendable, Equatable {
        /// The connection; `nil` while it is new.
        public var connection: Name?
        /// The number that the client gave its subscription.
        public var subscription: Int?
        /// The offset of the message that was last delivered; `nil` when it is not known.
        public var offset: Int?
        /// The number of messages from there to the end; `nil` when it is not known.
        public var lag: Int?

        /// Creates a consumer.
        public init(connection: Name?, subscription: Int?, offset: Int?, lag: Int?) {
            self.connection = connection
            self.subscription = subscription
            self.offset = offset
            self.lag = lag
        }
    }

    /// The most consumers of one stream that are listed.
    public static let mostReaders = 50

    /// Creates a row; everything else is unknown.
    public init(id: EntityID) {
        self.id = id
    }
}

/// The columns of the Streams view, in their order. The raw values are the names for scripts.
public enum StreamColumn: String, ColumnKey {
    case vhost, name, state, leader, members, online, messages, segments
    case firstOffset = "first_offset"
    case lastOffset = "last_offset"
    case oldestAt = "oldest_at"
    case publishRate = "publish_rate"
    case consumers
    case lag = "offset_lag"
    case lagOffset = "consumer_offset"
    case lagConnection = "lag_connection"
    case retention
    case offsetSource = "offset_source"
}

extension StreamRow: TableRow {
    public static func column(_ key: StreamColumn) -> Column<Self> {
        switch key {
        case .vhost:
            Column(
                key, "VHOST", .text, width: 6, maximumWidth: 20, priority: 3, style: .vhost, tier: .bulk,
                help: "virtual host"
            ) { row, _ in Value(row.id.vhost) }
        case .name:
            Column(
                key, "NAME", .text, width: 16, maximumWidth: 80, priority: 0, style: .name, tier: .bulk, help: "name"
            ) { row, _ in Value(row.id.name) }
        case .state:
            Column(
                key, "STATE", .text, width: 8, priority: 2, style: .state, tier: .bulk, help: "state as RabbitMQ says"
            ) { row, _ in Value(row.state) }
        case .leader:
            Column(
                key, "LEADER", .text, width: 10, maximumWidth: 32, priority: 6, tier: .bulk, help: "node of the leader"
            ) { row, _ in Value(row.leader) }
        case .members:
            Column(key, "MEMBERS", .count, width: 7, priority: 5, tier: .bulk, help: "nodes that have a copy") {
                row, _ in Value(row.members)
            }
        case .online:
            Column(key, "ONLINE", .count, width: 6, priority: 4, tier: .bulk, help: "members that are online") {
                row, _ in Value(row.online)
            }
        case .messages:
            Column(key, "MESSAGES", .count, width: 10, priority: 0, tier: .bulk, help: "messages in the stream") {
                row, _ in Value(row.messages)
            }
        case .segments:
            Column(
                key, "SEGMENTS", .count, width: 8, priority: 1, tier: .bulk, help: "segment files; from RabbitMQ 3.11"
            ) { row, _ in Value(row.segments) }
        case .firstOffset:
            Column(
                key, "FIRST", .count, width: 10, priority: 3, tier: .bulk,
                help: "offset of the oldest message, calculated from the last one and the number of messages"
            ) { row, _ in Value(row.firstOffset) }
        case .lastOffset:
            Column(
                key, "LAST", .count, width: 10, priority: 2, tier: .bulk,
                help: "offset of the last message, calculated from a stream-protocol consumer's offset and its lag"
            ) { row, _ in Value(row.lastOffset) }
        case .offsetSource:
            Column(
                key, "OFFSETS FROM", .text, width: 12, priority: nil, tier: .bulk,
                help: "from what lag and offsets are known"
            ) { row, _ in Value(row.offsetSource) }
        case .oldestAt:
            Column(
                key, "OLDEST", .time, width: 10, priority: 3, tier: .bulk,
                help: "when the oldest message was published; from RabbitMQ 4.3"
            ) { row, _ in Value(row.oldestAt) }
        case .publishRate:
            Column(key, "PUB/S", .rate, width: 7, priority: 2, tier: .bulk, help: "published per second") { row, _ in
                Value(row.publishRate)
            }
        case .consumers:
            Column(key, "CONS", .count, width: 5, priority: 1, tier: .bulk, help: "consumers") { row, _ in
                Value(row.consumers)
            }
        case .lag:
            Column(
                key, "LAG", .count, width: 9, priority: 1, tier: .bulk,
                help: "messages from its slowest stream-protocol consumer to the end, by rabbitmq_stream_management"
            ) { row, _ in Value(row.lag) }
        case .lagOffset:
            Column(
                key, "OFFSET", .count, width: 10, priority: 2, tier: .bulk,
                help: "offset last delivered to that consumer"
            ) { row, _ in Value(row.lagOffset) }
        case .lagConnection:
            Column(
                key, "SLOWEST", .text, width: 22, maximumWidth: 48, priority: 4, style: .connectionName, tier: .bulk,
                help: "connection of that consumer"
            ) { row, _ in Value(row.lagConnection) }
        case .retention:
            Column(
                key, "RETENTION", .text, width: 10, maximumWidth: 40, priority: 5, tier: .bulk,
                help: "limits of size and age, as arguments or policy say"
            ) { row, _ in Value(row.retention) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = StreamColumn.name
    public static let identity: [StreamColumn] = [.name, .vhost]
    /// That of the queue: its details and charts are those of the queue.
    public var rowID: RowID { .queue(id) }
    public var searchText: String { id.name.text }
    public var vhostName: Name? { id.vhost }

    public func belongs(to scope: Scope) -> Bool {
        if case .queue(let queue) = scope { id == queue } else { true }
    }
}
