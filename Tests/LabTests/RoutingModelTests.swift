import AMQPWire
import Names
import Testing

@testable import Lab

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
        #expect(model.route(to: "t", key: "a.b", by: RoutingBelief.copyPerBinding.rules) == ["q": 3, "r": 1])
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
        #expect(model.route(to: "f", key: "x", by: RoutingBelief.fanoutHeedsKeys.rules).isEmpty)
    }

    @Test func exchangesCompareTheKeyAgain() {
        let model = RoutingModel(
            exchanges: [Exchange("a", .fanout), Exchange("b", .direct)], queues: ["q", "r"],
            bindings: [.exchange("b", from: "a"), .queue("q", from: "b", "q"), .queue("r", from: "b", "r")])
        #expect(model.route(to: "a", key: "q") == ["q": 1])
        #expect(model.route(to: "a", key: "q", by: RoutingBelief.boundExchangesFlood.rules) == ["q": 1, "r": 1])
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
        #expect(model.route(to: "a", key: "x", by: RoutingBelief.alternateWaitsForTheEnd.rules).isEmpty)
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
        let everything = RoutingBelief.alternateGetsAll.rules
        #expect(model.route(to: "strict", key: "known", by: everything) == ["known": 1, "rest": 1])
        let inTheEnd = RoutingBelief.alternateWaitsForTheEnd.rules
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
            queues: [composed, decomposed],
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

@Suite struct RoutingPlanTests {
    /// A broker that keeps to the rules.
    private static var observed: [String: [String: Int]] {
        var observed: [String: [String: Int]] = [:]
        for family in RoutingFamily.all {
            for message in family.messages {
                let route = family.model.route(to: message.exchange, key: message.key, headers: message.headers)
                let cells = route.map { (RoutingMatrix.id(family.name, $0.text), $1) }
                if !cells.isEmpty {
                    observed[RoutingMatrix.id(family.name, message.name)] = Dictionary(uniqueKeysWithValues: cells)
                }
            }
        }
        return observed
    }

    @Test(arguments: RoutingFamily.all.map(\.name)) func familiesAreWhole(_ name: String) throws {
        let family = try #require(RoutingFamily.all.first { $0.name == name })
        #expect(Set(family.messages.map(\.name)).count == family.messages.count)
        #expect(Set(family.queues).count == family.queues.count)
        let exchanges = Set(family.exchanges.map(\.name))
        for binding in family.bindings {
            #expect(exchanges.contains(binding.source))
            switch binding.destination {
            case .queue(let queue): #expect(family.queues.contains(queue.text))
            case .exchange(let exchange): #expect(exchanges.contains(exchange))
            }
        }
    }

    @Test func exchangesHaveTheirNamesForThemselves() {
        let names = RoutingFamily.all.flatMap(\.exchanges).map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: RoutingBelief.allCases) func everyBeliefDiffersSomewhere(_ belief: RoutingBelief) {
        let rules = RoutingMatrix(RoutingFamily.all, rules: .amqp, observed: Self.observed)
        #expect(rules.wrong.isEmpty)
        let judged = Routing.judge(belief, RoutingFamily.all, Self.observed, rules)
        #expect(judged.holds, "\(judged.what): \(judged.found)")
    }

    @Test func aBrokerThatDoesAsBelievedRefutesNothing() throws {
        // One copy more where a queue is bound twice.
        var observed = Self.observed
        observed["direct/a key that three queues share"]?["direct/twice"] = 2
        let rules = RoutingMatrix(RoutingFamily.all, rules: .amqp, observed: observed)
        #expect(
            rules.wrong.map(\.words) == [
                "'a key that three queues share' (direct) into twice: predicted 1, observed 2"
            ])
        #expect(!Routing.judge(.copyPerBinding, RoutingFamily.all, observed, rules).holds)
    }

    @Test func theMatrixStandsInTheLedger() throws {
        var ledger = LabLedger()
        #expect(Routing.observations(ledger) == nil)
        ledger.details["matrix"] = .list([
            .object([
                "family": .text("direct"), "message": .text("no key"),
                "observed": .object(["red": .integer(1), "default/letters": .integer(2)]),
            ])
        ])
        let found = try #require(Routing.observations(ledger))
        #expect(found.families.map(\.name) == ["direct"])
        #expect(found.observed == ["direct/no key": ["direct/red": 1, "default/letters": 2]])
    }

    @Test func whatStraysIntoAnotherFamilyIsSeen() {
        var observed = Self.observed
        observed["direct/no key", default: [:]]["default/letters"] = 1
        let rules = RoutingMatrix(RoutingFamily.all, rules: .amqp, observed: observed)
        #expect(rules.wrong.map(\.queue) == ["default/letters"])
    }
}
