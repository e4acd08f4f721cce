import Foundation

/// The figures of the whole cluster. Rates are messages per second.
public struct OverviewRow: Sendable, Equatable, Codable {
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

/// The columns of the Overview view, in their order. The raw values are the names for scripts.
public enum OverviewColumn: String, ColumnKey {
    case ready, unacked, messages
    case publishRate = "publish_rate"
    case deliverRate = "deliver_rate"
    case ackRate = "ack_rate"
    case connections, channels, queues, consumers, exchanges, alarms
    case nodesRunning = "nodes_running"
    case nodes
}

extension OverviewRow: TableRow {
    public static func column(_ key: OverviewColumn) -> Column<Self> {
        switch key {
        case .ready:
            Column(key, "READY", .count, width: 9, priority: 1, help: "messages ready for delivery") { row, _ in
                Value(row.ready)
            }
        case .unacked:
            Column(key, "UNACKED", .count, width: 9, priority: 1, help: "messages delivered and not acknowledged") {
                row, _ in Value(row.unacked)
            }
        case .messages:
            Column(key, "MESSAGES", .count, width: 9, priority: 1, help: "ready and unacked") { row, _ in
                Value(row.messages)
            }
        case .publishRate:
            Column(key, "PUB/S", .rate, width: 8, priority: 1, help: "published per second") { row, _ in
                Value(row.publishRate)
            }
        case .deliverRate:
            Column(key, "DELIV/S", .rate, width: 8, priority: 1, help: "delivered per second") { row, _ in
                Value(row.deliverRate)
            }
        case .ackRate:
            Column(key, "ACK/S", .rate, width: 8, priority: 1, help: "acknowledged per second") { row, _ in
                Value(row.ackRate)
            }
        case .connections:
            Column(key, "CONNS", .count, width: 6, priority: 1, help: "connections") { row, _ in Value(row.connections)
            }
        case .channels:
            Column(key, "CHANS", .count, width: 6, priority: 1, help: "channels") { row, _ in Value(row.channels) }
        case .queues:
            Column(key, "QUEUES", .count, width: 6, priority: 1, help: "queues") { row, _ in Value(row.queues) }
        case .consumers:
            Column(key, "CONSUMERS", .count, width: 9, priority: 1, help: "consumers") { row, _ in Value(row.consumers)
            }
        case .exchanges:
            Column(key, "EXCHANGES", .count, width: 9, priority: 1, help: "exchanges") { row, _ in Value(row.exchanges)
            }
        case .alarms:
            Column(
                key, "ALARMS", .list, width: 8, maximumWidth: 40, priority: 1,
                help: "the alarms in force, such as `memory on rabbit@a`"
            ) { row, _ in Value(row.alarms) }
        case .nodesRunning:
            Column(key, "UP", .count, width: 4, priority: 1, help: "nodes that run") { row, _ in Value(row.nodesRunning)
            }
        case .nodes:
            Column(key, "NODES", .count, width: 5, priority: 1, help: "all nodes") { row, _ in Value(row.nodes) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = OverviewColumn.ready
    public static let identity: [OverviewColumn] = []
    public var rowID: RowID { .overview }
    public var searchText: String { "" }
    public func belongs(to scope: Scope) -> Bool { true }
}
