import Foundation
public import Names

/// A virtual host with its state, its limits and its messages.
public struct VhostRow: Sendable, Equatable {
    /// The name.
    public var name: Name
    /// The state: `running`, or that of the nodes where it does not run; `nil` when it is not known.
    public var state: String?
    /// Whether its messages are traced (the firehose).
    public var isTracing: Bool?
    /// Ready and unacknowledged messages.
    public var messages: Int?
    /// Messages ready for delivery.
    public var ready: Int?
    /// Messages delivered and not yet acknowledged.
    public var unacked: Int?
    /// Messages published per second.
    public var publishRate: Double?
    /// Messages delivered or fetched per second.
    public var deliverRate: Double?
    /// The highest number of connections; `nil` for no limit, or when that is not known.
    public var maxConnections: Int?
    /// The highest number of queues; `nil` for no limit, or when that is not known.
    public var maxQueues: Int?
    /// The type of queues that are declared without one.
    public var defaultQueueType: String?
    /// The tags.
    public var tags: [String] = []
    /// The description.
    public var description: String?

    /// Creates a row; everything else is unknown.
    public init(name: Name) {
        self.name = name
    }
}

/// The columns of the Vhosts view, in their order. The raw values are the names for scripts.
public enum VhostColumn: String, ColumnKey {
    case name, state, tracing, messages, ready, unacked
    case publishRate = "publish_rate"
    case deliverRate = "deliver_rate"
    case maxConnections = "max_connections"
    case maxQueues = "max_queues"
    case defaultQueueType = "default_queue_type"
    case tags, description
}

extension VhostRow: TableRow {
    public static func column(_ key: VhostColumn) -> Column<Self> {
        switch key {
        case .name:
            Column(
                key, "NAME", .text, width: 14, maximumWidth: 40, priority: 0, style: .name, tier: .bulk, help: "name"
            ) { row, _ in Value(row.name) }
        case .state:
            Column(
                key, "STATE", .text, width: 9, maximumWidth: 30, priority: 1, style: .state, tier: .bulk,
                help: "`running`, or where it does not run and why"
            ) { row, _ in Value(row.state) }
        case .tracing:
            Column(
                key, "TRACED", .flag, width: 6, priority: 1, tier: .bulk,
                help: "whether its messages are traced (the firehose), which costs a copy of each"
            ) { row, _ in Value(row.isTracing) }
        case .messages:
            Column(
                key, "MESSAGES", .count, width: 9, priority: 3, tier: .bulk, help: "ready and unacknowledged messages"
            ) { row, _ in Value(row.messages) }
        case .ready:
            Column(key, "READY", .count, width: 9, priority: 1, tier: .bulk, help: "messages ready for delivery") {
                row, _ in Value(row.ready)
            }
        case .unacked:
            Column(key, "UNACKED", .count, width: 8, priority: 1, tier: .bulk, help: "messages not acknowledged") {
                row, _ in Value(row.unacked)
            }
        case .publishRate:
            Column(key, "PUB/S", .rate, width: 7, priority: 2, tier: .bulk, help: "published per second") { row, _ in
                Value(row.publishRate)
            }
        case .deliverRate:
            Column(key, "DELIV/S", .rate, width: 7, priority: 2, tier: .bulk, help: "delivered per second") { row, _ in
                Value(row.deliverRate)
            }
        case .maxConnections:
            Column(
                key, "MAX CONNS", .count, width: 9, priority: 2, tier: .bulk, help: "most connections; unknown for none"
            ) { row, _ in Value(row.maxConnections) }
        case .maxQueues:
            Column(
                key, "MAX QUEUES", .count, width: 10, priority: 2, tier: .bulk, help: "most queues; unknown for none"
            ) { row, _ in Value(row.maxQueues) }
        case .defaultQueueType:
            Column(
                key, "DEFAULT TYPE", .text, width: 12, priority: 4, tier: .bulk,
                help: "type of queues that are declared without one"
            ) { row, _ in Value(row.defaultQueueType) }
        case .tags:
            Column(key, "TAGS", .list, width: 8, maximumWidth: 24, priority: 5, tier: .bulk, help: "tags") { row, _ in
                .list(row.tags)
            }
        case .description:
            Column(
                key, "DESCRIPTION", .text, width: 12, maximumWidth: 60, priority: 5, tier: .bulk, help: "description"
            ) { row, _ in Value(row.description) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = VhostColumn.name
    public static let identity: [VhostColumn] = [.name]
    public var rowID: RowID { .named(NamedRowID(.vhosts, vhost: name, name: name)) }
    public var searchText: String { "\(name) \(tags.joined(separator: " ")) \(description ?? "")" }
    public var vhostName: Name? { name }
    public func belongs(to scope: Scope) -> Bool { true }
}
