import Names
import Screen
import Testing

@testable import TopCore

@Suite("Columns that the user chooses")
struct ColumnChooserTests {
    private func queues() -> State {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("a", ready: 1), depth("b", ready: 2)]))
        return state
    }

    private func chooser(_ state: State) -> ColumnChooser? {
        if case .columns(let chooser) = state.overlay { chooser } else { nil }
    }

    private func select(_ name: String, in state: inout State) {
        state.type(.home)
        for _ in 0..<40 where chooser(state).map({ $0.items[$0.selected].name }) != name { state.type(.down) }
    }

    private func titles(_ state: State) -> [String] { state.queues.shownColumns.map(\.key.rawValue) }

    @Test("A column is hidden and shown at once, Enter keeps it and Esc does not")
    func showing() {
        var state = queues()
        let usual = titles(state)
        state.type(.character("C"))
        select("unacked", in: &state)
        state.type(.space)
        #expect(titles(state) == usual.filter { $0 != "unacked" })
        state.type(.escape)
        #expect(titles(state) == usual)
        state.type(.character("C"))
        select("unacked", in: &state)
        state.type(.space, .enter)
        #expect(state.overlay == nil)
        #expect(!titles(state).contains("unacked"))
        // The other views keep theirs.
        #expect(state.channels.columnSetup == ColumnSetup())
        state.type(.character("C"), .character("r"), .enter)
        #expect(titles(state) == usual)
        #expect(state.queues.columnSetup == ColumnSetup())
    }

    @Test("A column moves, and is made wider and narrower within bounds")
    func moving() {
        var state = queues()
        state.type(.character("C"))
        select("ready", in: &state)
        let place = titles(state).firstIndex(of: "ready") ?? 0
        state.type(.character("K"), .character("K"))
        #expect(titles(state).firstIndex(of: "ready") == place - 2)
        state.type(.right)
        #expect(titles(state).firstIndex(of: "ready") == place - 1)
        let usual = QueueRow.column(.ready).width
        state.type(.character("+"), .character("+"), .character("-"))
        #expect(state.queues.chosenWidth(.ready) == usual + 1)
        for _ in 0..<200 { state.type(.character("-")) }
        #expect(state.queues.chosenWidth(.ready) == ColumnSetup.possibleWidths.lowerBound)
        for _ in 0..<200 { state.type(.character("+")) }
        #expect(state.queues.chosenWidth(.ready) == ColumnSetup.possibleWidths.upperBound)
    }

    @Test("The name cannot be hidden; a hidden sort column is still told")
    func fixed() {
        var state = queues()
        state.type(.character("C"))
        select("name", in: &state)
        state.type(.space)
        #expect(titles(state).contains("name"))
        select("ready", in: &state)
        state.type(.space, .enter)
        #expect(state.queues.sort == .ready)
        #expect(state.queues.hiddenSort == "READY")
        state.type(.character(">"))
        #expect(state.queues.hiddenSort == nil)
        #expect(titles(state).contains(state.queues.sort.rawValue))
    }

    @Test("Names that the view does not have, doubles and absurd widths are passed over")
    func foreign() {
        var state = queues()
        var setup = ColumnSetup()
        setup.shown = ["ready", "no such", "ready"]
        setup.widths = ["ready": 1_000_000, "unacked": 12, "x": 5]
        state.apply(.show(setup), to: .queues)
        #expect(titles(state) == ["name", "ready"])
        #expect(state.queues.columnSetup.widths == ["unacked": 12])
        setup.shown = []
        state.apply(.show(setup), to: .queues)
        #expect(titles(state) == ["name"])
    }

    @Test("A column that only scripts have can be shown, by a click, too")
    func scripted() {
        var state = makeState { $0.initialView = .connections }
        state.send(.connections(list([connection(orders)])))
        state.type(.character("C"))
        guard let hidden = chooser(state)?.items.firstIndex(where: { !$0.isShown }) else { return }
        let name = chooser(state)?.items[hidden].name
        state.send(.pointer(.choice(hidden)))
        #expect(state.connections.shownColumns.map(\.key.rawValue).contains(name ?? ""))
    }
}
