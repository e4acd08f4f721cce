public import Names

extension RoutingModel {
    /// An exchange.
    public struct Exchange: Sendable, Hashable {
        /// The exchange's name.
        public var name: Name
        /// The exchange's type, as the broker names it.
        public var type: Name
        /// How it chooses among its bindings.
        public var kind: Kind
        /// The alternate exchange, which receives messages for which this exchange has no matching binding.
        public var alternate: Setting
        /// Whether clients cannot publish to it.
        public var isInternal = false

        /// Creates an exchange of a type that AMQP defines.
        public init(_ name: some NameConvertible, _ kind: Kind, alternate: Name? = nil) {
            self.name = name.asName
            self.kind = kind
            self.type = kind.typeName
            self.alternate = alternate.map(Setting.name) ?? .none
        }

        /// Creates an exchange of any type.
        public init(
            _ name: some NameConvertible, type: Name, arguments: HeaderTable = [:], alternate: Setting = .none,
            isInternal: Bool = false
        ) {
            self.name = name.asName
            self.type = type
            kind = Kind(type: type, arguments: arguments)
            self.alternate = alternate
            self.isInternal = isInternal
        }
    }

    /// A queue.
    public struct Queue: Sendable, Hashable, ExpressibleByStringLiteral {
        /// The queue's name.
        public var name: Name
        /// The exchange that dead letters go to; empty is the default exchange.
        public var deadLetterExchange: Setting
        /// The routing key that dead letters get instead of their own.
        public var deadLetterKey: Setting

        /// Creates a queue.
        public init(
            _ name: some NameConvertible, deadLetterExchange: Setting = .none, deadLetterKey: Setting = .none
        ) {
            self.name = name.asName
            self.deadLetterExchange = deadLetterExchange
            self.deadLetterKey = deadLetterKey
        }

        /// Creates a queue whose dead letters go nowhere.
        public init(stringLiteral name: String) { self.init(name) }
    }

    /// A binding of a queue or an exchange to an exchange.
    public struct Binding: Sendable, Hashable {
        /// The exchange that the binding starts from.
        public var source: Name
        /// The bound queue or exchange.
        public var destination: Destination
        /// The binding key.
        public var key: Name
        /// The arguments, which a headers exchange matches.
        public var arguments: HeaderTable

        /// Creates a binding.
        public init(
            from source: some NameConvertible, to destination: Destination, key: some NameConvertible = "",
            arguments: HeaderTable = [:]
        ) {
            self.source = source.asName
            self.destination = destination
            self.key = key.asName
            self.arguments = arguments
        }
    }
}

extension RoutingModel.Binding: Comparable {
    /// Orders bindings by source, destination, key and arguments.
    public static func < (one: Self, other: Self) -> Bool {
        if one.source != other.source { return one.source < other.source }
        if one.destination != other.destination { return one.destination < other.destination }
        if one.key != other.key { return one.key < other.key }
        if one.arguments == other.arguments { return false }
        return one.arguments.order < other.arguments.order
    }
}

extension HeaderTable {
    /// A name by which tables are put in order.
    fileprivate var order: Name {
        Name(
            bytes: Array(entries.map { "\($0.name.text)=\($0.value.typeName) \($0.value)" }.joined(separator: ",").utf8)
        )
    }
}
