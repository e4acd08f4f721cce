public import Names

/// A condition on the rows of a view, or on a broker: `ready > 10k and consumers = 0`.
///
/// The grammar is in `docs/guide/expressions.md`. A condition is checked when it is read: names exist, and both sides
/// of a comparison are of one kind. What it says of given values is asked of a `ConditionEvaluator`.
public struct Condition: Sendable, Equatable {
    /// The longest text that is read, in bytes of UTF-8.
    public static let longest = 2_000
    /// How deep parentheses and negations may be nested.
    static let deepest = 32
    /// The most operators of one condition.
    static let mostOperators = 200

    /// A value that a condition asks for.
    public enum Field: Sendable, Hashable {
        /// A column of the row.
        case column(String)
        /// A column of one object of a broker.
        case object(ConditionObject, column: String)
        /// A number of rows of a view.
        case count(CountedRows)
    }

    /// A field, with the kind of its values and the text that names it in the condition.
    public struct Use: Sendable, Hashable {
        public var field: Field
        public var kind: ColumnKind
        /// As it is written in the condition.
        public var text: Name
    }

    /// The condition as it was typed.
    public let source: Name
    /// What is asked for, each field once.
    public let uses: [Use]
    let root: ConditionNode
    /// The regular expressions; the tree has their indices.
    let patterns: [Name]

    /// Reads a condition.
    ///
    /// - Throws: Where the text is wrong, and what was expected there.
    public init(_ text: String, in scope: ConditionScope) throws(ConditionError) {
        var parser = ConditionParser(text, in: scope)
        self = try parser.condition()
    }

    init(source: Name, uses: [Use], root: ConditionNode, patterns: [Name]) {
        self.source = source
        self.uses = uses
        self.root = root
        self.patterns = patterns
    }

    /// Whether the answer can change with the time alone: it asks for the present, or for an age.
    public var dependsOnTime: Bool {
        root.hasNow
            || uses.contains { use in
                if case .count(let rows) = use.field, rows.condition?.dependsOnTime == true { return true }
                return use.kind == .duration
            }
    }
}

/// One object of a broker that a condition names: `queue.orders`, `node.rabbit@a`, `overview`.
public struct ConditionObject: Sendable, Hashable {
    /// What can be named.
    public enum Kind: String, Sendable, CaseIterable {
        case overview, queue, connection, channel, exchange, node

        /// The view that has a row for the object.
        public var view: ViewID {
            switch self {
            case .overview: .overview
            case .queue: .queues
            case .connection: .connections
            case .channel: .channels
            case .exchange: .exchanges
            case .node: .nodes
            }
        }

        /// Whether the object's name is unique only within a vhost.
        var isInVhost: Bool {
            switch self {
            case .queue, .exchange: true
            case .overview, .connection, .channel, .node: false
            }
        }
    }

    /// The kind of the object.
    public var kind: Kind
    /// The vhost; `nil` when the condition does not name one.
    public var vhost: Name?
    /// The name; empty for the overview.
    public var name: Name

    /// Names an object.
    public init(_ kind: Kind, vhost: Name? = nil, name: Name = "") {
        self.kind = kind
        self.vhost = vhost
        self.name = name
    }
}

/// The rows that `count(…)` counts.
public struct CountedRows: Sendable, Hashable {
    /// The view whose rows are counted.
    public var view: ViewID
    /// Which of its rows are counted; `nil` for all.
    public var condition: Condition?
}

extension Condition: Hashable {
    public func hash(into hasher: inout Hasher) { hasher.combine(source) }
}

/// What a condition says, as a tree.
indirect enum ConditionNode: Sendable, Equatable {
    enum Arithmetic: Sendable { case plus, minus, times, dividedBy }
    enum Comparison: Sendable { case equal, unequal, less, lessOrEqual, greater, greaterOrEqual }

    case number(Double)
    case text(Name)
    case flag(Bool)
    /// The present, in seconds since 1970.
    case now
    /// A value, by its index in `Condition.uses`.
    case field(Int)
    case negative(ConditionNode)
    case arithmetic(Arithmetic, ConditionNode, ConditionNode)
    case comparison(Comparison, ConditionNode, ConditionNode)
    /// A text or list, and a regular expression by its index in `Condition.patterns`.
    case match(ConditionNode, pattern: Int)
    /// A flag that is true, or a list that has elements.
    case holds(ConditionNode)
    case known(ConditionNode)
    case not(ConditionNode)
    case allOf([ConditionNode])
    case oneOf([ConditionNode])

    /// Whether the present is part of it.
    var hasNow: Bool {
        switch self {
        case .now: true
        case .number, .text, .flag, .field: false
        case .negative(let node), .holds(let node), .known(let node), .not(let node), .match(let node, _): node.hasNow
        case .arithmetic(_, let left, let right), .comparison(_, let left, let right): left.hasNow || right.hasNow
        case .allOf(let nodes), .oneOf(let nodes): nodes.contains(where: \.hasNow)
        }
    }
}
