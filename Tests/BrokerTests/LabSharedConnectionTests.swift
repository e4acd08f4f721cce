import BrokerSupport
import Foundation
import Lab
import Testing

/// The experiment shared-connection at reduced size, each variant, with pika's count of the same messages.
@Suite(.serialized) struct LabSharedConnectionTests {
    private let size = ["producers": "5", "messages": "60", "ramp": "0"]

    @Test(.timeLimit(.minutes(3))) func unguardedProducersDieOf505() async throws {
        // A short run can end before two publishes meet.
        let size = size.merging(["messages": "600"]) { $1 }
        let run = try await LabFixture.run("shared-connection", "unguarded", size, on: .shared())
        #expect(run.result.verdict == .pass, "\(run.result.why)")
        let errors = run.result.ledger.errors
        #expect(errors.contains { $0.scope == .connection && $0.code == 505 && $0.text.contains("UNEXPECTED_FRAME") })
        #expect(run.result.ledger.details["producers_died"] == .integer(5))
        #expect(run.result.ledger.counts.distinct < 3_000)
        #expect(run.audit.distinct == run.result.ledger.counts.distinct)
    }

    @Test(.timeLimit(.minutes(3)), arguments: ["locked", "channel-per-producer", "connection-per-producer", "library"])
    func whatKeepsFramesTogetherLosesNone(_ variant: String) async throws {
        let run = try await LabFixture.run("shared-connection", variant, size, on: .shared())
        #expect(run.result.verdict == .pass, "\(run.result.why)")
        let counts = run.result.ledger.counts
        #expect(counts.published == 300)
        #expect(counts.distinct == 300)
        #expect(run.audit == LabFixture.Count(consumed: 300, distinct: 300))
        guard case .number(let rate) = run.result.ledger.details["publish_rate"] else {
            Issue.record("no rate")
            return
        }
        #expect(rate > 0)
    }

    @Test(.timeLimit(.minutes(3))) func nothingIsLeftOnSomebodysBroker() async throws {
        let broker = try await TestBroker.shared()
        _ = try await LabFixture.run("shared-connection", "library", ["producers": "2", "messages": "5"], on: broker)
        for kind in ["queues", "exchanges"] {
            let answer = try await broker.management("GET", "\(kind)/%2F?columns=name")
            let names = (answer.json as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
            #expect(!names.contains { $0.hasPrefix("lab-") }, "\(names)")
        }
    }

    @Test(.timeLimit(.minutes(3))) func aRunThatIsCancelledTellsWhatItKnows() async throws {
        let experiment = try Laboratory.experiment("shared-connection")
        let settings = try LabSettings(experiment.description, texts: ["producers": "4", "messages": "1000000"])
        let broker = try await TestBroker.shared()
        let run = try LabRun(
            experiment, variant: "library", settings: settings, broker: .other(broker.configuration()))
        let work = Task { try await run.run() }
        #expect(await eventually { run.recorder.counts.consumed > 0 })
        work.cancel()
        let result = try await work.value
        #expect(result.verdict == .fail)
        #expect(result.why.hasPrefix("interrupted after"))
        #expect(result.ledger.counts.consumed > 0)
    }

    @Test(.timeLimit(.minutes(3))) func aDeadlineEndsARunWithWhatItKnows() async throws {
        let experiment = try Laboratory.experiment("shared-connection")
        let settings = try LabSettings(
            experiment.description, texts: ["producers": "2", "messages": "1000000", "deadline": "2"])
        let broker = try await TestBroker.shared()
        let result = try await LabRun(
            experiment, variant: "locked", settings: settings, broker: .other(broker.configuration())
        ).run()
        #expect(result.verdict == .fail)
        #expect(result.why.hasPrefix("the deadline of"))
        #expect(result.ledger.counts.published > 0)
    }
}
