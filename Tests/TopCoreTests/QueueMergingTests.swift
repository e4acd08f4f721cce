import Foundation
import Names
import Testing

@testable import TopCore

@Suite struct QueueMergingTests {
    private func row(_ state: State, _ name: Name) -> QueueRow? { state.queues.row(.queue(queue(name))) }

    @Test func aLiveFigureHoldsAgainstReportsThatWereMeasuredBeforeIt() {
        var state = makeState()
        state.send(bulk([depth("a", ready: 10, unacked: 1, consumers: 2)]))
        state.send(live([depth("a", ready: 12, consumers: 2)], at: later(0.2)))
        // The broker's own report is up to five seconds older than its arrival.
        state.send(bulk([depth("a", ready: 10, unacked: 3, consumers: 2)], at: later(3)))
        #expect(row(state, "a")?.ready == Measured(12, at: later(0.2), source: .amqp))
        #expect(row(state, "a")?.unacked == Measured(3, at: later(3), source: .prometheus))
        state.send(bulk([depth("a", ready: 10, consumers: 2)], at: later(6)))
        #expect(row(state, "a")?.ready == Measured(10, at: later(6), source: .prometheus))
    }

    @Test func bulkBeatsRichOfTheSameMoment() {
        var state = makeState()
        state.send(bulk([depth("a", ready: 10)]))
        state.send(rich(depth("a", ready: 9)))
        #expect(row(state, "a")?.ready?.value == 10)
        state.send(rich(depth("a", ready: 8), at: later(1)))
        #expect(row(state, "a")?.ready == Measured(8, at: later(1), source: .management))
    }

    @Test func anOlderAnswerNeverReplacesANewerOne() {
        var state = makeState()
        state.send(live([depth("a", ready: 1)]))
        state.send(bulk([depth("a", ready: 5, consumers: 0)], at: later(10)))
        state.send(live([depth("a", ready: 7, consumers: 0)], at: later(4)))
        #expect(row(state, "a")?.ready?.value == 5)
    }

    @Test func aStreamsConsumersAreNotTakenFromAMQP() {
        var state = makeState()
        state.send(rich(depth("s", ready: 100, consumers: 3)) { $0.type = "stream" })
        state.send(live([depth("s", ready: 120, consumers: 0)], at: later(1)))
        #expect(row(state, "s")?.consumers?.value == 3)
        #expect(row(state, "s")?.ready?.value == 120)
    }

    @Test func aStreamNotYetKnownAsOneKeepsItsConsumers() {
        var state = makeState()
        state.send(bulk([depth("s", ready: 0, consumers: 3)]))
        state.send(live([depth("s", ready: 5, consumers: 0)], at: later(1)))
        #expect(row(state, "s")?.consumers?.value == 3)
    }

    @Test func aQuorumQueueThatWePurgedIsEmptyAtOnce() {
        var state = makeState()
        state.send(rich(depth("q", ready: 50, consumers: 0)) { $0.type = "quorum" })
        state.send(live([depth("q", ready: 50, consumers: 0)], at: later(1)))
        state.queues.notePurge([queue("q")], at: later(2), now: later(2))
        #expect(row(state, "q")?.ready?.value == 0)
        // The broker's own count is of before.
        state.send(bulk([depth("q", ready: 50, consumers: 0)], at: later(3)))
        state.send(live([depth("q", ready: 0, consumers: 0)], at: later(4)))
        #expect(row(state, "q")?.ready == Measured(0, at: later(4), source: .amqp))
        state.send(live([depth("q", ready: 3, consumers: 0)], at: later(5)))
        #expect(row(state, "q")?.ready?.value == 3)
    }

    @Test func aQueueWhoseNodeIsDownStaysWithoutFigures() {
        var state = makeState()
        state.send(bulk([depth("a", ready: 10, unacked: 1, consumers: 2), depth("b", ready: 1)]))
        // Only the management API lists it; Prometheus no longer does.
        state.send(rich(QueueDepth(id: queue("a")), at: later(1)) { $0.state = "down" })
        state.send(bulk([depth("b", ready: 2)], at: later(2)))
        state.send(bulk([depth("b", ready: 2)], at: later(7)))
        let down = row(state, "a")
        #expect(down?.details?.state == "down")
        #expect(down?.ready == nil && down?.unacked == nil && down?.consumers == nil && down?.messages == nil)
        state.send(live([depth("a", ready: 0, consumers: 0)], at: later(8)))
        #expect(row(state, "a")?.ready == nil, "0 would be taken for the truth")
        // Back: it is a queue like all others.
        state.send(rich(depth("a", ready: 10, consumers: 0), at: later(9)) { $0.state = "running" })
        #expect(row(state, "a")?.ready?.value == 10)
    }

