import AMQPWire
import Names

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
