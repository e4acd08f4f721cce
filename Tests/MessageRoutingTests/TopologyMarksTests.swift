import Names
import Testing

@testable import MessageRouting

@Suite struct TopologyMarksTests {
    private typealias Exchange = RoutingModel.Exchange
    private typealias Queue = RoutingModel.Queue

    private func marks(
        _ exchanges: [Exchange], _ queues: [Topology.QueueNode], _ bindings: [RoutingModel.Binding]
    ) -> TopologyMarks {
        TopologyMarks(
            Topology(
                vhost: "/", exchanges: exchanges.map { Topology.ExchangeNode($0) }, queues: queues, bindings: bindings))
    }

    @Test("Loops of bindings and alternates are found, and only what lies in them")
    func loops() {
        let found = marks(
            [
                Exchange("in", .fanout), Exchange("a", .fanout), Exchange("b", .direct, alternate: "a"),
                Exchange("self", .fanout), Exchange("out", .fanout),
            ], [],
            [
                .exchange("a", from: "in"), .exchange("b", from: "a"), .exchange("out", from: "b"),
                .exchange("self", from: "self"),
            ])
        #expect(["in", "a", "b", "self", "out"].filter { found[.exchange($0)].contains(.loop) } == ["a", "b", "self"])
    }

    @Test("A loop of dead letters takes the key into account where it is known")
    func deadLetterLoops() {
        let found = marks(
            [Exchange("dlx", .direct), Exchange("in", .direct)],
            [
                .init(Queue("work", deadLetterExchange: .name("dlx"), deadLetterKey: .name("wait"))),
                .init(Queue("wait", deadLetterExchange: .name("in"), deadLetterKey: .name("work"))),
                .init(Queue("calm", deadLetterExchange: .name("dlx"), deadLetterKey: .name("dead"))),
                .init(Queue("dead")),
            ],
            [
                .queue("work", from: "in", "work"), .queue("calm", from: "dlx", "calm"),
                .queue("wait", from: "dlx", "wait"), .queue("dead", from: "dlx", "dead"),
            ])
        let queues: [Name] = ["work", "wait", "calm", "dead"]
        #expect(queues.filter { found[.queue($0)].contains(.deadLetterLoop) } == ["work", "wait"])
        #expect(queues.allSatisfy { !found[.queue($0)].contains(.loop) })
    }

    @Test("What nothing is bound to, leads to or takes from; unknown consumers are not none")
    func ends() {
        let found = marks(
            [Exchange("bare", .fanout), Exchange("spared", .fanout, alternate: "gone"), Exchange("", .direct)],
            [
                .init(Queue("alone"), consumers: 0), .init(Queue("busy"), rateIn: 2),
                .init(Queue("grave"), consumers: 1),
                .init(Queue("q", deadLetterExchange: .name(""), deadLetterKey: .name("grave"))),
            ],
            [.queue("q", from: "spared")])
        #expect(found[.exchange("bare")] == [.unbound] && found[.exchange("spared")] == [])
        #expect(found[.exchange("")] == [])
        #expect(found[.queue("alone")] == [.unfed, .undrained])
        // Something came in by its name, through the default exchange.
        let fed = TopologyMarks(
            Topology(
                vhost: "/", exchanges: [],
                queues: [
                    Topology.QueueNode(RoutingModel.Queue("holds"), messages: 1, consumers: 1),
                    Topology.QueueNode(RoutingModel.Queue("held"), messages: 0, consumers: 1, received: 5),
                ], bindings: []))
        #expect(fed[.queue("holds")].isEmpty && fed[.queue("held")].isEmpty)
        #expect(found[.queue("busy")] == [] && found[.queue("grave")] == [] && found[.queue("q")] == [])
        #expect(found.missing == [.exchange("gone")] && found[.exchange("gone")] == [.missing])
    }

    @Test("A queue is not missing where the queues are not known")
    func unknownQueues() {
        let found = TopologyMarks(
            Topology(
                vhost: "/", exchanges: [.init(Exchange("x", .fanout, alternate: "gone"))], queues: [],
                bindings: [.queue("q", from: "x")], hasAllQueues: false))
        #expect(found.missing == [.exchange("gone")] && found.unlisted == [.exchange("gone"), .queue("q")])
        #expect(found[.queue("q")] == [])
    }

    @Test("Long chains and many queues are no trouble", .timeLimit(.minutes(1)))
    func large() {
        let names = (0..<20_000).map { Name("x\($0)") }
        let exchanges = names.map { Exchange($0, .fanout) }
        var bindings = zip(names, names.dropFirst()).map { RoutingModel.Binding.exchange($1, from: $0) }
        bindings.append(.exchange("x0", from: "x19999"))
        let queues = (0..<10_000).map { Topology.QueueNode(Queue("q\($0)", deadLetterExchange: .name("x0"))) }
        bindings += (0..<10_000).map { .queue("q\($0)", from: "x0", "k\($0)") }
        let found = marks(exchanges, queues, bindings)
        #expect(found[.exchange("x777")].contains(.loop))
        #expect(found[.queue("q9")].contains(.deadLetterLoop))
    }
}
