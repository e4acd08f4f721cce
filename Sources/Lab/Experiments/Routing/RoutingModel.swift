import AMQPWire
import Names
import RabbitMQClient

/// Exchanges, queues and bindings of a virtual host, and how they route a message: a model without a broker.
public struct RoutingModel: Sendable, Hashable {
    /// The type of an exchange.
    public enum Kind: String, Sendable, Hashable {
        case direct, fanout, topic, headers
    }

    /// An exchange.
    public struct Exchange: Sendable, Hashable {
        /// The exchange's name.
        public var name: Name
        /// The exchange's type.
        public var kind: Kind
        /// The alternate exchange, which receives messages for which this exchange has no matching binding.
        public var alternate: Name?

        /// Creates an exchange.
        public init(_ name: some NameConvertible, _ kind: Kind, alternate: Name? = nil) {
            self.name = name.asName
            self.kind = kind
            self.alternate = alternate
        }
    }

    /// What a binding leads to.
    public enum Destination: Sendable, Hashable {
        /// A queue, by its name.
        case queue(Name)
        /// An exchange, by its name.
        case exchange(Name)
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
        public var arguments: FieldTable

        /// Creates a binding.
        public init(
            from source: some NameConvertible, to destination: Destination, key: some NameConvertible = "",
            arguments: FieldTable = [:]
        ) {
            self.source = source.asName
            self.destination = destination
            self.key = key.asName
            self.arguments = arguments
        }
    }

    /// The exchanges, without the default exchange.
    public var exchanges: [Exchange]
    /// The queues.
    public var queues: [Name]
    /// The bindings, without those of the default exchange.
    public var bindings: [Binding]

    /// Creates a model.
    public init(exchanges: [Exchange] = [], queues: [Name] = [], bindings: [Binding] = []) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
    }

    /// Returns how many copies of a message each queue gets; queues without a copy are left out.
    ///
    /// - Parameters:
    ///   - exchange: where it is published to; empty is the default exchange, to which every queue is bound with its
    ///     name.
    ///   - rules: those of AMQP, or those of a misconception.
    /// - Returns: an empty dictionary if the exchange does not exist.
    public func route(
        to exchange: some NameConvertible, key: some NameConvertible, headers: FieldTable = [:],
        by rules: RoutingRules = .amqp
    ) -> [Name: Int] {
        let (exchange, key) = (exchange.asName, key.asName)
        if exchange.isEmpty { return queues.contains(key) ? [key: 1] : [:] }
        var walk = Walk(key: key, headers: headers, rules: rules)
        follow([(exchange, false)], &walk)
        while rules.alternateWaitsForTheEnd, walk.copies.isEmpty {
            let alternates = walk.seen.compactMap { name in exchanges.first { $0.name == name }?.alternate }
            let before = walk.seen.count
            follow(alternates.map { ($0, false) }, &walk)
            if walk.seen.count == before { break }
        }
        return walk.copies
    }

    private struct Walk {
        let key: Name
        let headers: FieldTable
        let rules: RoutingRules
        var copies: [Name: Int] = [:]
        /// The exchanges that were visited; each is visited once, even if bindings form a circle.
        var seen: [Name] = []
    }

    private func follow(_ start: [(name: Name, throughBinding: Bool)], _ walk: inout Walk) {
        var waiting = start
        while let (name, throughBinding) = waiting.first {
            waiting.removeFirst()
            // A missing exchange drops its messages.
            guard !walk.seen.contains(name), let exchange = exchanges.first(where: { $0.name == name }) else {
                continue
            }
            walk.seen.append(name)
            let floods = throughBinding && walk.rules.boundExchangesFlood
            let matching = bindings.filter {
                $0.source == name && (floods || exchange.routes($0, walk.key, walk.headers, by: walk.rules))
            }
            for binding in matching {
                switch binding.destination {
                case .queue(let queue):
                    let copies = walk.rules.copiesPerBinding ? walk.copies[queue, default: 0] + 1 : 1
                    walk.copies[queue] = copies
                case .exchange(let other): waiting.append((other, true))
                }
            }
            guard let alternate = exchange.alternate, !walk.rules.alternateWaitsForTheEnd else { continue }
            // A binding to an exchange is a route, even if that exchange leads nowhere.
            if matching.isEmpty || walk.rules.alternateGetsAll { waiting.append((alternate, false)) }
        }
    }
}

