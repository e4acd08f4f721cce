import Foundation
import Names
import Screen
import Testing

@testable import TopCore

@Suite("Copying to the clipboard")
struct CopyTests {
    private func queues(_ names: [Name] = ["orders", "it's \"new\""]) -> State {
        var state = makeState {
            $0.initialView = .queues
            $0.connectionArguments = ["--host", "rabbit.example", "--username", "shop"]
        }
        state.send(bulk(names.enumerated().map { depth($1, ready: 100 - $0) }))
        return state
    }

    private func text(_ actions: [Action]) -> String? {
        guard case .copy(let bytes)? = actions.first else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("The name, the row as JSON, or a command, of the selected row")
    func one() throws {
        var state = queues()
        state.type(.character("y"))
        #expect(state.picker?.choices.map(\.label) == ["Name", "Row as JSON", "Shell command"])
        #expect(text(state.type(.enter)) == "orders")
        #expect(state.overlay == nil)
        #expect(state.notice?.text.contains("name of orders, 6 B") == true, "\(state.notice?.text ?? "")")
        #expect(state.notice?.text.contains("may refuse") == true)
        state.type(.character("y"), .down)
        let json = try #require(text(state.type(.enter)))
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        #expect(object?["name"] as? String == "orders" && object?["ready"] as? Int == 100)
        state.type(.character("y"), .down, .down)
        #expect(
            text(state.type(.enter))
                == "rabbittop snapshot --host rabbit.example --username shop --view queues "
                + "--filter 'vhost = \"/\" and name = \"orders\"' --format json")
    }

    @Test("A name with quotes is quoted for the condition and for the shell")
    func quoted() throws {
        var state = queues()
        state.type(.down, .character("y"), .down, .down)
        let command = try #require(text(state.type(.enter)))
        #expect(command.contains("'vhost = \"/\" and name = \"it'\\''s \\\"new\\\"\"'"))
        // What the shell gives to rabbittop finds the row.
        let filter = "vhost = \"/\" and name = \"it's \\\"new\\\"\""
        let found = try State(.queues, size: Size(width: 80, height: 24), now: noon, filter: filter)
        var again = found
        again.send(bulk([depth("orders", ready: 1), depth("it's \"new\"", ready: 2)]))
        #expect(again.queueNames == ["it's \"new\""])
    }

    @Test("All tagged rows, one a line")
    func tagged() throws {
        var state = queues(["a", "b", "c"])
        state.type(.space, .space, .character("y"))
        #expect(state.picker?.title == "Copy 2 tagged rows")
        #expect(text(state.type(.enter)) == "a\nb")
        state.type(.character("y"), .down)
        #expect(text(state.type(.enter))?.split(separator: "\n").count == 2)
        state.type(.character("y"), .down, .down)
        #expect(text(state.type(.enter))?.contains("(vhost = \"/\" and name = \"a\") or (vhost") == true)
    }

    @Test("A name is copied by its bytes, also where they are not UTF-8")
    func bytes() throws {
        let name = Name(bytes: [0x61, 0xFF])
        var state = queues([name])
        state.type(.character("y"))
        #expect(state.picker?.choices[2].disabled == "a name has bytes that are not UTF-8")
        #expect(state.type(.enter) == [.copy([0x61, 0xFF])])
    }

    @Test("What is too large is not sent, and that is said with what to do")
    func tooLarge() {
        var state = queues((0..<3_000).map { Name("a queue with a name of some length \($0)") })
        state.type(.character("*"), .character("y"))
        #expect(state.picker?.choices[2].disabled == "too many rows for one command")
        #expect(state.type(.enter) == [])
        #expect(state.notice?.text.contains("Too large for a clipboard") == true)
        #expect(state.notice?.severity == .warning)
    }
}
