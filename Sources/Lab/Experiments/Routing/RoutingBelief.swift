public import MessageRouting
import Names

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
