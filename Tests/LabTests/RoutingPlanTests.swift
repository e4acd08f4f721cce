import AMQPWire
import MessageRouting
import Names
import Testing

@testable import Lab

@Suite struct RoutingPlanTests {
    /// A broker that keeps to the rules.
    private static var observed: [String: [String: Int]] {
        var observed: [String: [String: Int]] = [:]
        for family in RoutingFamily.all {
            for message in family.messages {
                let route = message.copies(in: family.model)
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
