import Foundation
public import Names

/// An exchange.
public struct ExchangeRow: Sendable, Equatable, Identifiable, Codable {
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

/// The columns of the Exchanges view, in their order. The raw values are the names for scripts.
public enum ExchangeColumn: String, ColumnKey {
    case vhost, name, type, durable
    case autoDelete = "auto_delete"
    case isInternal = "internal"
    case bindingsOut = "bindings_out"
    case publishInRate = "publish_in_rate"
    case publishOutRate = "publish_out_rate"
    case policy
}

extension ExchangeRow: TableRow {
    public static func column(_ key: ExchangeColumn) -> Column<Self> {
        switch key {
        case .vhost:
            Column(
                key, "VHOST", .text, width: 7, maximumWidth: 24, priority: 2, style: .vhost, broker: "vhost",
                help: "virtual host"
            ) { row, _ in Value(row.id.vhost) }
        case .name:
            Column(
                key, "NAME", .text, width: 16, maximumWidth: 80, priority: 0, style: .name, broker: "name",
                help: "name; the default exchange has the empty name"
            ) { row, _ in Value(row.id.name) }
        case .type:
            Column(key, "TYPE", .text, width: 8, maximumWidth: 20, priority: 1, broker: "type", help: "type") {
                row, _ in Value(row.type)
            }
        case .durable:
            Column(key, "DUR", .flag, width: 4, priority: 4, broker: "durable", help: "whether it survives a restart") {
                row, _ in Value(row.durable)
            }
        case .autoDelete:
            Column(
                key, "AUTO", .flag, width: 4, priority: 5, broker: "auto_delete",
                help: "whether it goes with its last binding"
            ) { row, _ in Value(row.autoDelete) }
        case .isInternal:
            Column(
                key, "INT", .flag, width: 4, priority: 6, broker: "internal",
                help: "whether clients cannot publish to it"
            ) { row, _ in Value(row.isInternal) }
        case .bindingsOut:
            Column(key, "BINDINGS", .count, width: 8, priority: 2, help: "bindings that begin here") { row, _ in
                Value(row.bindingsOut)
            }
        case .publishInRate:
            Column(
                key, "IN/S", .rate, width: 7, priority: 3, broker: "message_stats.publish_in_details.rate",
                help: "messages published to it per second"
            ) { row, _ in Value(row.publishInRate) }
        case .publishOutRate:
            Column(
                key, "OUT/S", .rate, width: 7, priority: 3, broker: "message_stats.publish_out_details.rate",
                help: "messages routed from it per second"
            ) { row, _ in Value(row.publishOutRate) }
        case .policy:
            Column(
                key, "POLICY", .text, width: 8, maximumWidth: 24, priority: 7, broker: "policy", help: "policy in force"
            ) { row, _ in Value(row.policy) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = ExchangeColumn.name
    public static let identity: [ExchangeColumn] = [.name, .vhost]
    public var rowID: RowID { .exchange(id) }
    public var searchText: String { displayName }
    public var vhostName: Name? { id.vhost }

    public func belongs(to scope: Scope) -> Bool {
        if case .exchange(let exchange) = scope { id == exchange } else { true }
    }
}
