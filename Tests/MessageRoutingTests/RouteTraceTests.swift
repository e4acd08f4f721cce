import Names
import Testing

@testable import MessageRouting

@Suite struct RouteTraceTests {
    private typealias Exchange = RoutingModel.Exchange
    private typealias Queue = RoutingModel.Queue

    private func trace(_ model: RoutingModel, _ key: Name, _ headers: HeaderTable = [:]) -> RouteTrace {
        model.trace(RoutedMessage(exchange: "in", routingKey: key, headers: headers))
    }

    @Test("Dead letters go on with their own keys, or with the queue's")
    func keys() {
        let model = RoutingModel(
            exchanges: [Exchange("in", .fanout), Exchange("dlx", .direct)],
            queues: [
                Queue("keeps", deadLetterExchange: .name("dlx")),
                Queue("renames", deadLetterExchange: .name("dlx"), deadLetterKey: .name("dead")),
                Queue("by name", deadLetterExchange: .name(""), deadLetterKey: .name("grave")),
                Queue("drops"), Queue("grave"), Queue("k's"), Queue("copies"),
            ],
            bindings: [
                .queue("keeps", from: "in"), .queue("renames", from: "in"), .queue("by name", from: "in"),
                .queue("drops", from: "in"), .queue("grave", from: "dlx", "dead"), .queue("k's", from: "dlx", "k"),
                .queue("copies", from: "dlx", "cc"),
            ])
        let found = trace(model, "k", ["CC": ["cc"]])
        let reached = Dictionary(
            uniqueKeysWithValues: found.deadLetters.map { ($0.queue, $0.route.arrivals.map(\.queue)) })
        #expect(reached == ["keeps": ["copies", "k's"], "renames": ["grave"], "by name": ["grave"]])
        #expect(Set(found.withoutDeadLetters) == ["drops", "grave", "k's", "copies"])
        #expect(found.deadLetters.allSatisfy { $0.returnsTo.isEmpty })
    }

    @Test("A chain of dead letters is followed until it comes back")
    func circle() {
        let model = RoutingModel(
            exchanges: [Exchange("in", .direct)],
            queues: [
                Queue("work", deadLetterExchange: .name(""), deadLetterKey: .name("wait")),
                Queue("wait", deadLetterExchange: .name(""), deadLetterKey: .name("again")),
                Queue("again", deadLetterExchange: .name("in"), deadLetterKey: .name("k")),
                Queue("self", deadLetterExchange: .name(""), deadLetterKey: .name("self")),
            ], bindings: [.queue("work", from: "in", "k"), .queue("self", from: "in", "s")])
        let found = trace(model, "k")
        #expect(found.deadLetters.map(\.queue) == ["work", "wait", "again"])
        #expect(found.deadLetters.map(\.returnsTo) == [[], [], ["work"]])
        #expect(trace(model, "s").deadLetters.map(\.returnsTo) == [["self"]])
    }

    @Test("Dead letters may end, too: no exchange, no queue, an internal exchange takes them")
    func ends() {
        var inner = Exchange("inner", .fanout)
        inner.isInternal = true
        let model = RoutingModel(
            exchanges: [Exchange("in", .fanout), inner],
            queues: [
                Queue("a", deadLetterExchange: .name("gone")),
                Queue("b", deadLetterExchange: .name(""), deadLetterKey: .name("nobody")),
                Queue("c", deadLetterExchange: .name("inner")), Queue("d"),
            ],
            bindings: [
                .queue("a", from: "in"), .queue("b", from: "in"), .queue("c", from: "in"), .queue("d", from: "inner"),
            ])
        let found = trace(model, "k")
        #expect(found.deadLetters.map(\.route.outcome) == [.unroutable, .unroutable, .reached])
        #expect(found.deadLetters[1].route.deadEnds.map(\.reason) == [.noQueue("nobody")])
    }

    @Test("The headers that RabbitMQ adds are not guessed")
    func addedHeaders() {
        let model = RoutingModel(
            exchanges: [Exchange("in", .fanout), Exchange("dlx", .headers)],
            queues: [Queue("q", deadLetterExchange: .name("dlx"))],
            bindings: [
                .queue("q", from: "in"),
                .queue("rejected", from: "dlx", "", ["x-match": "all-with-x", "x-first-death-reason": "rejected"]),
                .queue("any", from: "dlx", "", ["x-match": "all-with-x", "x-death": .void]),
            ])
        let arrivals = trace(model, "k").deadLetters[0].route.arrivals
        #expect(arrivals.map(\.queue) == ["any", "rejected"])
        #expect(arrivals[0].doubt == nil && arrivals[1].doubt != nil)
    }

    @Test("Many queues: the dead letters of some are followed, and the others counted")
    func many() {
        let names = (0..<10_000).map { Name("q\($0)") }
        let model = RoutingModel(
            exchanges: [Exchange("in", .fanout)], queues: names.map { Queue($0, deadLetterExchange: .name("in")) },
            bindings: names.map { .queue($0, from: "in") })
        let found = model.trace(RoutedMessage(exchange: "in", routingKey: "k"), deadLettersOf: 3)
        #expect(found.route.arrivals.count == 10_000)
        #expect(found.deadLetters.count == 3 && found.unfollowed >= 9_997)
    }

    @Test("What is unknown of a queue's dead letters is said")
    func unknown() {
        var model = RoutingModel.unasked
        model.take(Exchange("in", .fanout), named: "in")
        model.take([.queue("q", from: "in")], of: "in")
        #expect(trace(model, "k").needs == [.queue("q")])
        model.lacks(.queue("q"), why: "timed out")
        #expect(trace(model, "k").gaps.map(\.why) == ["timed out"] && trace(model, "k").hasGaps)
    }
}
