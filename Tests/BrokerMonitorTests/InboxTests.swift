import Faults
import Foundation
import Synchronization
import Testing
import TopCore

@testable import BrokerMonitor

@Suite struct InboxTests {
    private final class Calls: Sendable {
        let count = Mutex(0)
        func note() { count.withLock { $0 += 1 } }
        var value: Int { count.withLock { $0 } }
    }

    private func entry(_ text: String) -> LedgerEntry {
        LedgerEntry(at: Date(), kind: .error, scope: .channel, text: text, source: .client)
    }

    @Test func wakesOnceUntilDrained() {
        let calls = Calls()
        let inbox = Inbox(onArrival: { calls.note() })
        inbox.post(.vhosts(["/"]))
        inbox.post(entries: [entry("a")])
        inbox.post(.finished("done"), of: OperationID(1))
        #expect(calls.value == 1)
        #expect(inbox.drain().count == 3)
        #expect(inbox.drain().isEmpty)
        inbox.post(.vhosts(["/"]))
        #expect(calls.value == 2)
    }

    @Test func nothingWakesNobody() {
        let calls = Calls()
        let inbox = Inbox(onArrival: { calls.note() })
        inbox.post(entries: [])
        #expect(calls.value == 0)
    }

    @Test func keepsTheLatestOfEachPart() {
        let inbox = Inbox()
        for number in 0..<100 {
            inbox.post(.vhosts(["\(number)"]))
            inbox.post(.queueDepths(QueueDepthsPart(at: Date(), source: .prometheus, node: "a", depths: [])))
            inbox.post(.queueDepths(QueueDepthsPart(at: Date(), source: .prometheus, node: "b", depths: [])))
        }
        let events = inbox.drain()
        #expect(events.count == 3)
        guard case .snapshot(.vhosts(["99"]))? = events.first else {
            Issue.record("\(events)")
            return
        }
    }

    @Test func aPartOfSomeQueuesKeepsWhatWasSaidOfOthers() {
        let inbox = Inbox()
        let a = EntityID(vhost: "/", name: "a")
        let b = EntityID(vhost: "v", name: "b")
        let c = EntityID(vhost: "/", name: "c")
        inbox.post(.queuesLive(QueuesLivePart(at: Date(), depths: [QueueDepth(id: a, ready: 1)], gone: [c])))
        inbox.post(.queuesLive(QueuesLivePart(at: Date(), depths: [QueueDepth(id: b, ready: 2)])))
        inbox.post(.queuesLive(QueuesLivePart(at: Date(), depths: [QueueDepth(id: a, ready: 3)])))
        guard case .snapshot(.queuesLive(let part))? = inbox.drain().first else {
            Issue.record("no live part")
            return
        }
        #expect(part.depths.first { $0.id == a }?.ready == 3)
        #expect(part.depths.first { $0.id == b }?.ready == 2)
        #expect(part.depths.count == 2)
        #expect(part.gone == [c])
    }

    @Test func newsAreBoundedAndCounted() {
        let inbox = Inbox(eventCapacity: 10)
        for number in 0..<25 { inbox.post(entries: [entry("\(number)")]) }
        guard case .entries(let entries, let dropped)? = inbox.drain().first else {
            Issue.record("no news")
            return
        }
        #expect(entries.map(\.text) == (0..<10).map(String.init))
        #expect(dropped == 15)
    }

    @Test func overtakenProgressGoesAndResultsStay() {
        let inbox = Inbox()
        let one = OperationID(1)
        let two = OperationID(2)
        for number in 0..<1_000 { inbox.post(.progress("\(number)", fraction: nil), of: one) }
        inbox.post(.finished("a"), of: two)
        inbox.post(.cancelled("b"), of: one)
        inbox.post(.progress("later", fraction: nil), of: one)
        let reports = inbox.drain().compactMap { event -> String? in
            guard case .operation(let id, let report) = event else { return nil }
            return "\(id.number) \(report)"
        }
        #expect(
            reports == [
                #"1 progress("999", fraction: nil)"#, #"2 finished("a")"#, #"1 cancelled("b")"#,
                #"1 progress("later", fraction: nil)"#,
            ])
    }
}
