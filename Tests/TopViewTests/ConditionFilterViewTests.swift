import Foundation
import Screen
import Testing

@testable import TopCore
@testable import TopView

@Suite("A condition in the filter line")
struct ConditionFilterViewTests {
    private let size = Size(width: 120, height: 40)

    private func lines(_ state: State) -> [Substring] {
        render(state, size: size, zone: .utc).frame.text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    private func line(_ beginning: String, _ state: State) -> String {
        lines(state).first { $0.hasPrefix(beginning) }.map(String.init) ?? "no such line"
    }

    @Test("The line says where it is wrong, how many rows match, and which names are possible")
    func line() {
        var state = Sample.state(.queues, size: size)
        state.press("/")
        state.type("redy > 1")
        #expect(line(" /redy > 1", state).contains("column 1: queues has no column redy; perhaps ready is meant"))
        state.press(.control("u"))
        state.type("ready >= 0 and re")
        #expect(line(" /ready >= 0 and re", state).contains("column 16: queues has no column re"))
        state.press(.tab)
        #expect(line(" /ready >= 0 and re", state).contains("ready redeliver_rate"))
        for _ in 0..<" and re".count { state.press(.backspace) }
        #expect(line(" /ready >= 0", state).hasSuffix("matches"), "\(line(" /ready >= 0", state))")
    }

    @Test("The title counts what is not known; no match says how to clear the filter")
    func title() {
        var state = Sample.state(.queues, size: size)
        state.press("/")
        state.type("policy = nosuch or ready > 1G")
        state.press(.enter)
        let screen = lines(state).joined(separator: "\n")
        #expect(screen.contains("filter policy = nosuch or ready > 1G"))
        #expect(screen.contains("No queues match policy = nosuch or ready > 1G"))
        #expect(screen.contains("Esc clears the filter"))
        #expect(state.queues.undecidedCount > 0 && screen.contains("\(state.queues.undecidedCount) not known"))
        state.press(.escape)
        #expect(!lines(state).joined().contains("not known"))
    }
}