extension RoutingModel.Exchange {
    fileprivate func routes(
        _ binding: RoutingModel.Binding, _ key: Name, _ headers: FieldTable, by rules: RoutingRules
    ) -> Bool {
        switch kind {
        case .direct: binding.key == key
        case .fanout: !rules.fanoutHeedsKeys || binding.key == key
        case .topic: TopicPattern(binding.key).matches(key, by: rules)
        case .headers: HeadersPattern(binding.arguments).matches(headers, by: rules)
        }
    }
}

/// The binding key of a topic exchange: words separated by dots, `*` for exactly one word, `#` for any number of words,
/// including none (AMQP 0-9-1 specification, section 3.1.3.3).
///
/// A word may be empty: `a..b` has three, `.` has two. Only the empty key has none. `*` and `#` next to other
/// characters are literal. Words are equal if their bytes are.
public struct TopicPattern: Sendable, Hashable {
    private let words: [Name]

    /// Creates a pattern from a binding key.
    public init(_ pattern: some NameConvertible) { words = Self.words(pattern.asName) }

    /// Returns whether a routing key matches.
    public func matches(_ key: some NameConvertible, by rules: RoutingRules = .amqp) -> Bool {
        let key = Self.words(key.asName)
        // `reached[n]`: whether the words of the pattern so far match the first n of the key.
        var reached = [true] + Array(repeating: false, count: key.count)
        for word in words {
            var next = Array(repeating: false, count: key.count + 1)
            for place in reached.indices where reached[place] {
                switch word {
                case "#":
                    let first = rules.hashNeedsAWord ? place + 1 : place
                    for end in next.indices where end >= first { next[end] = true }
                case "*":
                    for end in next.indices where end > place && (rules.starTakesManyWords || end == place + 1) {
                        next[end] = true
                    }
                default:
                    if place < key.count, key[place] == word { next[place + 1] = true }
                }
            }
            reached = next
        }
        return reached.last ?? false
    }

    private static func words(_ name: Name) -> [Name] {
        guard !name.isEmpty else { return [] }
        return name.withBytes { bytes in
            bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { Name(bytes: $0) }
        }
    }
}

/// The arguments of a binding to a headers exchange (RabbitMQ documentation: Exchanges, headers).
///
/// A header matches if its value has the same class of type and is equal; a void value in the binding requires only
/// that the header is present. Without `x-match`, all have to match.
public struct HeadersPattern: Sendable, Hashable {
    private let kind: HeadersMatch.Kind
    private let headers: FieldTable

    /// Creates a pattern from the arguments of a binding.
    public init(_ arguments: FieldTable) {
        kind = arguments["x-match"]?.stringValue.flatMap(HeadersMatch.Kind.init) ?? .all
        headers = FieldTable(arguments.entries.filter { $0.key != "x-match" })
    }

    /// Returns whether a message's headers match.
    public func matches(_ message: FieldTable, by rules: RoutingRules = .amqp) -> Bool {
        let seen = headers.entries.filter { looksAtX || rules.countsXHeaders || !$0.key.hasPrefix("x-") }
        func fits(_ entry: FieldTable.Entry) -> Bool {
            guard let value = message[entry.key] else { return false }
            if entry.value == .void { return true }
            if rules.ignoresHeaderTypes, value.description.hasSameBytes(as: entry.value.description) { return true }
            return HeaderValue(value) == HeaderValue(entry.value)
        }
        switch kind {
        case .all, .allWithX: return seen.allSatisfy(fits)
        case .any, .anyWithX: return seen.contains(where: fits)
        }
    }

    private var looksAtX: Bool {
        switch kind {
        case .all, .any: false
        case .allWithX, .anyWithX: true
        }
    }
}

/// A header's value as the broker compares it: integers of all widths are one class of type, both floating-point types
/// are another, and every other type is its own.
private enum HeaderValue: Hashable {
    case whole(Int64)
    case floating(Double)
    case other(FieldValue)

    init(_ value: FieldValue) {
        switch value {
        case .int8(let value): self = .whole(Int64(value))
        case .uint8(let value): self = .whole(Int64(value))
        case .int16(let value): self = .whole(Int64(value))
        case .uint16(let value): self = .whole(Int64(value))
        case .int32(let value): self = .whole(Int64(value))
        case .uint32(let value): self = .whole(Int64(value))
        case .int64(let value): self = .whole(value)
        case .float(let value): self = .floating(Double(value))
        case .double(let value): self = .floating(value)
        case .bool, .decimal, .string, .array, .timestamp, .table, .void, .bytes: self = .other(value)
        }
    }
}
