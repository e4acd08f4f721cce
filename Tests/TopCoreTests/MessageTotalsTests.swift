import Foundation
import Names
import Screen
import Testing

@testable import TopCore

@Suite("Totals above the rows")
struct MessageTotalsTests {
    private func cluster(_ nodes: [Name: Bool] = ["rabbit@a": true], ready: Int = 4_432, at: Date = noon) -> Snapshot {
        var overview = OverviewRow()
        overview.ready = ready
        overview.unacked = 7
        overview.messages = ready + 7
        overview.connections = 12
        return .cluster(
            ClusterPart(at: at, overview: overview, nodes: nodes.map { NodeRow(name: $0.key, running: $0.value) }))
    }

    @Test("They are the sum of the rows where those are all there are")
    func sums() {
        var state = makeState { $0.initialView = .queues }
        state.send(cluster())
        #expect(state.totals?.ready == 4_432)
        #expect(state.totals?.isSumOfRows == false)
        state.send(bulk([depth("a", ready: 4_000, unacked: 5), depth("b", ready: 795, unacked: 1)], at: later(1)))
        #expect(state.totals?.ready == 4_795)
        #expect(state.totals?.unacked == 6)
        #expect(state.totals?.messages == 4_801)
        #expect(state.totals?.isSumOfRows == true)
        // A row that is measured again moves the sum, and nothing else does.
        state.send(live([depth("b", ready: 800)], at: later(2)), at: later(2))
        #expect(state.totals?.ready == 4_800)
        state.send(cluster(ready: 4_500, at: later(3)), at: later(3))
        #expect(state.totals?.ready == 4_800)
        #expect(state.history[.cluster, .ready].last == 4_800)
    }

    @Test("They are the broker's own where a node has not told of its queues, or long ago, or of one vhost alone")
    func falls() {
        var state = makeState { $0.initialView = .queues }
        state.send(cluster(["rabbit@a": true, "rabbit@b": true]))
        state.send(bulk([depth("a", ready: 10)]))
        #expect(state.totals?.ready == 4_432)
        state.send(bulk([depth("b", ready: 5)], node: "rabbit@b"))
        #expect(state.totals?.ready == 15)
        state.send(cluster(["rabbit@a": true, "rabbit@b": true], at: later(30)), at: later(30))
        #expect(state.totals?.ready == 4_432)
        state = makeState { $0.initialView = .queues }
        state.send(cluster())
        state.send(bulk([depth("a", ready: 10)], vhost: "/"))
        #expect(state.totals?.ready == 4_432)
        state.send(bulk([depth("a", ready: 10)], node: nil, source: .management))
        #expect(state.totals?.ready == 10)
        // A node that is down has nothing to tell.
        state = makeState { $0.initialView = .queues }
        state.send(cluster(["rabbit@a": true, "rabbit@b": false]))
        state.send(bulk([depth("a", ready: 10)]))
        #expect(state.totals?.ready == 10)
    }

    @Test("A view without queues shows the broker's own: nobody asks for depths there")
    func otherViews() {
        var state = makeState { $0.initialView = .queues }
        state.send(cluster())
        state.send(bulk([depth("a", ready: 10)]))
        #expect(state.totals?.ready == 10)
        state.type(.character("4"))
        #expect(state.totals?.ready == 4_432)
        state.send(cluster(ready: 5_000, at: later(5)), at: later(5))
        #expect(state.totals?.ready == 5_000)
        #expect(state.history[.cluster, .ready].last == 5_000)
        state.type(.character("1"))
        #expect(state.totals?.ready == 10)
    }

    @Test("Sums beyond any number end at the largest")
    func overflow() {
        var state = makeState { $0.initialView = .queues }
        state.send(
            bulk([depth("a", ready: .max, unacked: .max), depth("b", ready: 1)], node: nil, source: .management))
        #expect(state.totals?.ready == .max)
        #expect(state.totals?.messages == .max)
    }

    @Test("A frozen screen keeps the totals of its rows")
    func frozen() {
        var state = makeState { $0.initialView = .queues }
        state.send(cluster())
        state.send(bulk([depth("a", ready: 10)]))
        state.type(.character("Z"))
        state.send(bulk([depth("a", ready: 99)], at: later(5)), at: later(5))
        state.send(cluster(at: later(30)), at: later(30))
        #expect(state.totals?.ready == 10)
    }

    @Test("How many there are of what a view lists is what the list says, where it is newer and whole")
    func counts() {
        var state = makeState { $0.initialView = .connections }
        state.send(cluster())
        #expect(state.count(of: .connections) == 12)
        state.send(.connections(list([connection(orders), connection(billing)], at: later(1))))
        #expect(state.count(of: .connections) == 2)
        state.send(cluster(at: later(2)))
        #expect(state.count(of: .connections) == 12)
        state.send(.connections(list([connection(orders)], at: later(3))))
        state.type(text: "/orders")
        state.type(.enter)
        #expect(state.count(of: .connections) == 12)
    }

    @Test("The last point of a figure's history is its newest value")
    func lastPoint() {
        var series = History.Series()
        series.append(7_614, at: noon)
        series.append(7_525, at: later(0.1))
        #expect(series.points.count == 1)
        #expect(series.last == 7_525)
    }
}
