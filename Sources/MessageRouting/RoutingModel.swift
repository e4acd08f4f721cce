public import Names

/// Exchanges, queues and bindings of a virtual host, and how they route a message: a model without a broker.
///
/// It need not have everything: ``Route/needs`` names what a route could not be followed without, and ``unknown`` says
/// why a part cannot be had.
public struct RoutingModel: Sendable, Hashable {
    /// A part of a virtual host that can be asked for by itself.
    public enum Part: Sendable, Hashable, Comparable {
        /// An exchange, by its name, with its alternate exchange.
        case exchange(Name)
        /// The bindings of which an exchange is the source.
        case bindings(Name)
        /// A queue, by its name, with where its dead letters go.
        case queue(Name)
    }

    /// The name of an exchange or a key that may be set, by an argument or by a policy.
    public enum Setting: Sendable, Hashable {
        /// It is not set.
        case none
        /// It is set to this name.
        case name(Name)
        /// It cannot be told, for this reason.
        case unknown(String)

        /// The name that it is set to; nil if it is not set, or not known.
        public var name: Name? {
            if case .name(let name) = self { name } else { nil }
        }
    }

    /// What a binding leads to.
    public enum Destination: Sendable, Hashable, Comparable {
        /// A queue, by its name.
        case queue(Name)
        /// An exchange, by its name.
        case exchange(Name)

        /// The name.
        public var name: Name {
            switch self {
            case .queue(let name), .exchange(let name): name
            }
        }
    }

    /// The exchanges, without the default exchange. A name without a value is one that does not exist.
    public private(set) var exchanges: [Name: Exchange?] = [:]
    /// The queues. A name without a value is one that does not exist.
    public private(set) var queues: [Name: Queue?] = [:]
    /// The bindings by their source, without those of the default exchange.
    public private(set) var bindings: [Name: [Binding]] = [:]
    /// What cannot be had, and why.
    public private(set) var unknown: [Part: String] = [:]
    /// Whether what is not here does not exist; otherwise it was not asked for yet.
    public var isWhole: Bool

    /// Creates a model that has everything of its virtual host.
    public init(exchanges: [Exchange] = [], queues: [Queue] = [], bindings: [Binding] = []) {
        isWhole = true
        for exchange in exchanges where !exchange.name.isEmpty { self.exchanges[exchange.name] = exchange }
        for queue in queues { self.queues[queue.name] = queue }
        for binding in bindings where !binding.source.isEmpty {
            self.bindings[binding.source, default: []].append(binding)
        }
        for source in self.bindings.keys { self.bindings[source]?.sort() }
    }

    /// Creates a model of which nothing is known yet.
    public static let unasked: RoutingModel = {
        var model = RoutingModel()
        model.isWhole = false
        return model
    }()

    /// Takes the answer about an exchange; nil: it does not exist.
    public mutating func take(_ exchange: Exchange?, named name: Name) { exchanges[name] = .some(exchange) }

    /// Takes the answer about a queue; nil: it does not exist.
    public mutating func take(_ queue: Queue?, named name: Name) { queues[name] = .some(queue) }

    /// Takes the bindings of which the exchange is the source.
    public mutating func take(_ bindings: [Binding], of source: Name) { self.bindings[source] = bindings.sorted() }

    /// Notes that a part cannot be had.
    public mutating func lacks(_ part: Part, why: String) { unknown[part] = why }

    /// What is known of a part.
    enum Lookup<Value> {
        case found(Value)
        case absent
        case unknown(String)
        case unasked
    }

    func exchange(_ name: Name) -> Lookup<Exchange> { lookup(exchanges[name], .exchange(name)) }

    func queue(_ name: Name) -> Lookup<Queue> { lookup(queues[name], .queue(name)) }

    func bindings(of source: Name) -> Lookup<[Binding]> {
        if let found = bindings[source] { return .found(found) }
        let lookup: Lookup<[Binding]> = lookup(nil, .bindings(source))
        // An exchange without bindings has none.
        if case .absent = lookup { return .found([]) }
        return lookup
    }

    private func lookup<Value>(_ known: Value??, _ part: Part) -> Lookup<Value> {
        if let known { return known.map(Lookup.found) ?? .absent }
        if let why = unknown[part] { return .unknown(why) }
        return isWhole ? .absent : .unasked
    }
}
