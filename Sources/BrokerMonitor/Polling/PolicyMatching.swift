import Names
import RabbitMQManagement
import TopCore

/// Finds out on which queues and exchanges each policy is in force, and which of them it matches besides.
///
/// The broker tells the policy in force; which names a pattern matches is worked out here.
struct PolicyMatching {
    /// The most matches of one policy that are kept.
    static let mostMatches = 200

    let queues: [QueueInfo]
    let exchanges: [ExchangeInfo]

    /// Completes a policy.
    func complete(_ row: inout PolicyRow) {
        let pattern = PolicyPattern(row.pattern)
        let target = row.appliesTo.map { PolicyTarget(rawValue: $0) } ?? .all
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
            } else if pattern?.matches(name) == true {
                others += 1
                if overridden.count < Self.mostMatches {
                    overridden.append(.init(name: name, isExchange: isExchange, effective: effective))
                }
            }
        }
        for queue in queues where queue.vhost == row.vhost && target?.covers(queueType: queue.type) == true {
            note(queue.name, isExchange: false, effective: row.isOperator ? queue.operatorPolicy : queue.policy)
        }
        // Operator policies concern queues only.
        let concernsExchanges = !row.isOperator && target?.coversExchanges == true
        for exchange in exchanges where concernsExchanges && exchange.vhost == row.vhost && !exchange.name.isEmpty {
            note(exchange.name, isExchange: true, effective: exchange.policy)
        }
        row.queues = counts.queues
        row.exchanges = counts.exchanges
        row.overridden = pattern == nil ? nil : others
        row.matches = Array((inForce + overridden).prefix(Self.mostMatches))
    }
}
