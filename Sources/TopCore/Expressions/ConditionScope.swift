import Names

/// A name that a condition can use, and the kind of its values.
public struct ConditionName: Sendable, Hashable {
    /// The name: letters, digits and `_`, beginning with a letter.
    public var name: String
    /// The kind of the values.
    public var kind: ColumnKind

    /// Creates a name.
    public init(_ name: String, _ kind: ColumnKind) {
        self.name = name
        self.kind = kind
    }
}

/// What the names in a condition stand for.
public enum ConditionScope: Sendable {
    /// The columns of a row; `of` says whose, for messages: `queues`.
    case row([ConditionName], of: String)
    /// Objects of a broker: `queue.orders.ready`, `overview.connections`, `count(queues where …)`.
    case broker

    /// The columns of a view's rows.
    public static func columns(of view: ViewID) -> Self { .row(view.conditionNames, of: view.rawValue) }

    /// The views whose rows can be counted and whose objects can be named: those that the broker lists.
    public static let listedViews: [ViewID] = [.queues, .connections, .channels, .consumers, .exchanges, .nodes]

    /// The words that begin a name.
    var words: [String] {
        switch self {
        case .row(let names, _): names.map(\.name)
        case .broker: ConditionObject.Kind.allCases.map(\.rawValue)
        }
    }
}

extension TableRow {
    /// The names that a condition on such rows can use: the keys of the columns.
    static var conditionNames: [ConditionName] {
        columns.map { ConditionName($0.key.rawValue, $0.kind) }
    }
}
