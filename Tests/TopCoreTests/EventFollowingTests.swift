import Faults
import Foundation
import Screen
import Testing

@testable import TopCore

@Suite("Events follows the newest until the user moves away")
struct EventFollowingTests {
    private func filled(_ count: Int = 10, rows: Int = 5) -> State {
        var state = makeState { $0.initialView = .events }
        state.send(.viewport(rows: rows))
        for number in 1...count { add(number, to: &state) }
        return state
    }

    private func add(_ number: Int, to state: inout State, text: String? = nil) {
        let at = later(Double(number))
        state.send(.entries([ledgerEntry(text ?? "event \(number)", at: at)], dropped: 0), at: at)
    }

    private func position(_ state: State) -> Int { state.events.cursor - state.events.top }

    @Test func theNewestIsSelectedAndOnTheScreen() {
        let state = filled()
        #expect(state.events.selected?.text == "event 10")
        #expect(state.events.top == 0)
        #expect(state.events.newerCount == nil)
    }

    @Test func afterAMoveTheRowStaysWhereItIsAndTheNewerAreCounted() {
        var state = filled()
        state.type(.down, .down)
        #expect(state.events.selected?.text == "event 8")
        #expect(state.events.newerCount == 0)
        for number in 11...14 { add(number, to: &state) }
        #expect(state.events.selected?.text == "event 8")
        #expect(position(state) == 2)
        #expect(state.events.newerCount == 4)
        state.type(.character("g"))
        #expect(state.events.selected?.text == "event 14")
        #expect(state.events.newerCount == nil)
        add(15, to: &state)
        #expect(state.events.selected?.text == "event 15")
    }

    @Test func movingBackToTheNewestFollowsAgain() {
        var state = filled()
        state.type(.down)
        add(11, to: &state)
        #expect(state.events.newerCount == 1)
        state.type(.up, .up)
        #expect(state.events.newerCount == nil)
        add(12, to: &state)
        #expect(state.events.selected?.text == "event 12")
    }

    @Test func withTheOldestFirstTheEndFollows() {
        var state = filled()
        state.type(.character("I"))
        #expect(state.events.selected?.text == "event 10")
        #expect(state.events.newestCommand == .bottom)
        add(11, to: &state)
        #expect(state.events.selected?.text == "event 11")
        #expect(state.events.top == 6)
        state.type(.up)
        for number in 12...15 { add(number, to: &state) }
        #expect(state.events.selected?.text == "event 10")
        #expect(state.events.top == 6)
        #expect(state.events.newerCount == 4)
        state.type(.character("G"))
        #expect(state.events.newerCount == nil)
        add(16, to: &state)
        #expect(state.events.selected?.text == "event 16")
    }

    @Test func aFilterChangesNothingOfIt() {
        var state = filled()
        state.type(.character("/"))
        state.type(text: "even")
        state.type(.enter)
        #expect(state.events.selected?.text == "event 10")
        state.type(.down)
        add(11, to: &state, text: "another thing")
        add(12, to: &state)
        #expect(state.events.newerCount == 1)
        #expect(state.events.selected?.text == "event 9")
        #expect(position(state) == 1)
    }

    @Test func openDetailsStayAtTheirEvent() {
        var state = filled()
        state.type(.enter)
        add(11, to: &state)
        #expect(state.events.selected?.text == "event 10")
        #expect(state.events.newerCount == 1)
        #expect(position(state) == 0)
    }

    @Test func anotherOrderHasNoNewest() {
        var state = filled()
        state.type(.character(">"))
        #expect(state.events.newestCommand == nil)
        state.type(.down)
        add(11, to: &state)
        #expect(state.events.newerCount == nil)
    }
}
