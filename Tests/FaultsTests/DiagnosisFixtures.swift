import Foundation
import Names

@testable import Faults

/// The time of the first look.
let watchStart = Date(timeIntervalSince1970: 1_700_000_000)
let ordersKey = DiagnosisFacts.QueueKey(vhost: "/", name: "orders")

/// A diagnosis that looks at facts in steps of five seconds.
struct Watch {
    var diagnosis = Diagnosis()
    private var step = 0

    /// Shows it the facts, once or several times.
    @discardableResult
    mutating func see(_ times: Int = 1, every seconds: Double = 5, _ change: (inout DiagnosisFacts, Int) -> Void)
        -> Diagnosis.Changes
    {
        var all = Diagnosis.Changes()
        for _ in 0..<times {
            var facts = DiagnosisFacts(at: now(seconds))
            change(&facts, step)
            let changes = diagnosis.examine(facts)
            all.appeared += changes.appeared
            all.cleared += changes.cleared
            step += 1
        }
        return all
    }

    private func now(_ seconds: Double) -> Date { watchStart + Double(step) * seconds }

    func findings(_ rule: DiagnosisRule) -> [Finding] { diagnosis.findings.filter { $0.rule == rule } }
}

func key(_ number: Int, connection: String = "10.0.0.4:50640 -> 10.0.0.9:5672") -> DiagnosisFacts.ChannelKey {
    DiagnosisFacts.ChannelKey(connection: connection, number: number)
}

func channelFacts(
    _ number: Int, _ change: (inout DiagnosisFacts.ChannelFacts) -> Void = { _ in }
) -> DiagnosisFacts.ChannelFacts {
    var facts = DiagnosisFacts.ChannelFacts(key(number))
    facts.clientName = "shop"
    facts.consumers = 1
    change(&facts)
    return facts
}

func consumerFacts(
    _ number: Int, queue: DiagnosisFacts.QueueKey = ordersKey, tag: String = "c",
    _ change: (inout DiagnosisFacts.ConsumerFacts) -> Void = { _ in }
) -> DiagnosisFacts.ConsumerFacts {
    var facts = DiagnosisFacts.ConsumerFacts(tag: tag, channel: key(number), queue: queue)
    facts.prefetch = 10
    facts.ackRequired = true
    facts.isActive = true
    change(&facts)
    return facts
}

func queueDetails(
    _ key: DiagnosisFacts.QueueKey = ordersKey, _ change: (inout DiagnosisFacts.QueueDetailFacts) -> Void
) -> DiagnosisFacts.QueueDetailFacts {
    var facts = DiagnosisFacts.QueueDetailFacts(key)
    facts.type = .classic
    change(&facts)
    return facts
}

func queueFacts(_ ready: Int?, consumers: Int? = 0, _ key: DiagnosisFacts.QueueKey = ordersKey)
    -> DiagnosisFacts.QueueFacts
{
    DiagnosisFacts.QueueFacts(key, ready: ready, consumers: consumers)
}

func nodeFacts(_ name: String = "a", _ change: (inout DiagnosisFacts.NodeFacts) -> Void) -> DiagnosisFacts.NodeFacts {
    var facts = DiagnosisFacts.NodeFacts(name: name, isRunning: true)
    change(&facts)
    return facts
}
