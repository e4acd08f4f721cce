import Names
import RabbitMQManagement
import TopCore

/// Finds out on which queues and exchanges each policy is in force, and which of them it matches besides.
///
/// The broker tells the policy in force; which names a pattern matches is worked out here.
struct PolicyMatching {
    /// The most matches of one policy that are kept.
    static let mostMatches = 200

    /// How many names are tried with patterns altogether: a thousand policies and as many queues would take seconds.
    static let mostTries = 100_000

    let queues: [QueueInfo]
    let exchanges: [ExchangeInfo]
    /// How many more names are tried.
    private var triesLeft: Int
    /// The number of policies of which it is not worked out what they match.
    private(set) var untried = 0

    init(queues: [QueueInfo], exchanges: [ExchangeInfo], mostTries: Int = Self.mostTries) {
        self.queues = queues
        self.exchanges = exchanges
        triesLeft = mostTries
    }

    /// Completes a policy.
    mutating func complete(_ row: inout PolicyRow) {
        let pattern = triesLeft > 0 ? PolicyPattern(row.pattern) : nil
        if triesLeft <= 0 { untried += 1 }
        var tries = 0
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
                return
            }
            guard let pattern else { return }
            tries += 1
            if pattern.matches(name) {
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
        triesLeft -= tries
        row.queues = counts.queues
        row.exchanges = counts.exchanges
        row.overridden = pattern == nil ? nil : others
        row.matches = Array((inForce + overridden).prefix(Self.mostMatches))
    }
}
