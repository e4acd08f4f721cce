import Foundation
import Names
import Screen
import Testing

@testable import TopCore

/// Lists that the background polls beside what the screen asks for.
@Suite struct WholeListTests {
    private func channel(_ number: Int, of connection: Name = "a") -> ChannelRow {
        ChannelRow(id: ChannelID(connection: connection, number: number))
    }

    private func list(_ numbers: [Int], total: Int? = nil, isWhole: Bool, at: Double) -> Snapshot {
        .channels(
            ListPart(
                at: noon.addingTimeInterval(at), rows: numbers.map { channel($0) }, total: total, isWhole: isWhole))
    }

    private func state(in view: ViewID) -> State {
        var state = makeState { $0.initialView = view }
        _ = state.send(.tick)
        return state
    }

    @Test func theInterestWatchesAllUnlessACommandDoesNotNeedIt() throws {
        func interest(_ change: (inout State.Options) -> Void) throws -> Interest {
            var options = State.Options()
            change(&options)
            var state = State(size: Size(width: 80, height: 24), options: options, now: noon)
            let interest = state.changedInterest()
            return try #require(interest)
        }
        #expect(try interest { _ in }.watchesAll)
        #expect(try !interest { $0.watchesAll = false }.watchesAll)
    }

    @Test func aWholeListFillsTheTableAndRowsThatAreGoneLeave() {
        var state = state(in: .events)
        state.send(list([1, 2, 3], isWhole: true, at: 0))
        state.send(list([2, 3], isWhole: true, at: 5))
        #expect(state.channels.rows.map(\.id.number) == [2, 3])
    }

    @Test func aWholeListDoesNotReplaceThePageThatTheScreenShows() {
        var state = state(in: .channels)
        let all = Array(1...600)
        state.send(list(all, isWhole: true, at: 0))
        #expect(state.channels.rows.count == 600, "until there is a page, what is known is shown")
        state.send(list(Array(1...500), total: 600, isWhole: false, at: 1))
        state.send(list(all, isWhole: true, at: 3), at: noon.addingTimeInterval(3))
        #expect(state.channels.rows.count == 500 && state.channels.total == 600)
        // The screen has moved on and asks no more for the page.
        state.send(list(all, isWhole: true, at: 20), at: noon.addingTimeInterval(20))
        #expect(state.channels.rows.count == 600)
    }

    @Test func afterADrillDownTheWholeListIsShownAtOnce() {
        var state = state(in: .channels)
        state.scope = .connection("a")
        state.send(list([1], isWhole: false, at: 0))
        state.send(list([1, 2], isWhole: true, at: 1))
        #expect(state.channels.rows.count == 1)
        state.scope = nil
        state.send(list([1, 2], isWhole: true, at: 2))
        #expect(state.channels.rows.count == 2)
    }

    @Test func theRulesReadAWholeListWhateverTheScreenIsNarrowedTo() {
        #expect(list([1], isWhole: true, at: 0).isWholeList)
        #expect(!list([1], total: 9, isWhole: false, at: 0).isWholeList)
        let depths = QueueDepthsPart(at: noon, source: .prometheus, node: "n", vhost: nil, depths: [])
        #expect(Snapshot.queueDepths(depths).isWholeList)
        #expect(
            !Snapshot.queueDepths(QueueDepthsPart(at: noon, source: .prometheus, vhost: "v", depths: [])).isWholeList)
    }

    @Test func theDetailsOfAllQueuesDoNotPushTheQueuesOnTheScreenOutOfTheHistory() {
        var state = state(in: .queues)
        let shown = EntityID(vhost: "/", name: "shown")
        func rich(_ ids: [EntityID]) -> Snapshot {
            .queuesRich(
                QueuesRichPart(at: noon, queues: ids.map { (QueueDepth(id: $0, ready: 1), QueueDetails()) }))
        }
        state.send(rich([shown]))
        state.send(rich([shown]))
        #expect(state.history[.queue(shown), .ready].points.count == 1)
        state.send(rich((0..<1_000).map { EntityID(vhost: "/", name: Name("q\($0)")) }))
        #expect(state.history[.queue(shown), .ready].points.count == 1)
    }
}
