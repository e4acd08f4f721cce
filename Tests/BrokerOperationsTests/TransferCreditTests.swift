import Testing

@testable import BrokerOperations

@Suite struct TransferCreditTests {
    /// What a broker does with a consumer: it delivers while its prefetch allows it.
    private struct Broker {
        var prefetch = 0
        var unacknowledged = 0
        var delivered = 0

        mutating func consume(_ prefetch: Int) {
            self.prefetch = prefetch
            unacknowledged = 0
        }

        mutating func fill(_ queue: inout Int) {
            while unacknowledged < prefetch, queue > 0 {
                unacknowledged += 1
                delivered += 1
                queue -= 1
            }
        }
    }

    /// Takes messages of which every `keeping`th stays, and returns how many the broker delivered in all.
    private func run(messages: Int, wanted: Int, prefetch: Int, keeping: Int?) -> (
        taken: Int, delivered: Int, consumers: Int
    ) {
        var credit = TransferCredit(wanted: wanted)
        var broker = Broker()
        var queue = messages
        var taken = 0
        var confirmed = 0
        var consumers = 0
        while true {
            switch credit.step(onTheWay: 0) {
            case .end: return (taken, broker.delivered, consumers)
            case .wait:
                Issue.record("nothing is on its way")
                return (taken, broker.delivered, consumers)
            case .consume:
                for _ in 0..<confirmed { credit.acknowledge() }
                confirmed = 0
                consumers += 1
                let own = min(prefetch, credit.wanted)
                credit.consume(prefetch: own, most: .max)
                broker.consume(own)
            case .take:
                broker.fill(&queue)
                guard broker.delivered > taken else {
                    Issue.record("would wait for ever after \(taken)")
                    return (taken, broker.delivered, consumers)
                }
                taken += 1
                credit.take()
                if let keeping, taken.isMultiple(of: keeping) {
                    credit.keep()
                } else {
                    confirmed += 1
                    while confirmed > 0, credit.mayAcknowledge > 0 {
                        credit.acknowledge()
                        broker.unacknowledged -= 1
                        confirmed -= 1
                    }
                }
            }
        }
    }

    @Test(arguments: [(10, 4), (1_000, 1), (1_000, 7), (1_000, 100), (999, 1_000), (5, 5)])
    func noMoreIsDeliveredThanIsWanted(_ wanted: Int, _ prefetch: Int) {
        let result = run(messages: 5_000, wanted: wanted, prefetch: prefetch, keeping: nil)
        #expect(result.taken == wanted && result.delivered == wanted)
    }

    @Test(arguments: [1, 2, 3, 10, 99])
    func keptMessagesDoNotEndTheDeliveries(_ keeping: Int) {
        let result = run(messages: 2_000, wanted: 2_000, prefetch: 50, keeping: keeping)
        #expect(result.taken == 2_000 && result.delivered == 2_000)
        // Each consumer ends when three quarters of its prefetch are kept, or earlier at the end.
        #expect(result.consumers <= 2_000 / keeping / 37 + 2)
    }

    @Test func whatIsOnItsWayIsAwaited() {
        var credit = TransferCredit(wanted: 10)
        #expect(credit.step(onTheWay: 0) == .consume)
        credit.consume(prefetch: 2, most: .max)
        #expect(credit.step(onTheWay: 0) == .take)
        credit.take()
        credit.take()
        #expect(credit.step(onTheWay: 2) == .wait)
        #expect(credit.mayAcknowledge == 8)
        credit.acknowledge()
        #expect(credit.step(onTheWay: 1) == .take)
        credit.stop()
        #expect(credit.step(onTheWay: 1) == .end)
    }
}
