import Foundation
import Names
import Screen
import Testing

@testable import TopCore

@Suite("The command line")
struct CommandLineTests {
    private func queues() -> State {
        var state = makeState { $0.initialView = .queues }
        state.send(.vhosts(["/", "billing"]))
        state.send(
            bulk([
                depth("orders", ready: 3_000), depth("billing", ready: 2), depth("orders.dead", ready: 1),
            ]))
        return state
    }

    private func prompt(_ state: State) -> CommandPrompt? {
        if case .commandLine(let prompt) = state.overlay { prompt } else { nil }
    }

    @discardableResult
    private func type(_ line: String, in state: inout State) -> [Action] {
        state.type(.character(":"))
        return state.type(text: line) + state.type(.enter)
    }

    @Test(
        "A view goes by its name or the beginning of it",
        arguments: [
            ("queues", ViewID.queues), ("q", .queues), ("conn", .connections), ("ch", .channels), ("cons", .consumers),
            ("ex", .exchanges), ("ev", .events), ("o", .overview), ("lab", .lab), (" nodes ", .nodes),
        ])
    func views(_ line: String, _ view: ViewID) {
        var state = makeState { $0.initialView = view == .client ? .overview : .client }
        type(line, in: &state)
        #expect(state.view == view)
        #expect(state.overlay == nil)
    }

    @Test("What follows a view filters it: text, or a condition")
    func filtered() {
        var state = queues()
        type("q orders", in: &state)
        #expect(state.queueNames == ["orders", "orders.dead"])
        state.type(.character("8"))
        type("queues ready > 1k", in: &state)
        #expect(state.view == .queues)
        #expect(state.queueNames == ["orders"])
        // The filter is remembered as one that was typed.
        #expect(state.filterHistory.lines.first == "ready > 1k")
        type("filter billing", in: &state)
        #expect(state.queueNames == ["billing"])
    }

    @Test("An action by its name asks what its key asks")
    func actions() {
        var state = queues()
        type("purge", in: &state)
        #expect(state.confirmation?.operation == .purge(queue("orders")))
        state.type(.escape)
        type("publish", in: &state)
        #expect(state.form != nil)
        state.type(.escape)
        #expect(type("quit", in: &state) == [.quit])
    }

    @Test("An action that does nothing here says why, by its name")
    func explained() {
        var state = makeState { $0.initialView = .nodes }
        type("purge", in: &state)
        #expect(state.overlay == nil)
        #expect(state.notice?.text == ":purge works in Queues")
        var closed = makeState {
            $0.initialView = .queues
            $0.readOnly = true
        }
        closed.send(bulk([depth("a", ready: 1)]))
        type("purge", in: &closed)
        #expect(closed.overlay == nil)
        #expect(closed.notice?.text.contains("Read-only: :purge is refused") == true)
    }

    @Test("Settings: vhost, theme, order, time")
    func settings() {
        var state = queues()
        type("vhost billing", in: &state)
        #expect(state.vhost == "billing")
        type("vhost all", in: &state)
        #expect(state.vhost == nil)
        type("theme light", in: &state)
        #expect(state.options.theme == "light")
        type("sort -name", in: &state)
        #expect(state.queues.sort == .name)
        #expect(state.queues.descending)
        type("sort ready", in: &state)
        #expect(state.queues.sort == .ready)
        #expect(state.queues.descending)
        let actions = type("time -10m", in: &state)
        #expect(actions.contains { if case .seek = $0 { true } else { false } })
    }

    @Test(
        "What is not understood stays to be mended, with the nearest name",
        arguments: [
            ("queeus", "there is no command queeus; perhaps queues is meant"), ("e", "e can be exchanges or events"),
            ("zzzz", "there is no command zzzz: Tab lists them"), ("purge orders", "purge takes nothing after it"),
            ("queues redy > 1", "queues has no column redy"), ("vhost biling", "perhaps billing is meant"),
            ("theme pink", "a theme is dark, light, mono"), ("sort redy", "perhaps ready is meant"),
            ("sort", "sort takes a column"), ("time soon", "a time"), ("queues /(/", ")"),
        ])
    func problems(_ line: String, _ what: String) {
        var state = queues()
        type(line, in: &state)
        #expect(prompt(state)?.editor.text == line)
        #expect(prompt(state)?.problem?.contains(what) == true, "\(prompt(state)?.problem ?? "none")")
        #expect(state.view == .queues && state.queueNames.count == 3)
        state.type(.backspace)
        #expect(prompt(state)?.problem == nil)
        state.type(.escape)
        #expect(state.overlay == nil)
        #expect(state.commandHistory.lines.isEmpty)
    }

    @Test(
        "Tab completes names and what follows them",
        arguments: [
            ("que", "queues "), ("thr", "thr"), ("vhost bi", "vhost billing "), ("theme l", "theme light "),
            ("sort -publ", "sort -publish_rate "), ("queues rea", "queues ready "), ("filter unac", "filter unacked "),
            ("nex", "next-view "),
        ])
    func completes(_ typed: String, _ completed: String) {
        var state = queues()
        state.type(.character(":"))
        state.type(text: typed)
        state.type(.tab)
        #expect(prompt(state)?.editor.text == completed)
    }

    @Test("Several names that begin so are listed, those that do nothing here are not")
    func candidates() {
        var state = queues()
        state.type(.character(":"))
        state.type(text: "p")
        state.type(.tab)
        #expect(prompt(state)?.candidates.contains("purge") == true)
        #expect(prompt(state)?.candidates.contains("publish") == true)
        state.type(.escape, .character("7"), .character(":"))
        state.type(text: "p")
        state.type(.tab)
        #expect(prompt(state)?.candidates.contains("purge") == false)
    }

    @Test("The arrows bring earlier lines, of this session and in any view")
    func history() {
        var state = queues()
        for line in ["q orders", "nodes", "theme mono"] { type(line, in: &state) }
        #expect(state.commandHistory.lines == ["theme mono", "nodes", "q orders"])
        state.type(.character("8"), .character(":"))
        state.type(text: "dra")
        state.type(.up, .up)
        #expect(prompt(state)?.editor.text == "nodes")
        state.type(.down, .down)
        #expect(prompt(state)?.editor.text == "dra")
        state.type(.up, .up, .up, .enter)
        #expect(state.view == .queues)
        #expect(state.queueNames == ["orders", "orders.dead"])
    }

    @Test("An empty line closes, and pasted text goes into the line")
    func edges() {
        var state = queues()
        type("", in: &state)
        #expect(state.overlay == nil)
        state.type(.character(":"))
        state.send(.paste("queues\n orders"))
        #expect(prompt(state)?.editor.text == "queues orders")
        state.send(.paste(String(repeating: "x", count: 20_000)))
        state.type(.enter)
        #expect(state.commandHistory.lines.isEmpty)
    }

    @Test("Every view and every key of a view has a name here, and no two have the same")
    func complete() throws {
        let names = CommandLineEntry.all.map(\.name)
        #expect(Set(names).count == names.count)
        for view in ViewID.allCases { #expect(names.contains(view.rawValue)) }
        for binding in Bindings.all where binding.contexts.contains(.view) && binding.command != .commandLine {
            #expect(names.contains(binding.command.name), "\(binding.command.name)")
        }
    }
}
