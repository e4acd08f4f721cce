import Foundation
import Testing

@testable import TopCore

/// The broker lists a consumer that has just begun without its channel.
@Suite struct FreshConsumerTests {
    private static let queue = EntityID(vhost: "/", name: "orders")
    private static let now = Date(timeIntervalSince1970: 1_000)

    private func part(_ ids: [ConsumerID], after seconds: Double) -> Snapshot {
        .consumers(
            ListPart(at: Self.now + seconds, rows: ids.map { ConsumerRow(id: $0) }, isWhole: true))
    }

    private func id(_ channel: Int?, tag: String = "t") -> ConsumerID {
        ConsumerID(
            queue: Self.queue, channel: channel.map { ChannelID(connection: "c", number: $0) }, tag: .init(tag))
    }

    private func opened() -> State {
        var state = State(size: .init(width: 120, height: 40), now: Self.now)
        _ = update(&state, .key(.character("5")), at: Self.now)
        _ = update(&state, .snapshot(part([id(nil)], after: 0)), at: Self.now)
        _ = update(&state, .key(.enter), at: Self.now)
        return state
    }

    @Test func theSelectionStaysWhenTheChannelIsReported() {
        var state = opened()
        _ = update(&state, .snapshot(part([id(3)], after: 5)), at: Self.now + 5)
        #expect(state.selectedID == .consumer(id(3)))
        #expect(!state.isSelectedEnded)
        #expect(state.consumers.rows.count == 1)
    }

    @Test func anotherConsumerIsNotTakenForIt() {
        var state = opened()
        _ = update(&state, .snapshot(part([id(3, tag: "other")], after: 5)), at: Self.now + 5)
        #expect(state.isSelectedEnded)
        #expect(state.consumers.row(.consumer(id(3, tag: "other"))) != nil)
    }
}
