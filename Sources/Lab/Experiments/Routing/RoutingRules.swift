import Names

/// How messages are routed: as in AMQP 0-9-1 and RabbitMQ, or with a common misconception.
public struct RoutingRules: Sendable, Hashable {
    /// Whether a queue gets one copy for each matching binding.
    public var copiesPerBinding = false
    /// Whether `*` in a topic binding matches one word or more.
    public var starTakesManyWords = false
    /// Whether `#` in a topic binding matches one word or more.
    public var hashNeedsAWord = false
    /// Whether a fanout exchange compares the routing key.
    public var fanoutHeedsKeys = false
    /// Whether headers with names that begin with `x-` count with `x-match` `all` and `any`, too.
    public var countsXHeaders = false
    /// Whether header values match by their text, whatever their types.
    public var ignoresHeaderTypes = false
    /// Whether an alternate exchange gets everything that its exchange gets.
    public var alternateGetsAll = false
    /// Whether an alternate exchange gets what in the end has reached no queue, wherever it was routed.
    public var alternateWaitsForTheEnd = false
    /// Whether a message that reaches an exchange through an exchange binding goes to everything that is bound there.
    public var boundExchangesFlood = false

    /// Creates the rules of AMQP.
    public init() {}

    /// The rules of the AMQP 0-9-1 specification, section 3.1.3; RabbitMQ documentation: Exchanges, Exchange to
    /// Exchange Bindings, Alternate Exchanges.
    public static let amqp = RoutingRules()
}

/// A common misconception about routing, which a broker refutes.
public enum RoutingBelief: String, Sendable, CaseIterable {
    case copyPerBinding = "copy-per-binding"
    case starIsManyWords = "star-is-many-words"
    case hashNeedsAWord = "hash-needs-a-word"
    case fanoutHeedsKeys = "fanout-heeds-keys"
    case xHeadersCount = "x-headers-count"
    case headerTypesDoNotMatter = "header-types-do-not-matter"
    case alternateGetsAll = "alternate-gets-all"
    case alternateWaitsForTheEnd = "alternate-waits-for-the-end"
    case boundExchangesFlood = "bound-exchanges-flood"

    /// The rules that follow from the misconception.
    public var rules: RoutingRules {
        var rules = RoutingRules.amqp
        switch self {
        case .copyPerBinding: rules.copiesPerBinding = true
        case .starIsManyWords: rules.starTakesManyWords = true
        case .hashNeedsAWord: rules.hashNeedsAWord = true
        case .fanoutHeedsKeys: rules.fanoutHeedsKeys = true
        case .xHeadersCount: rules.countsXHeaders = true
        case .headerTypesDoNotMatter: rules.ignoresHeaderTypes = true
        case .alternateGetsAll: rules.alternateGetsAll = true
        case .alternateWaitsForTheEnd: rules.alternateWaitsForTheEnd = true
        case .boundExchangesFlood: rules.boundExchangesFlood = true
        }
        return rules
    }

    /// The misconception as a sentence.
    public var sentence: String {
        switch self {
        case .copyPerBinding: "A queue gets one copy for each of its bindings that match."
        case .starIsManyWords: "* in a topic binding stands for any number of words, as in a shell."
        case .hashNeedsAWord: "# in a topic binding needs at least one word."
        case .fanoutHeedsKeys: "A fanout exchange compares the routing key with that of the binding."
        case .xHeadersCount: "x-match all and any look at headers whose names begin with x-."
        case .headerTypesDoNotMatter: "A header matches when it reads the same, a number or a text."
        case .alternateGetsAll: "An alternate exchange gets a copy of everything."
        case .alternateWaitsForTheEnd: "An alternate exchange gets whatever has reached no queue in the end."
        case .boundExchangesFlood: "A binding of exchanges leads past the bindings of the exchange it ends at."
        }
    }
}

/// Which message reached which queue, and what was predicted.
struct RoutingMatrix: Sendable, Hashable {
    /// One message and one queue.
    struct Cell: Sendable, Hashable {
        var family: String
        var message: String
        var queue: String
        /// The predicted number of copies.
        var predicted: Int
        var observed: Int

        var holds: Bool { predicted == observed }
        var words: String {
            "'\(message)' (\(family)) into \(queue): predicted \(predicted), observed \(observed)"
        }
    }

    /// The cells in the order of the families, their messages, and all queues.
    private(set) var cells: [Cell] = []

    /// - Parameters:
    ///   - families: the tested families.
    ///   - observed: the copies by message and queue, by the names from `id`.
    init(_ families: [RoutingFamily], rules: RoutingRules, observed: [String: [String: Int]]) {
        for family in families {
            let model = family.model
            for message in family.messages {
                let copies = model.route(to: message.exchange, key: message.key, headers: message.headers, by: rules)
                let found = observed[Self.id(family.name, message.name)] ?? [:]
                for other in families {
                    for queue in other.queues {
                        let isOwn = other.name == family.name
                        cells.append(
                            Cell(
                                family: family.name, message: message.name,
                                queue: isOwn ? queue : Self.id(other.name, queue),
                                predicted: isOwn ? copies[Name(queue)] ?? 0 : 0,
                                observed: found[Self.id(other.name, queue)] ?? 0))
                    }
                }
            }
        }
    }

    var wrong: [Cell] { cells.filter { !$0.holds } }

    /// Returns the cells in which another matrix of the same families has a different prediction.
    func differences(from other: RoutingMatrix) -> [(ours: Cell, theirs: Cell)] {
        zip(cells, other.cells).filter { $0.predicted != $1.predicted }.map { (ours: $0, theirs: $1) }
    }

    /// Returns a name that is unique among all messages, or among all queues.
    static func id(_ family: String, _ name: String) -> String { "\(family)/\(name)" }
}
