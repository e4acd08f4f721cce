public import Names

/// Where a message goes, and where it does not.
public struct Route: Sendable, Hashable {
    /// How a message goes on from an exchange.
    public enum Way: Sendable, Hashable {
        /// Along a binding, with its key and arguments.
        case binding(key: Name, arguments: HeaderTable)
        /// To the alternate exchange, because no binding matches.
        case alternate
        /// From the default exchange to the queue that its key names.
        case name
    }

    /// An exchange on the way to a queue.
    public struct Step: Sendable, Hashable {
        /// The exchange; empty is the default exchange.
        public var exchange: Name
        /// The exchange's type.
        public var type: Name
        /// How the message goes on from it.
        public var way: Way
    }

    /// A queue that the message reaches.
    public struct Arrival: Sendable, Hashable {
        /// The queue.
        public var queue: Name
        /// The exchanges on the way; of several ways one of the shortest.
        public var path: [Step]
        /// The number of bindings of the queue that match. It gets the message once.
        public var bindings: Int
        /// Why it is not certain that the queue is reached; nil if it is.
        public var doubt: String?
    }

    /// A binding that the message does not pass.
    public struct Miss: Sendable, Hashable {
        /// The binding.
        public var binding: RoutingModel.Binding
        /// Why it does not match.
        public var why: Mismatch
    }

    /// A place where the message does not go on.
    public struct DeadEnd: Sendable, Hashable {
        /// Why it does not.
        public enum Reason: Sendable, Hashable {
            /// There is no such exchange; whether the message is published to it or comes from another one.
            case noExchange(isEntry: Bool)
            /// Clients cannot publish to it.
            case isInternal
            /// None of so many bindings matches, and there is no alternate exchange.
            case noMatch(bindings: Int)
            /// The default exchange knows no queue of this name.
            case noQueue(Name)
            /// The header holds no list of texts.
            case badHeader(Name)
        }

        /// The exchange; empty is the default exchange.
        public var exchange: Name
        /// Why it does not go on.
        public var reason: Reason
        /// Why it is not certain that the message comes here; nil if it is.
        public var doubt: String?
    }

    /// Something that would have to be known to say where the message goes.
    public struct Gap: Sendable, Hashable {
        /// The exchange or queue that is not known.
        public var part: RoutingModel.Part
        /// Why it is not known.
        public var why: String
    }

    /// The queues that it reaches, by name.
    public internal(set) var arrivals: [Arrival] = []
    /// Bindings that do not match, the nearest first; at most ``mostMisses``.
    public internal(set) var misses: [Miss] = []
    /// The number of bindings that do not match.
    public internal(set) var missCount = 0
    /// Where it does not go on, in the order in which it comes there.
    public internal(set) var deadEnds: [DeadEnd] = []
    /// What is not known.
    public internal(set) var gaps: [Gap] = []
    /// What was not asked for yet.
    public internal(set) var needs: Set<RoutingModel.Part> = []

    /// The most misses that are kept.
    public static let mostMisses = 20

    /// What becomes of the message.
    public enum Outcome: Sendable, Hashable {
        /// At least one queue gets it.
        case reached
        /// No queue gets it.
        case unroutable
        /// It is not known whether a queue gets it.
        case unknown
    }

    /// What becomes of the message.
    public var outcome: Outcome {
        if arrivals.contains(where: { $0.doubt == nil }) { return .reached }
        // One of several, whichever it is.
        if isCertainOfOne { return .reached }
        return arrivals.isEmpty && gaps.isEmpty && needs.isEmpty ? .unroutable : .unknown
    }

    /// Whether one of the queues is reached for certain, though not which.
    public internal(set) var isCertainOfOne = false
}

extension Route.DeadEnd {
    /// The reason in words.
    public var words: String {
        let certainty = doubt.map { " (if it comes here: \($0))" } ?? ""
        switch reason {
        case .noExchange(isEntry: true):
            return "there is no such exchange: publishing to it is refused with 404 NOT_FOUND, which closes the channel"
        case .noExchange(isEntry: false): return "there is no such exchange\(certainty)"
        case .isInternal:
            return "the exchange is internal: publishing to it is refused with 403 ACCESS_REFUSED, which closes the "
                + "channel"
        case .noMatch(0): return "it has no bindings, and no alternate exchange\(certainty)"
        case .noMatch(1): return "its only binding does not match, and it has no alternate exchange\(certainty)"
        case .noMatch(let count):
            return "none of its \(count) bindings matches, and it has no alternate exchange\(certainty)"
        case .noQueue(let name): return "there is no queue named \(name.text)\(certainty)"
        case .badHeader(let name):
            return "header \(name.text) is no list of texts: publishing is refused with 406 PRECONDITION_FAILED, which "
                + "closes the channel"
        }
    }
}

extension RoutingModel.Part {
    /// The part in words.
    public var words: String {
        switch self {
        case .exchange(let name): "exchange \(name.text)"
        case .bindings(let name): "the bindings of exchange \(name.text)"
        case .queue(let name): "queue \(name.text)"
        }
    }
}