    @Test func anEmptyAnswerOfAQuorumQueueIsNotBelievedAgainstAYoungReport() {
        var state = makeState()
        state.send(rich(depth("q", ready: 50, consumers: 1)) { $0.type = "quorum" })
        state.send(live([depth("q", ready: 0, consumers: 0)], at: later(2)))
        #expect(row(state, "q")?.ready?.value == 50)
        #expect(row(state, "q")?.consumers?.value == 1)
        // The report agrees: now it is so.
        state.send(bulk([depth("q", ready: 0, consumers: 0)], at: later(5)))
        state.send(live([depth("q", ready: 0, consumers: 0)], at: later(6)))
        #expect(row(state, "q")?.ready == Measured(0, at: later(6), source: .amqp))
    }

    @Test func anEmptyAnswerOfAQuorumQueueIsBelievedOnceTheReportIsOld() {
        var state = makeState()
        state.send(rich(depth("q", ready: 50, consumers: 1)) { $0.type = "quorum" })
        state.send(live([depth("q", ready: 0, consumers: 0)], at: later(11)))
        #expect(row(state, "q")?.ready?.value == 0)
    }

    @Test func aDrainedClassicQueueIsBelievedAtOnce() {
        var state = makeState()
        state.send(rich(depth("c", ready: 50, consumers: 0)))
        state.send(live([depth("c", ready: 0, consumers: 0)], at: later(0.2)))
        #expect(row(state, "c")?.ready?.value == 0)
    }

    @Test func aQueueThatIsGoneLeaves() {
        var state = makeState()
        state.send(bulk([depth("a", ready: 1), depth("b", ready: 2)]))
        state.send(live([], at: later(1), gone: [queue("b")]))
        #expect(state.queueNames == ["a"])
    }

    @Test func aQueueMissingFromACompleteReportLeaves() {
        var state = makeState()
        state.send(bulk([depth("a", ready: 1), depth("b", ready: 2)]))
        state.send(bulk([depth("a", ready: 1)], at: later(5)))
        #expect(state.queueNames == ["a"])
    }

    @Test func aPageOfQueuesRemovesNone() {
        var state = makeState()
        state.send(bulk([depth("a", ready: 1), depth("b", ready: 2)]))
        state.send(bulk([depth("a", ready: 1)], at: later(5), isComplete: false))
        #expect(Set(state.queueNames) == ["a", "b"])
    }

    @Test func whatAnotherNodeListsStays() {
        var state = makeState()
        state.send(bulk([depth("a", ready: 1)], node: "rabbit@a"))
        state.send(bulk([depth("b", ready: 1)], node: "rabbit@b"))
        state.send(bulk([depth("a", ready: 1)], at: later(5), node: "rabbit@a"))
        #expect(Set(state.queueNames) == ["a", "b"])
        // It moved from one node to the other.
        state.send(bulk([depth("a", ready: 1), depth("b", ready: 1)], at: later(6), node: "rabbit@b"))
        state.send(bulk([], at: later(10), node: "rabbit@a"))
        #expect(Set(state.queueNames) == ["a", "b"])
        state.send(bulk([depth("b", ready: 1)], at: later(11), node: "rabbit@b"))
        #expect(state.queueNames == ["b"])
    }

    @Test func whatWasHeardAfterTheReportStays() {
        var state = makeState()
        state.send(bulk([depth("a", ready: 1), depth("b", ready: 1)]))
        state.send(live([depth("b", ready: 3)], at: later(6)))
        state.send(bulk([depth("a", ready: 1)], at: later(5)))
        #expect(Set(state.queueNames) == ["a", "b"])
        state.send(bulk([depth("a", ready: 1)], at: later(10)))
        #expect(state.queueNames == ["a"])
    }

    @Test func aReportOfOneVhostSaysNothingOfOthers() {
        var state = makeState()
        state.send(bulk([depth("a", ready: 1), depth("a", vhost: "other", ready: 1)], source: .management))
        state.send(bulk([], at: later(5), source: .management, vhost: "other"))
        #expect(state.queues.sortedRows.map(\.id) == [queue("a")])
    }

    @Test func theQueuesOfANodeThatLeftTheClusterLeaveWithTheNextReport() {
        var state = makeState()
        state.send(bulk([depth("a", ready: 1)], node: "rabbit@a"))
        state.send(bulk([depth("b", ready: 1)], node: "rabbit@b"))
        state.send(.cluster(ClusterPart(at: later(1), nodes: [NodeRow(name: "rabbit@a", running: true)])))
        state.send(bulk([depth("a", ready: 1)], at: later(5), node: "rabbit@a"))
        #expect(state.queueNames == ["a"])
    }

    @Test func negativeGaugesCountAsNone() {
        var state = makeState()
        state.send(bulk([depth("a", ready: -3, unacked: -1, consumers: 2)]))
        #expect(row(state, "a")?.ready?.value == 0)
        #expect(row(state, "a")?.messages == 0)
    }

    @Test func tellsSourceAndAgeOfTheDepthShown() {
        var state = makeState()
        state.send(bulk([depth("a", ready: 1)]))
        let values = [QueueColumn.depthSource, .depthAge].map { key in
            QueueRow.column(key).value(state.queues.rows[0], later(7))
        }
        #expect(values == [.text("prometheus"), .number(7)])
    }
}
