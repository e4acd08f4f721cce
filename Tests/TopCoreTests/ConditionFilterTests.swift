import Foundation
import Names
import Screen
import Testing

@testable import TopCore

@Suite("A condition as a filter")
struct ConditionFilterTests {
    private func queues() -> State {
        var state = makeState { $0.initialView = .queues }
        state.send(
            bulk([
                depth("orders", ready: 30, consumers: 0), depth("billing", ready: 2, consumers: 1),
                depth("ready-made", ready: 1, consumers: 0), depth("unknown"),
            ]))
        return state
    }

    private func prompt(_ state: State) -> FilterPrompt? {
        if case .filter(let prompt) = state.overlay { prompt } else { nil }
    }

    @Test(
        "Text stays text, and what begins like a condition is one",
        arguments: [
            ("ready > 5", true), ("ready>5", true), ("redy > 5", true), ("name ~ x", true), ("not ready", true),
            ("not name ~ x", true), ("(ready > 5", true), ("ready and", false), ("ready and ", true),
            ("unacked / messages", true), ("unacked/messages >= 0.9", true), ("known(ready)", true),
            ("now - idle_since > 5m", true), ("-ready < 5", true), ("a=b", true), ("!=", false),
            ("ready", false), ("ready-made", false), ("orders", false), ("name-service", false), ("not", false),
            ("not found", false), ("10.0.0.7:50640 -> 10.0.0.1:5672", false), ("orders and more", false),
            ("/ready > 5/", false), ("", false), ("(", false), ("ready ", false), ("> 5", false), ("é > 5", false),
            ("type-a", false), ("state machine", false),
        ])
    func meant(_ text: String, _ isCondition: Bool) {
        #expect(Condition.isMeant(by: text, in: .columns(of: .queues)) == isCondition)
    }

    @Test("It applies as it is typed; one that is not finished leaves the last good one in force")
    func typing() throws {
        var state = queues()
        state.type(text: "/ready")
        #expect(state.queueNames == ["ready-made"], "still text")
        state.type(text: " >")
        #expect(state.queueNames.count == 4, "no longer text, and not yet a condition")
        let problem = try #require(prompt(state)?.problem)
        #expect(problem.column == 8 && problem.what.contains("or a number"))
        state.type(text: " 1")
        #expect(state.queueNames == ["orders", "billing"])
        #expect(state.queues.undecidedCount == 1)
        state.type(text: " and consumrs")
        #expect(state.queueNames == ["orders", "billing"], "the last good one")
        #expect(prompt(state)?.problem?.what.contains("perhaps consumers is meant") == true)
        // Enter does not take what is wrong.
        state.type(.enter)
        #expect(prompt(state) != nil && state.filterHistory.lines.isEmpty)
        state.type(.control("w"))
        state.type(text: "consumers = 0")
        #expect(state.queueNames == ["orders"] && prompt(state)?.problem == nil)
        state.type(.enter)
        #expect(state.overlay == nil && state.filterHistory.lines == ["ready > 1 and consumers = 0"])
        #expect(state.interest?.filter.isEmpty == true, "the broker filters by name only")
        state.type(.character("/"), .up)
        #expect(state.queueNames == ["orders"])
        state.type(.escape, .escape)
        #expect(state.queueNames.count == 4 && state.queues.undecidedCount == 0)
    }

    @Test("Tab completes a name, and lists those that begin alike")
    func completing() throws {
        var state = queues()
        state.type(text: "/cons")
        state.type(.tab)
        #expect(prompt(state)?.editor.text == "consumers ")
        state.type(text: "= 0 and re")
        state.type(.tab)
        #expect(prompt(state)?.editor.text == "consumers = 0 and re")
        #expect(prompt(state)?.candidates == ["ready", "redeliver_rate"])
        state.type(text: "a")
        #expect(prompt(state)?.candidates == [])
        state.type(.tab)
        #expect(prompt(state)?.editor.text == "consumers = 0 and ready ")
        // In the middle of the line, too.
        state.type(.home)
        state.type(text: "mess")
        state.type(.tab)
        #expect(prompt(state)?.editor.text == "messages consumers = 0 and ready ")
        state.type(.control("u"), .control("k"))
        state.type(text: "zzz")
        state.type(.tab)
        #expect(prompt(state)?.editor.text == "zzz")
    }

