import Names
import RabbitMQManagement
import TopCore

/// Finds out on which queues and exchanges each policy is in force, and which of them it matches besides.
///
/// The broker tells the policy in force; which names a pattern matches is worked out here.
struct PolicyMatching {
    /// The most matches of one policy that are kept.
    static let mostMatches = 200
    /// The longest pattern that is evaluated, in bytes, and the most repetitions in it: matching takes a time that
    /// grows with a power of their number.
    private static let longestPattern = 200
    private static let mostRepetitions = 3

    let queues: [QueueInfo]
    let exchanges: [ExchangeInfo]

    /// Completes a policy.
    func complete(_ row: inout PolicyRow) {
        let regex = Self.regex(row.pattern)
        var others = 0
        var inForce: [PolicyRow.Match] = []
        var overridden: [PolicyRow.Match] = []
        var counts = (queues: 0, exchanges: 0)
        func note(_ name: Name, isExchange: Bool, effective: Name?) {
            if effective == row.name {
                if isExchange { counts.exchanges += 1 } else { counts.queues += 1 }
                if inForce.count < Self.mostMatches {
                    inForce.append(.init(name: name, isExchange: isExchange, effective: effective))
                }
            } else if let regex, name.text.firstMatch(of: regex) != nil {
                others += 1
                if overridden.count < Self.mostMatches {
                    overridden.append(.init(name: name, isExchange: isExchange, effective: effective))
                }
            }
        }
        for queue in queues where queue.vhost == row.vhost && Self.concerns(row.appliesTo, queue) {
            note(queue.name, isExchange: false, effective: row.isOperator ? queue.operatorPolicy : queue.policy)
        }
        // Operator policies concern queues only.
        let concernsExchanges = !row.isOperator && ["exchanges", "all", nil].contains(row.appliesTo)
        for exchange in exchanges where concernsExchanges && exchange.vhost == row.vhost && !exchange.name.isEmpty {
            note(exchange.name, isExchange: true, effective: exchange.policy)
        }
        row.queues = counts.queues
        row.exchanges = counts.exchanges
        row.overridden = regex == nil ? nil : others
        row.matches = Array((inForce + overridden).prefix(Self.mostMatches))
    }

    private static func concerns(_ appliesTo: String?, _ queue: QueueInfo) -> Bool {
        switch appliesTo {
        case nil, "all", "queues": true
        case "classic_queues": queue.type == "classic"
        case "quorum_queues": queue.type == "quorum"
        case "streams": queue.type == "stream"
        default: false
        }
    }

    /// Returns the pattern as a regular expression; `nil` for one that is not understood here, or that could take too
    /// long.
    private static func regex(_ pattern: Name) -> Regex<AnyRegexOutput>? {
        guard pattern.bytes.count <= longestPattern else { return nil }
        var repetitions = 0
        var before: UInt8 = 0
        for byte in pattern.bytes {
            switch byte {
            case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "{"):
                // A repeated group may hold repetitions.
                if before == UInt8(ascii: ")") { return nil }
                repetitions += 1
            default: break
            }
            before = byte
        }
        guard repetitions <= mostRepetitions else { return nil }
        return (try? Regex(pattern.text))?.matchingSemantics(.unicodeScalar)
    }
}
