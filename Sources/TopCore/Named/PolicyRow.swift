import Foundation
public import Names

/// A policy or an operator policy, with the objects that it applies to.
public struct PolicyRow: Sendable, Equatable {
    /// An object whose name a policy's pattern matches.
    public struct Match: Sendable, Equatable {
        /// The name of the queue or exchange.
        public var name: Name
        /// Whether it is an exchange.
        public var isExchange: Bool
        /// The policy of the same kind that is in force there; `nil` for none.
        public var effective: Name?

        /// Creates a match.
        public init(name: Name, isExchange: Bool, effective: Name?) {
            self.name = name
            self.isExchange = isExchange
            self.effective = effective
        }
    }

    /// The vhost.
    public var vhost: Name
    /// The name.
    public var name: Name
    /// Whether it is an operator policy, which is merged with the policy of a queue.
    public var isOperator: Bool
    /// The regular expression that names must match.
    public var pattern: Name
    /// The kind of objects: `queues`, `exchanges`, `all` …
    public var appliesTo: String?
    /// The priority; of several that match, the highest applies.
    public var priority: Int?
    /// The definition as JSON.
    public var definition: Name
    /// The definition as it can be typed; `nil` if that is not known, or a value is a list or an object.
    public var settings: [NamedSetting]?
    /// The number of queues on which it is in force; `nil` while that is not known.
    public var queues: Int?
    /// The number of exchanges on which it is in force.
    public var exchanges: Int?
    /// The number of objects that it matches and on which another policy is in force.
    public var overridden: Int?
    /// Some of the objects that it matches, those on which it is in force first.
    public var matches: [Match] = []

    /// Creates a policy that matches nothing known.
    public init(vhost: Name, name: Name, isOperator: Bool = false, pattern: Name, definition: Name) {
        self.vhost = vhost
        self.name = name
        self.isOperator = isOperator
        self.pattern = pattern
        self.definition = definition
    }
}

/// The columns of the Policies view, in their order. The raw values are the names for scripts.
public enum PolicyColumn: String, ColumnKey {
    case vhost, name, kind, pattern
    case appliesTo = "applies_to"
    case priority, queues, exchanges, overridden, definition
}

extension PolicyRow: TableRow {
    public static func column(_ key: PolicyColumn) -> Column<Self> {
        switch key {
        case .vhost:
            Column(
                key, "VHOST", .text, width: 6, maximumWidth: 20, priority: 3, style: .vhost, tier: .bulk,
                help: "virtual host"
            ) { row, _ in Value(row.vhost) }
        case .name:
            Column(
                key, "NAME", .text, width: 12, maximumWidth: 40, priority: 0, style: .name, tier: .bulk, help: "name"
            ) { row, _ in Value(row.name) }
        case .kind:
            Column(
                key, "KIND", .text, width: 8, priority: 4, tier: .bulk,
                help: "`policy`, or `operator`: set by an operator and merged with the policy"
            ) { row, _ in .text(row.isOperator ? "operator" : "policy") }
        case .pattern:
            Column(
                key, "PATTERN", .text, width: 12, maximumWidth: 40, priority: 1, style: .name, tier: .bulk,
                help: "regular expression that names must match"
            ) { row, _ in Value(row.pattern) }
        case .appliesTo:
            Column(
                key, "OF", .text, width: 9, maximumWidth: 14, priority: 3, tier: .bulk,
                help: "kind of objects: `queues`, `exchanges`, `all` …"
            ) { row, _ in Value(row.appliesTo) }
        case .priority:
            Column(
                key, "PRIO", .count, width: 5, priority: 2, tier: .bulk,
                help: "priority: of several that match, the highest applies"
            ) { row, _ in Value(row.priority) }
        case .queues:
            Column(
                key, "QUEUES", .count, width: 7, priority: 1, tier: .bulk, help: "queues on which it is in force"
            ) { row, _ in Value(row.queues) }
        case .exchanges:
            Column(
                key, "EXCH", .count, width: 5, priority: 2, tier: .bulk, help: "exchanges on which it is in force"
            ) { row, _ in Value(row.exchanges) }
        case .overridden:
            Column(
                key, "OTHER", .count, width: 5, priority: 2, tier: .bulk,
                help: "queues and exchanges that it matches and where another policy is in force"
            ) { row, _ in Value(row.overridden) }
        case .definition:
            Column(
                key, "DEFINITION", .text, width: 14, maximumWidth: 120, priority: 1, tier: .bulk,
                help: "what it sets, as JSON"
            ) { row, _ in Value(row.definition) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = PolicyColumn.name
    public static let identity: [PolicyColumn] = [.name, .vhost]
    public var rowID: RowID {
        .named(NamedRowID(.policies, vhost: vhost, name: name, more: isOperator ? "operator" : ""))
    }
    public var searchText: String { "\(name) \(pattern)" }
    public var vhostName: Name? { vhost }
    public func belongs(to scope: Scope) -> Bool { true }
}
