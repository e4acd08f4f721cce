import Foundation
public import Names

/// A binding from an exchange to a queue or to another exchange.
public struct BindingRow: Sendable, Equatable {
    /// What a binding leads to.
    public enum Destination: String, Sendable {
        case queue, exchange
    }

    /// The vhost.
    public var vhost: Name
    /// The exchange that messages come from.
    public var source: Name
    /// What kind of object messages go to.
    public var destinationKind: Destination
    /// The name of the queue or exchange that messages go to.
    public var destination: Name
    /// The routing key.
    public var routingKey: Name
    /// The arguments as JSON; empty for none.
    public var arguments: Name

    /// Creates a binding.
    public init(
        vhost: Name, source: Name, destinationKind: Destination, destination: Name, routingKey: Name,
        arguments: Name = ""
    ) {
        self.vhost = vhost
        self.source = source
        self.destinationKind = destinationKind
        self.destination = destination
        self.routingKey = routingKey
        self.arguments = arguments
    }

    /// The exchange's name on the screen.
    public var sourceName: String { source.isEmpty ? "(default)" : source.text }

    /// The row of the queue or exchange that the binding leads to.
    public var target: RowID {
        let id = EntityID(vhost: vhost, name: destination)
        return switch destinationKind {
        case .queue: .queue(id)
        case .exchange: .exchange(id)
        }
    }
}

/// The columns of the Bindings view, in their order. The raw values are the names for scripts.
public enum BindingColumn: String, ColumnKey {
    case vhost, source
    case destinationKind = "destination_type"
    case destination
    case routingKey = "routing_key"
    case arguments
}

extension BindingRow: TableRow {
    public static func column(_ key: BindingColumn) -> Column<Self> {
        switch key {
        case .vhost:
            Column(
                key, "VHOST", .text, width: 6, maximumWidth: 20, priority: 3, style: .vhost, tier: .bulk,
                help: "virtual host"
            ) { row, _ in Value(row.vhost) }
        case .source:
            Column(
                key, "EXCHANGE", .text, width: 14, maximumWidth: 60, priority: 0, style: .name, tier: .bulk,
                help: "exchange that messages come from; the default exchange has the empty name"
            ) { row, _ in Value(row.source) }
        case .destinationKind:
            Column(key, "TO", .text, width: 8, priority: 1, tier: .bulk, help: "`queue` or `exchange`") { row, _ in
                .text(row.destinationKind.rawValue)
            }
        case .destination:
            Column(
                key, "DESTINATION", .text, width: 14, maximumWidth: 60, priority: 0, style: .name, tier: .bulk,
                help: "queue or exchange that messages go to"
            ) { row, _ in Value(row.destination) }
        case .routingKey:
            Column(
                key, "ROUTING KEY", .text, width: 12, maximumWidth: 60, priority: 1, style: .name, tier: .bulk,
                help: "routing key or pattern"
            ) { row, _ in Value(row.routingKey) }
        case .arguments:
            Column(
                key, "ARGUMENTS", .text, width: 10, maximumWidth: 80, priority: 4, tier: .bulk,
                help: "arguments as JSON, such as those that a headers exchange compares"
            ) { row, _ in row.arguments.isEmpty ? .none : Value(row.arguments) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = BindingColumn.source
    public static let identity: [BindingColumn] = [.source, .destination, .vhost]
    public var rowID: RowID {
        let parts = [source, Name(destinationKind.rawValue), destination, routingKey, arguments]
        return .named(NamedRowID(.bindings, vhost: vhost, name: source, more: Name(joining: parts)))
    }
    public var searchText: String { "\(sourceName) \(destination) \(routingKey)" }
    public var vhostName: Name? { vhost }

    public func belongs(to scope: Scope) -> Bool {
        switch scope {
        case .queue(let id): destinationKind == .queue && destination == id.name && vhost == id.vhost
        case .exchange(let id):
            vhost == id.vhost
                && (source == id.name || (destinationKind == .exchange && destination == id.name))
        case .connection, .channel, .node: true
        }
    }
}

extension Name {
    /// Creates a name that differs whenever one of the parts does: each part is preceded by its length.
    init(joining parts: [Name]) {
        self.init(bytes: parts.flatMap { Array("\($0.bytes.count):".utf8) + Array($0.bytes) })
    }
}