    @Test("Rows come and go as their values change, and with the time")
    func changing() {
        var state = queues()
        state.type(text: "/ready >= 2")
        state.type(.enter)
        #expect(state.queueNames == ["orders", "billing"])
        state.send(live([depth("billing", ready: 1), depth("ready-made", ready: 7)], at: later(1)), at: later(1))
        #expect(state.queueNames == ["orders", "ready-made"])
        state.send(live([depth("unknown", ready: 2)], at: later(2)), at: later(2))
        #expect(state.queueNames == ["orders", "ready-made", "unknown"] && state.queues.undecidedCount == 0)
        state.send(bulk([depth("orders", ready: 0), depth("new", ready: 5)], at: later(3)), at: later(3))
        #expect(state.queueNames.contains("new") && !state.queueNames.contains("orders"))

        state.type(text: "/depth_age_s > 20")
        state.type(.enter)
        #expect(state.queueNames == [])
        state.send(live([depth("new", ready: 5)], at: later(40)), at: later(40))
        #expect(state.queueNames == ["orders"], "it was reported 37 seconds ago, and the other one now")
    }

    @Test("A row whose details are open stays while its values change, and goes with another filter")
    func held() {
        var state = queues()
        state.type(text: "/ready >= 2")
        state.type(.enter)
        state.type(.enter)
        #expect(state.isDetailOpen && state.queues.selected?.name == "orders")
        state.send(live([depth("orders", ready: 1)], at: later(1)), at: later(1))
        #expect(state.queueNames == ["billing", "orders"])
        state.type(text: "/ready >= 2")
        state.type(.enter)
        #expect(state.queueNames == ["billing"])
    }

    @Test("A view's own columns, in a whole list as in pages")
    func connections() {
        var state = makeState { $0.initialView = .connections }
        let rows = (0..<600).map { number in
            connection(Name("10.0.0.\(number) -> 10.0.1.1:5672")) { $0.channels = number }
        }
        state.type(text: "/channels >= 598")
        state.type(.enter)
        state.send(.connections(ListPart(at: noon, rows: rows, isWhole: true)))
        #expect(state.connections.order.count == 2)
        // The page that the broker sorted does not have them.
        state.send(.connections(ListPart(at: later(5), rows: Array(rows[..<500]), total: 600)), at: later(5))
        #expect(state.connections.order.count == 2)
        state.type(.escape)
        state.send(.connections(ListPart(at: later(10), rows: Array(rows[..<500]), total: 600)), at: later(10))
        #expect(state.connections.rows.count == 500)
    }

    @Test("A snapshot takes text, /regex/ or a condition, and says where one is wrong")
    func snapshot() throws {
        func names(_ filter: String) throws -> [Name] {
            var state = try State(.queues, size: Size(width: 100, height: 30), now: noon, filter: filter)
            state.send(bulk([depth("orders", ready: 30), depth("billing", ready: 2), depth("unknown")]))
            return state.queueNames
        }
        #expect(try names("ready > 5") == ["orders"])
        #expect(try names("/^b/") == ["billing"])
        #expect(try names("ing") == ["billing"])
        #expect(try names("depth_source = prometheus and known(ready)") == ["orders", "billing"])
        #expect {
            _ = try names("redy > 5")
        } throws: { error in
            "\(error)".hasPrefix(
                "the filter, column 1: queues has no column redy; perhaps ready is meant\n  redy > 5\n  ^")
        }
    }
}
