import Names
import Testing

@testable import MessageRouting

extension RoutingModel.Binding {
    static func queue(_ queue: Name, from source: Name, _ key: Name = "", _ arguments: HeaderTable = [:]) -> Self {
        Self(from: source, to: .queue(queue), key: key, arguments: arguments)
    }

    static func exchange(_ exchange: Name, from source: Name, _ key: Name = "") -> Self {
        Self(from: source, to: .exchange(exchange), key: key)
    }
}

/// The rules of common misconceptions that differ from AMQP in one thing.
extension RoutingRules {
    static func but(_ change: (inout RoutingRules) -> Void) -> RoutingRules {
        var rules = RoutingRules.amqp
        change(&rules)
        return rules
    }
}

@Suite struct RoutingModelTests {
    private typealias Exchange = RoutingModel.Exchange

    @Test func aQueueGetsAMessageOnceHoweverManyBindingsMatch() {
        let model = RoutingModel(
            exchanges: [Exchange("t", .topic)], queues: ["q", "r"],
            bindings: [
                .queue("q", from: "t", "a.*"), .queue("q", from: "t", "#"), .queue("q", from: "t", "*.b"),
                .queue("r", from: "t", "a.b"),
            ])
        #expect(model.route(to: "t", key: "a.b") == ["q": 1, "r": 1])
        #expect(model.route(to: "t", key: "a.b", by: .but { $0.copiesPerBinding = true }) == ["q": 3, "r": 1])
    }

    @Test func theDefaultExchangeKnowsQueuesByTheirNames() {
        let model = RoutingModel(queues: ["q"])
        #expect(model.route(to: "", key: "q") == ["q": 1])
        #expect(model.route(to: "", key: "r").isEmpty)
        #expect(model.route(to: "missing", key: "q").isEmpty)
    }

    @Test func directComparesAndFanoutDoesNot() {
        let model = RoutingModel(
            exchanges: [Exchange("d", .direct), Exchange("f", .fanout)], queues: ["q"],
            bindings: [.queue("q", from: "d", "k"), .queue("q", from: "f", "k")])
        #expect(model.route(to: "d", key: "k") == ["q": 1])
        #expect(model.route(to: "d", key: "x").isEmpty)
        #expect(model.route(to: "f", key: "x") == ["q": 1])
        #expect(model.route(to: "f", key: "x", by: .but { $0.fanoutHeedsKeys = true }).isEmpty)
    }

    @Test func exchangesCompareTheKeyAgain() {
        let model = RoutingModel(
            exchanges: [Exchange("a", .fanout), Exchange("b", .direct)], queues: ["q", "r"],
            bindings: [.exchange("b", from: "a"), .queue("q", from: "b", "q"), .queue("r", from: "b", "r")])
        #expect(model.route(to: "a", key: "q") == ["q": 1])
        #expect(model.route(to: "a", key: "q", by: .but { $0.boundExchangesFlood = true }) == ["q": 1, "r": 1])
    }

    @Test func circlesEnd() {
        let model = RoutingModel(
            exchanges: [Exchange("a", .fanout), Exchange("b", .fanout), Exchange("self", .fanout)],
            queues: ["q", "r"],
            bindings: [
                .exchange("b", from: "a"), .exchange("a", from: "b"), .exchange("self", from: "self"),
                .queue("q", from: "b"), .queue("r", from: "self"),
            ])
        #expect(model.route(to: "a", key: "") == ["q": 1])
        #expect(model.route(to: "b", key: "") == ["q": 1])
        #expect(model.route(to: "self", key: "") == ["r": 1])
    }

    /// Two exchanges that are each other's alternate end, too.
    @Test func circlesOfAlternatesEnd() {
        let model = RoutingModel(
            exchanges: [Exchange("a", .direct, alternate: "b"), Exchange("b", .direct, alternate: "a")],
            queues: ["q"], bindings: [.queue("q", from: "b", "k")])
        #expect(model.route(to: "a", key: "k") == ["q": 1])
        #expect(model.route(to: "a", key: "x").isEmpty)
        #expect(model.route(to: "a", key: "x", by: .but { $0.alternateWaitsForTheEnd = true }).isEmpty)
    }

    @Test func anAlternateGetsOnlyWhatItsOwnExchangeHasNoBindingFor() {
        let model = RoutingModel(
            exchanges: [
                Exchange("strict", .direct, alternate: "spare"), Exchange("spare", .fanout),
                Exchange("empty", .fanout), Exchange("lost", .direct, alternate: "missing"),
            ],
            queues: ["known", "rest"],
            bindings: [
                .queue("known", from: "strict", "known"), .exchange("empty", from: "strict", "nowhere"),
                .queue("rest", from: "spare"),
            ])
        #expect(model.route(to: "strict", key: "known") == ["known": 1])
        #expect(model.route(to: "strict", key: "unknown") == ["rest": 1])
        // Routed to an exchange that leads nowhere is routed.
        #expect(model.route(to: "strict", key: "nowhere").isEmpty)
        #expect(model.route(to: "lost", key: "any").isEmpty)
        let everything = RoutingRules.but { $0.alternateGetsAll = true }
        #expect(model.route(to: "strict", key: "known", by: everything) == ["known": 1, "rest": 1])
        let inTheEnd = RoutingRules.but { $0.alternateWaitsForTheEnd = true }
        #expect(model.route(to: "strict", key: "nowhere", by: inTheEnd) == ["rest": 1])
        #expect(model.route(to: "strict", key: "unknown", by: inTheEnd) == ["rest": 1])
    }

    @Test func anAlternateOfAnExchangeOnTheWayIsUsed() {
        let model = RoutingModel(
            exchanges: [
                Exchange("a", .fanout), Exchange("b", .direct, alternate: "c"), Exchange("c", .fanout),
            ], queues: ["q", "r"],
            bindings: [.exchange("b", from: "a"), .queue("q", from: "c"), .queue("r", from: "a")])
        #expect(model.route(to: "a", key: "x") == ["q": 1, "r": 1])
    }
}

@Suite struct RoutingBytesTests {
    @Test("Exchanges, queues and keys that differ in bytes alone are different")
    func bytes() {
        let (composed, decomposed): (Name, Name) = ("caf\u{e9}", "cafe\u{301}")
        let model = RoutingModel(
            exchanges: [.init("direct", .direct), .init(composed, .fanout), .init(decomposed, .fanout)],
            queues: [.init(composed), .init(decomposed)],
            bindings: [
                .init(from: "direct", to: .queue(composed), key: composed),
                .init(from: "direct", to: .queue(decomposed), key: decomposed),
                .init(from: composed, to: .queue(decomposed)),
            ])
        #expect(model.route(to: "direct", key: composed) == [composed: 1])
        #expect(model.route(to: "direct", key: decomposed) == [decomposed: 1])
        #expect(model.route(to: "", key: decomposed) == [decomposed: 1])
        #expect(model.route(to: composed, key: "") == [decomposed: 1])
        #expect(model.route(to: decomposed, key: "").isEmpty)
        let headers = HeadersPattern(["caf\u{e9}": "x"])
        #expect(headers.matches(["caf\u{e9}": "x"]) && !headers.matches(["cafe\u{301}": "x"]))
    }
}
