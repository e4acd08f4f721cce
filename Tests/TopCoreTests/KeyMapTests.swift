import Screen
import Testing

@testable import TopCore

@Suite("Keys that the user chooses")
struct KeyMapTests {
    private func queues(_ choices: [(command: String, keys: [String])]) throws -> State {
        let keys = try KeyMap(choices)
        var state = makeState {
            $0.initialView = .queues
            $0.keys = keys
        }
        state.send(bulk([depth("orders", ready: 3)]))
        return state
    }

    @Test("A command answers to its new key alone; footer and help show it")
    func changed() throws {
        var state = try queues([("purge", ["K"])])
        #expect(Bindings.binding(for: .character("P"), in: state) == nil)
        state.type(.character("K"))
        #expect(state.confirmation?.operation == .purge(queue("orders")))
        state.type(.escape)
        #expect(Bindings.footer(for: state).contains { $0.keyLabel == "K" && $0.command == .purge })
        let help = Bindings.help(for: state).flatMap(\.items)
        #expect(help.contains { $0.name == "purge" && $0.keys == "K" })
    }

    @Test("Two commands can change places, and a command can have several keys or none")
    func several() throws {
        var state = try queues([("purge", ["D"]), ("delete", ["P"]), ("write", []), ("invert", ["I", "F5"])])
        state.type(.character("P"))
        #expect(state.confirmation?.operation == .deleteQueue(queue("orders")))
        state.type(.escape, .character("w"))
        #expect(state.overlay == nil)
        for key: Key in [.function(5), .character("I")] {
            let before = state.queues.descending
            state.type(key)
            #expect(state.queues.descending != before)
        }
    }

    @Test("Dialogs keep their keys, and Ctrl-C quits whatever is chosen")
    func kept() throws {
        var state = try queues([("back", ["b"]), ("quit", ["Q"])])
        state.type(.character("P"))
        #expect(state.confirmation != nil)
        state.type(.escape)
        #expect(state.overlay == nil)
        #expect(state.type(.character("q")) == [])
        #expect(state.type(.control("c")) == [.quit])
    }

    @Test(
        "What cannot be meant is refused with what to write",
        arguments: [
            ("purg", "K", "perhaps purge is meant"), ("xxxxxxxx", "K", "there is no such command"),
            ("purge", "Hyper-K", "'Hyper-K' is no key"), ("purge", "D", "D belongs to delete"),
            ("purge", "KK", "'KK' is no key"), ("accept", "a", "a is text in a form or a filter"),
            ("purge", "Ctrl-C", "^C belongs to quit"), ("next-message", "h", "h belongs to hex"),
        ])
    func refused(_ command: String, _ key: String, _ what: String) {
        #expect {
            try KeyMap([(command, [key])])
        } throws: { error in
            let problem = error as? KeyMap.Problem
            return problem?.command == command && problem?.what.contains(what) == true
        }
    }

    @Test("Every command has a name of its own, of lower-case words")
    func names() {
        var commands: [String: Command] = [:]
        for command in Bindings.all.map(\.command) {
            #expect(command.name.wholeMatch(of: #/[a-z]+(-[a-z]+)*/#) != nil, "\(command.name)")
            #expect(commands[command.name].map { $0 == command } ?? true, "\(command.name)")
            commands[command.name] = command
        }
    }

    @Test("The table's own keys can be written as choices")
    func standard() throws {
        for binding in Bindings.all where binding.contexts == [.view] {
            let all = Bindings.all.filter { $0.command == binding.command }
            guard all.count == 1 else { continue }
            let keys = try KeyMap([(binding.command.name, binding.keys.map { $0.label(.ascii) })])
            #expect(keys.chosen[binding.command] == binding.keys)
        }
    }
}
