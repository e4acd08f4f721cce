import Foundation
import Screen
import Testing

@testable import TopCore

@Suite("Earlier filters")
struct FilterHistoryTests {
    private func queues() -> State {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("orders", ready: 3), depth("billing", ready: 2), depth("orders.dead", ready: 1)]))
        return state
    }

    private func prompt(_ state: State) -> String? {
        if case .filter(let prompt) = state.overlay { prompt.editor.text } else { nil }
    }

    @Test("A filter begins empty and shows all rows; Esc keeps the one that was")
    func beginsEmpty() {
        var state = queues()
        state.type(text: "/dead")
        state.type(.enter)
        #expect(state.queueNames == ["orders.dead"])
        state.type(.character("/"))
        #expect(prompt(state) == "")
        #expect(state.queueNames.count == 3)
        state.type(text: "bill")
        #expect(state.queueNames == ["billing"])
        state.type(.escape)
        #expect(state.queueNames == ["orders.dead"])
        #expect(state.queues.filter == .text("dead"))
        // What Esc left is no filter of the past.
        #expect(state.filterHistory.lines == ["dead"])
        // An empty line that is accepted is no filter.
        state.type(.character("/"), .enter)
        #expect(state.queues.filter == .none)
    }

    @Test("The arrows bring earlier filters and go back to what was being typed")
    func recalls() {
        var state = queues()
        for text in ["dead", "bill", "/^ord/"] {
            state.type(.character("/"))
            state.type(text: text)
            state.type(.enter)
        }
        state.type(.character("/"))
        state.type(text: "dra")
        state.type(.up)
        #expect(prompt(state) == "/^ord/")
        #expect(state.queueNames == ["orders", "orders.dead"])
        state.type(.up, .up)
        #expect(prompt(state) == "dead")
        // There is nothing before the first one.
        state.type(.up)
        #expect(prompt(state) == "dead")
        state.type(.down)
        #expect(prompt(state) == "bill")
        state.type(.down, .down)
        #expect(prompt(state) == "dra")
        state.type(.down)
        #expect(prompt(state) == "dra")
        // An earlier one can be changed, and is a new one then.
        state.type(.up, .up, .backspace, .enter)
        #expect(state.queues.filter == .text("bil"))
        #expect(state.filterHistory.lines == ["bil", "/^ord/", "bill", "dead"])
    }

    @Test("Each filter is remembered once, the newest first, in all views, and not without bound")
    func bounds() {
        var state = queues()
        for number in 0..<80 {
            state.type(.character("/"))
            state.type(text: "f\(number % 60)")
            state.type(.enter)
        }
        #expect(state.filterHistory.lines.count == LineHistory.capacity)
        #expect(state.filterHistory.lines.first == "f19")
        #expect(Set(state.filterHistory.lines).count == LineHistory.capacity)
        state.type(.character("4"), .character("/"), .up)
        #expect(prompt(state) == "f19")
        state.send(.paste(String(repeating: "x", count: 5_000)))
        state.type(.enter)
        #expect(state.filterHistory.lines.first == "f19")
    }

    @Test("The rows keep still while the arrows look for a filter; what a key set is remembered as well")
    func otherWays() {
        var state = makeState { $0.initialView = .events }
        var entry = ledgerEntry("injected", at: noon)
        entry.kind = .fault
        entry.fault = "latency #1"
        state.send(.entries([entry, ledgerEntry("reset by peer", connection: orders)], dropped: 0))
        state.type(text: "/injected")
        state.type(.enter)
        state.type(.enter, .enter)
        #expect(state.events.filter == .text("latency #1"))
        state.type(.character("/"), .up)
        #expect(prompt(state) == "latency #1")
        state.type(.up)
        #expect(prompt(state) == "injected")
    }
}
