import BrokerSupport
import Experiments
import Lab
import RabbitMQClient
import Testing

@Suite(.timeLimit(.minutes(5))) struct LabRoutingTests {
    private func run(_ variant: String, _ changes: [String: LabValue] = [:]) async throws -> LabResult {
        let broker = try await TestBroker.shared()
        let settings = try LabSettings(Routing.description, changes)
        return try await LabRun(
            Routing.self, variant: variant, settings: settings, broker: .other(broker.configuration())
        ).run()
    }

    @Test("The rules of AMQP predict every cell of the matrix")
    func rules() async throws {
        let result = try await run("rules")
        #expect(result.verdict == .pass, "\(result.why)")
        let counts = result.ledger.counts
        #expect(counts.published == 46)
        #expect(counts.returned > 5 && counts.confirmed + counts.returned == counts.published)
        #expect(counts.distinct == counts.confirmed && counts.duplicates == 0 && counts.lost == 0)
        #expect(result.ledger.errors.isEmpty)
        guard case .integer(let copies) = result.details["copies"] else {
            Issue.record("no copies")
            return
        }
        #expect(copies > counts.confirmed)
        guard case .list(let rows) = result.details["matrix"] else {
            Issue.record("no matrix")
            return
        }
        #expect(rows.count == 46)
        for row in rows {
            guard case .object(let values) = row else { continue }
            #expect(values["predicted"] == values["observed"], "\(row.text)")
        }
    }

    @Test("Every belief fails in its known cells, and in no others")
    func beliefs() async throws {
        let result = try await run("belief")
        #expect(result.verdict == .pass, "\(result.why)")
        let refuted = result.expectations.filter { $0.what.hasPrefix("Refuted: ") }
        #expect(refuted.count == 9)
        #expect(refuted.allSatisfy { $0.found.hasPrefix("the broker contradicts it in ") }, "\(refuted)")
        #expect(
            refuted.first?.found.contains("predicted 2, observed 1") == true,
            "a queue with two bindings that match gets one copy: \(String(describing: refuted.first))")
    }

    @Test("One belief alone; a name that is none is refused before anything is declared")
    func choice() async throws {
        let result = try await run("belief", ["beliefs": .text("star-is-many-words")])
        #expect(result.verdict == .pass, "\(result.why)")
        #expect(result.expectations.count == 2)
        await #expect(throws: LabError.self) { try await run("belief", ["beliefs": .text("luck")]) }
    }

    @Test("Nothing is left on somebody's broker")
    func leavesNothing() async throws {
        let broker = try await TestBroker.shared()
        _ = try await run("rules")
        let left = try await eventually {
            let names = try await broker.node.rabbitmqctl(["list_exchanges", "name"]).standardOutput
            let queues = try await broker.node.rabbitmqctl(["list_queues", "name"]).standardOutput
            return !names.contains("routing-") && !queues.contains("routing-")
        }
        #expect(left)
    }
}
