import Foundation
import Screen
import Testing

@testable import TopCore

@Suite struct FormTests {
    private func publishing() -> State {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("orders", vhost: "shop", ready: 1)]))
        state.type(.character("p"))
        return state
    }

    private func fill(_ state: inout State, _ key: String, _ text: String) throws {
        let index = try #require(state.form?.fields.firstIndex { $0.key == key })
        while let form = state.form, form.focus != index { state.type(.tab) }
        state.type(.end, .control("u"))
        state.type(text: text)
    }

    @Test func aQueueIsReachedByTheDefaultExchange() throws {
        var state = publishing()
        #expect(state.form?.purpose == .publish(vhost: "shop"))
        #expect(state.form?["exchange"]?.editor.text == "")
        #expect(state.form?["routing_key"]?.editor.text == "orders")
        let expected = PublishRequest(
            vhost: "shop", exchange: "", routingKey: "orders", count: 1, body: .size(100))
        #expect(state.type(.enter) == [.start(OperationID(1), .publish(expected))])
        #expect(state.overlay == nil)
    }

    @Test func everyFieldGetsIntoTheRequest() throws {
        var state = publishing()
        try fill(&state, "exchange", "events")
        try fill(&state, "routing_key", "a.b")
        try fill(&state, "count", "500")
        try fill(&state, "rate", "12.5")
        try fill(&state, "body", "hello world")
        try fill(&state, "expiration", "60000")
        while state.form.map({ $0.fields[$0.focus].key }) != "persistent" { state.type(.backTab) }
        state.type(.space)
        while state.form.map({ $0.fields[$0.focus].key }) != "mandatory" { state.type(.down) }
        state.type(.right)
        var expected = PublishRequest(
            vhost: "shop", exchange: "events", routingKey: "a.b", count: 500, rate: 12.5, body: .text("hello world"))
        expected.persistent = true
        expected.expiration = 60_000
        expected.mandatory = false
        #expect(state.type(.enter) == [.start(OperationID(1), .publish(expected))])
    }

    @Test func withARateItMayGoOnUntilEsc() throws {
        var state = publishing()
        try fill(&state, "count", "")
        #expect(state.type(.enter) == [])
        #expect(state.form?["count"]?.problem?.contains("needs a rate") == true)
        try fill(&state, "rate", "10")
        let expected = PublishRequest(
            vhost: "shop", exchange: "", routingKey: "orders", count: nil, rate: 10, body: .size(100))
        #expect(state.type(.enter) == [.start(OperationID(1), .publish(expected))])
    }

    @Test(arguments: [
        ("count", "0"), ("count", "many"), ("count", "99999999999999999999"), ("rate", "-1"), ("rate", "nan"),
        ("rate", "1e99"), ("size", "-1"), ("size", "999999999"), ("expiration", "-5"), ("expiration", "1.5"),
        ("routing_key", String(repeating: "k", count: 256)),
    ])
    func whatIsWrongIsSaidAtTheField(_ key: String, _ text: String) throws {
        var state = publishing()
        try fill(&state, key, text)
        #expect(state.type(.enter) == [])
        #expect(state.form?[key]?.problem != nil)
        #expect(state.form.map { $0.fields[$0.focus].key } == key)
        // Typing takes the complaint back.
        state.type(.backspace)
        #expect(state.form?[key]?.problem == nil)
    }

    @Test func theLastButtonCancels() {
        var state = publishing()
        state.type(.backTab)
        #expect(state.form.map { $0.focus == $0.fields.count + 1 } == true)
        #expect(state.type(.enter) == [])
        #expect(state.overlay == nil)
    }

    @Test func anExchangeRowIsTheTarget() {
        var state = makeState { $0.initialView = .exchanges }
        var inside = ExchangeRow(id: queue("inside"))
        inside.isInternal = true
        state.send(.exchanges(list([ExchangeRow(id: queue("events", vhost: "shop")), inside])))
        state.type(.character("p"))
        #expect(state.form?["exchange"]?.editor.text == "events")
        #expect(state.form?.purpose == .publish(vhost: "shop"))
        state.type(.escape, .down, .character("p"))
        #expect(state.overlay == nil)
        #expect(state.notice?.text.contains("internal") == true)
    }

    @Test func consumeTakesPrefetchModeAndDelay() throws {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("orders", ready: 1, consumers: 4)]))
        state.type(.character("c"))
        #expect(state.form?.lines.contains { $0.contains("4 consumers") } == true)
        try fill(&state, "prefetch", "50")
        state.type(.tab, .right, .right)
        #expect(state.form?["acknowledge"]?.editor.text == "never")
        state.type(.left, .left, .left)
        #expect(state.form?["acknowledge"]?.editor.text == "reject")
        try fill(&state, "delay", "250")
        let expected = ConsumeRequest(queue: queue("orders"), prefetch: 50, acknowledge: .reject, delay: 250)
        #expect(state.type(.enter) == [.start(OperationID(1), .consume(expected))])
    }

    @Test func aStreamWantsAPrefetchAndAcknowledgements() throws {
        var state = makeState { $0.initialView = .queues }
        state.send(rich(depth("log", ready: 1)) { $0.type = "stream" })
        state.type(.character("c"))
        try fill(&state, "prefetch", "0")
        state.type(.tab, .right)
        #expect(state.type(.enter) == [])
        #expect(state.form?["prefetch"]?.problem != nil)
        #expect(state.form?["acknowledge"]?.problem != nil)
        #expect(state.form?.focus == 0)
    }

    @Test func lettersInAFieldAreNoCommands() throws {
        var state = publishing()
        try fill(&state, "routing_key", "qPDxX?")
        #expect(state.form?["routing_key"]?.editor.text == "qPDxX?")
        state.send(.paste("two\nlines"))
        #expect(state.form?["routing_key"]?.editor.text == "qPDxX?twolines")
    }
}

@Suite struct LineEditorTests {
    @Test func editsAsTerminalsDo() {
        var line = LineEditor("one two three")
        #expect(line.take(.control("w")) == true)
        #expect(line.text == "one two ")
        #expect(line.take(.control("a")) == true)
        #expect(line.take(.delete) == true)
        #expect(line.take(.right) == true)
        #expect(line.take(.character("X")) == true)
        #expect(line.text == "nXe two ")
        #expect(line.take(.control("k")) == true)
        #expect(line.text == "nX")
        #expect(line.take(.control("u")) == true)
        #expect(line.text == "")
        #expect(line.take(.backspace) == true)
        #expect(line.take(.up) == false)
        #expect(line.take(.enter) == false)
    }

    @Test func joinsCombiningCharacters() {
        var line = LineEditor("e")
        line.insert("\u{301}")
        #expect(line.text == "é")
        #expect(line.cursor == 1)
        line.deleteBackward()
        #expect(line.text == "")
    }
}
