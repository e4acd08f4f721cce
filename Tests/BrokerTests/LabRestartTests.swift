import BrokerSupport
import Experiments
import Foundation
import Lab
import RabbitMQClient
import Testing

@Suite(.timeLimit(.minutes(10))) struct LabRestartTests {
    private func run(_ variant: String, _ changes: [String: LabValue] = [:]) async throws -> LabResult {
        let small: [String: LabValue] = [
            "orders": .integer(120), "interval": .number(0.01), "work": .number(0.015), "downtime": .number(0.2),
            "heartbeat": .integer(1), "database-outage": .number(0.4), "backoff-base": .number(0.05),
            "backoff-cap": .number(0.2), "health-interval": .number(0.03),
        ]
        let settings = try LabSettings(BrokerRestart.description, small.merging(changes) { $1 })
        return try await LabRun(BrokerRestart.self, variant: variant, settings: settings).run()
    }

    private func figure(_ result: LabResult, _ key: String) -> Int {
        if case .integer(let value) = result.details[key] { value } else { -1 }
    }

    private func list(_ result: LabResult, _ key: String) throws -> [LabValue] {
        let values: [LabValue]? = if case .list(let values) = result.details[key] { values } else { nil }
        return try #require(values)
    }

    @Test("The robust service recovers from each outage by itself and loses nothing")
    func robust() async throws {
        let result = try await run("robust")
        #expect(result.verdict == .pass, "\(result.why)")
        let counts = result.ledger.counts
        #expect(counts.published == 120 && counts.confirmed == 120 && counts.distinct == 120)
        #expect(counts.lost == 0 && counts.missing == 0)
        #expect(figure(result, "stored") == 120 && figure(result, "known") == counts.duplicates)
        // Three parts for each outage of the broker, two for each of the database.
        #expect(result.ledger.recoveries.count == 13)
        for recovery in result.ledger.recoveries where recovery.fault == "freeze" {
            #expect(recovery.seconds > 2, "before it was noticed: \(recovery)")
        }
        #expect(result.ledger.errors(code: 320) > 0, "what a broker says that is stopped")
        #expect(result.ledger.errors.contains { $0.scope == .database && $0.text.contains("database is locked") })
        #expect(result.ledger.errors.contains { $0.scope == .database && $0.text.hasPrefix("the database has gone") })
        let statuses = try list(result, "health").map { moment -> LabValue? in
            if case .object(let fields) = moment { fields["status"] } else { nil }
        }
        #expect(statuses.first == .integer(200) && statuses.last == .integer(200))
        #expect(statuses.count { $0 == .integer(503) } >= 5)
    }

    @Test("The fragile service dies at each outage and loses orders")
    func fragile() async throws {
        let result = try await run("fragile")
        #expect(result.verdict == .pass, "\(result.why)")
        let counts = result.ledger.counts
        #expect(counts.published == 120 && counts.confirmed == 0)
        #expect(counts.missing > 0 && counts.missing == 120 - counts.distinct)
        #expect(figure(result, "deaths") == 5 && figure(result, "stored") == counts.distinct)
        #expect(result.ledger.errors(code: 320) == 1)
        let texts = try list(result, "causes_of_death").map(\.text)
        #expect(texts.first?.contains("320 CONNECTION_FORCED") == true, "\(texts)")
        #expect(texts.contains { $0.contains("missed heartbeats") }, "\(texts)")
        #expect(texts.contains { $0.contains("database is locked") }, "\(texts)")
        #expect(texts.last?.contains("gone") == true, "\(texts)")
    }

    @Test("A port that is taken is said in a line, and nothing is left running")
    func portTaken() async throws {
        let taken = try await TestBroker.shared().amqpPort
        let error = await #expect(throws: LabError.self) {
            _ = try await run("robust", ["health-port": .integer(taken)])
        }
        #expect(error?.code == .failed)
        #expect(error?.message == "Somebody listens on http://127.0.0.1:\(taken) already.")
    }
}
