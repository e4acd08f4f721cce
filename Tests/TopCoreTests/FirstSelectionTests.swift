import Screen
import Testing

@testable import TopCore

@Suite("Until the user has moved, the first row is selected")
struct FirstSelectionTests {
    private func watched() -> State {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("a", ready: 1)]))
        state.send(bulk([depth("a", ready: 1), depth("b", ready: 5)], at: later(1)), at: later(1))
        return state
    }

    @Test("It is whichever comes first by now")
    func follows() {
        var state = watched()
        state.type(.character(":"))
        state.type(text: "sort ready")
        state.type(.enter)
        #expect(state.queues.selected?.id == queue("b"))
        state.send(bulk([depth("a", ready: 9), depth("b", ready: 5)], at: later(2)), at: later(2))
        #expect(state.queues.selected?.id == queue("a"))
    }

    @Test("After a move, or with its details open, the item stays selected wherever it goes")
    func stays() {
        for keys in [[Key.down, .up], [.enter]] {
            var state = watched()
            state.type(.character(":"))
            state.type(text: "sort ready")
            state.type(.enter)
            for key in keys { state.type(key) }
            #expect(state.queues.selected?.id == queue("b"))
            state.send(bulk([depth("a", ready: 9), depth("b", ready: 5)], at: later(2)), at: later(2))
            #expect(state.queues.selected?.id == queue("b"))
        }
    }
}
