import Foundation
import MessageRouting
import Names
import Testing

@testable import TopCore

@Suite struct RouteExportTests {
    private typealias Exchange = RoutingModel.Exchange
    private typealias Queue = RoutingModel.Queue

    private static let model = RoutingModel(
        exchanges: [Exchange("orders", .topic), Exchange("all", .fanout), Exchange("dlx", .direct)],
        queues: [
            Queue("audit"), Queue("orders.eu", deadLetterExchange: .name("dlx"), deadLetterKey: .name("dead")),
            Queue("dead.orders"), Queue("evil\n\u{1b}[31m"),
        ],
        bindings: [
            .init(from: "orders", to: .exchange("all"), key: "#"), .init(from: "all", to: .queue("audit")),
            .init(from: "orders", to: .queue("orders.eu"), key: "order.eu.*"),
            .init(from: "orders", to: .queue("orders.us"), key: "order.us.*"),
            .init(from: "dlx", to: .queue("dead.orders"), key: "dead"),
        ])

    private func trace(_ exchange: Name, _ key: Name, _ headers: HeaderTable = [:]) -> RouteTrace {
        Self.model.trace(RoutedMessage(exchange: exchange, routingKey: key, headers: headers))
    }

    @Test("The lines say where it goes and why not elsewhere, and where dead letters go")
    func text() {
        #expect(
            trace("orders", "order.eu.new").text(vhost: "/") == """
                A message to exchange orders with key 'order.eu.new' in vhost / reaches 2 queues:
                  audit  by orders (topic) -[#]-> all (fanout) -[]->
                  orders.eu  by orders (topic) -[order.eu.*]->
                1 binding does not match:
                  orders -[order.us.*]-> orders.us: word 2 of the pattern is 'us', the key has 'eu'
                Dead letters:
                  orders.eu -> exchange dlx with key 'dead' -> dead.orders
                  audit: dropped, it has no dead-letter exchange
                  dead.orders: dropped, it has no dead-letter exchange

                """)
        #expect(
            trace("", "nobody").text(vhost: "/") == """
                A message to the default exchange with key 'nobody' in vhost / reaches no queue: it is dropped, or \
                returned if it is mandatory.
                The message ends at:
                  the default exchange: there is no queue named nobody

                """)
    }

    @Test("Names cannot write lines of their own")
    func escapes() {
        let text = trace("", "evil\n\u{1b}[31m").text(vhost: "a\nb")
        #expect(text.split(separator: "\n").count == 4 && !text.contains("\u{1b}"))
    }

    @Test("JSON has the members of the contract, and more")
    func json() throws {
        let text = trace("orders", "order.eu.new").json(vhost: "/")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["outcome"] as? String == "reached")
        let queues = try #require(object["queues"] as? [[String: Any]])
        #expect(queues.compactMap { $0["name"] as? String } == ["audit", "orders.eu"])
        #expect(queues.allSatisfy { $0["vhost"] as? String == "/" && $0["certain"] as? Bool == true })
        let path = try #require(queues[0]["path"] as? [[String: Any]])
        #expect(path.compactMap { $0["exchange"] as? String } == ["orders", "all"])
        #expect(path.compactMap { $0["routing_key"] as? String } == ["#", ""])
        #expect((object["dead_ends"] as? [Any])?.isEmpty == true)
        #expect((object["misses"] as? [[String: Any]])?.first?["destination"] as? String == "orders.us")
        let letters = try #require(object["dead_letters"] as? [[String: Any]])
        #expect(letters.first?["queues"] as? [String] == ["dead.orders"])
        let none = trace("missing", "").json(vhost: "/")
        let ends = try #require(
            (try JSONSerialization.jsonObject(with: Data(none.utf8)) as? [String: Any])?["dead_ends"]
                as? [[String: Any]])
        #expect(ends.first?["at"] as? String == "missing")
    }
}

@Suite struct RouteQuestionTests {
    private func publishing() -> State {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("orders", vhost: "shop", ready: 1)]))
        state.type(.character("p"))
        return state
    }

    private func note(_ state: State) -> String? {
        state.form.flatMap { state.notes(for: $0).first { $0.label == "Route" }?.text }
    }

    private func answer(_ state: State, _ route: Route?, _ problem: String? = nil) -> Snapshot {
        .route(RouteAnswer(at: noon, question: state.routeQuestion!, route: route, problem: problem))
    }

    @Test("The form asks where its message goes, and again when it changes")
    func asks() throws {
        var state = publishing()
        let question = try #require(state.interest?.route)
        #expect(
            question.vhost == "shop" && question.message.exchange.isEmpty && question.message.routingKey == "orders")
        #expect(note(state) == "asking the broker")
        let model = RoutingModel(queues: ["orders"])
        state.send(answer(state, model.route(question.message)))
        #expect(note(state) == "1 queue: orders")
        state.type(.tab)
        state.type(text: "x")
        #expect(state.interest?.route?.message.routingKey == "ordersx")
        #expect(note(state) == "asking the broker", "an answer to another question is none")
        let other = try #require(state.routeQuestion)
        state.send(answer(state, model.route(other.message)))
        #expect(note(state)?.hasPrefix("no queue: the default exchange: there is no queue named ordersx") == true)
        state.send(answer(state, nil, "the list is not permitted"))
        #expect(note(state) == "not known: the list is not permitted")
        state.type(.escape)
        #expect(state.interest?.route == nil)
    }

    @Test("Many queues are counted, and what is not certain is said")
    func sentences() {
        let names = (0..<9).map { Name("q\($0)") }
        let bindings = names.map { RoutingModel.Binding(from: "x", to: .queue($0)) }
        func sentence(_ exchange: RoutingModel.Exchange) -> String {
            RoutingModel(exchanges: [exchange], bindings: bindings)
                .route(RoutedMessage(exchange: "x", routingKey: "")).sentence
        }
        #expect(sentence(.init("x", .fanout)) == "9 queues: q0, q1, q2, q3, q4 and 4 more")
        #expect(sentence(.init("x", type: "x-random")) == "one of q0, q1, q2, q3, q4 and 4 more")
        #expect(sentence(.init("x", type: "x-odd")).hasPrefix("perhaps q0, q1, q2, q3, q4 and 4 more: how x routes"))
    }
}
