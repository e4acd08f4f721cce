public import Names

extension RoutingModel {
    /// How an exchange chooses among its bindings.
    public enum Kind: Sendable, Hashable {
        /// By equal keys.
        case direct
        /// All of them.
        case fanout
        /// By patterns of words.
        case topic
        /// By the message's headers.
        case headers
        /// One of them, by a hash or by chance: which one is for the broker to say. The text says what decides.
        case oneOf(String)
        /// In a way that is not known here.
        case unknown

        /// Creates the kind of a type of exchange.
        ///
        /// - Parameter arguments: the exchange's; an `x-delayed-message` exchange has the type that it routes by there.
        public init(type: Name, arguments: HeaderTable = [:]) {
            self =
                switch type.text {
                case "direct": .direct
                case "fanout", "x-recent-history": .fanout
                case "topic": .topic
                case "headers": .headers
                case "x-consistent-hash", "x-modulus-hash": .oneOf("the hash of the message")
                case "x-random": .oneOf("chance")
                case "x-local-random": .oneOf("chance, and the publisher's node")
                case "x-delayed-message": Self.delayed(arguments)
                default: .unknown
                }
        }

        private static func delayed(_ arguments: HeaderTable) -> Kind {
            guard case .text(let type) = arguments["x-delayed-type"], type != "x-delayed-message" else {
                return .unknown
            }
            return Kind(type: type)
        }

        /// The type of exchange that is of this kind.
        public var typeName: Name {
            switch self {
            case .direct: "direct"
            case .fanout: "fanout"
            case .topic: "topic"
            case .headers: "headers"
            case .oneOf: "x-consistent-hash"
            case .unknown: "unknown"
            }
        }
    }
}

extension RoutingModel.Exchange {
    /// Returns whether a binding of this exchange matches a message with these routing keys, and else why not.
    func match(
        _ binding: RoutingModel.Binding, _ keys: [Name], _ headers: HeaderTable, by rules: RoutingRules
    ) -> BindingMatch {
        switch kind {
        case .direct: keys.contains(binding.key) ? .yes : .no(.key(binding.key))
        case .fanout: !rules.fanoutHeedsKeys || keys.contains(binding.key) ? .yes : .no(.key(binding.key))
        case .topic: topicMatch(TopicPattern(binding.key), keys, by: rules)
        case .headers: HeadersPattern(binding.arguments).match(headers, by: rules)
        case .oneOf(let what): .perhaps("\(name.text) (\(type.text)) chooses by \(what)")
        case .unknown: .perhaps("how \(name.text) routes is not known: its type is \(type.text)")
        }
    }

    private func topicMatch(_ pattern: TopicPattern, _ keys: [Name], by rules: RoutingRules) -> BindingMatch {
        var nearest: Mismatch?
        for key in keys {
            guard let mismatch = pattern.mismatch(key, by: rules) else { return .yes }
            if nearest.map({ $0.nearness(to: keys) < mismatch.nearness(to: keys) }) ?? true { nearest = mismatch }
        }
        return nearest.map(BindingMatch.no) ?? .yes
    }
}
