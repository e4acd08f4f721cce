import BrokerSupport
import Experiments
import Foundation
import Lab
import RabbitMQClient
import Testing

@Suite(.timeLimit(.minutes(10))) struct LabPoolTests {
    private func run(_ variant: String, _ changes: [String: LabValue] = [:]) async throws -> LabResult {
        let broker = try await TestBroker.shared()
        let small: [String: LabValue] = [
            "messages": .integer(120), "closings": .integer(5), "interval": .number(0.002), "pause": .number(0.002),
            "patience": .number(0.3),
        ]
        let settings = try LabSettings(ClosedChannelInPool.description, small.merging(changes) { $1 })
        return try await LabRun(
            ClosedChannelInPool.self, variant: variant, settings: settings, broker: .other(broker.configuration())
        ).run()
    }

    private func figure(_ result: LabResult, _ key: String) -> Int {
        if case .integer(let value) = result.details[key] { value } else { -1 }
    }

    @Test("A naive pool hands out closed channels for ever, whoever closed them", arguments: ["broker", "proxy"])
    func naive(_ way: String) async throws {
        let result = try await run("naive", ["way": .text(way)])
        #expect(result.verdict == .pass, "\(result.why)")
        let ledger = result.ledger
        // All four are dead in the end, and nothing goes through any of them.
        #expect(figure(result, "channels_opened") == 4 && figure(result, "channels_closed") == 4)
        #expect(figure(result, "failures_on_dead") == figure(result, "dead_handouts"))
        #expect(figure(result, "dead_handouts") > 40)
        #expect(figure(result, "successes_on_dead") == 0)
        #expect(figure(result, "last_attempts") > 1)
        #expect(ledger.counts.missing > 0 && ledger.counts.distinct >= ledger.counts.confirmed)
        #expect(ledger.counts.lost == 0, "what was confirmed was consumed")
        let code = way == "broker" ? 404 : 406
        #expect(ledger.errors(code: code) > 40)
        #expect(ledger.errors.allSatisfy { $0.scope == .channel && $0.code == code }, "\(ledger.errors)")
        #expect(
            ledger.errors.contains { $0.text.hasPrefix("channelClosed: basic.publish on a closed channel (broker: ") })
        #expect(figure(result, "stored") == ledger.counts.distinct)
    }

    @Test(
        "The library's pool replaces them: one failure each at most, and nothing lost", arguments: ["broker", "proxy"])
    func validated(_ way: String) async throws {
        let result = try await run("validated", ["way": .text(way)])
        #expect(result.verdict == .pass, "\(result.why)")
        let counts = result.ledger.counts
        #expect(counts.published == 121 && counts.confirmed == 121 && counts.distinct == 121)
        #expect(counts.lost == 0 && counts.missing == 0)
        #expect(figure(result, "stored") == 121)
        #expect(figure(result, "channels_closed") == 5 && figure(result, "channels_discarded") > 0)
        #expect(figure(result, "most_failures_of_one") <= 1)
        #expect(figure(result, "last_attempts") == 1)
        #expect(result.ledger.recoveries.count == 5)
        #expect(result.ledger.recoveries.allSatisfy { $0.application == "model service" && $0.seconds < 20 })
    }

    @Test("A database that cannot be made is said in a line, and nothing is left")
    func unwritable() async throws {
        let error = await #expect(throws: LabError.self) {
            _ = try await run("validated", ["database-folder": .text("/proc")])
        }
        #expect(error?.code == .failed)
        #expect(error?.message.hasPrefix("The database /proc/rabbittop-lab-") == true, "\(String(describing: error))")
        #expect(error?.message.contains("\n") == false)
        let queues = try await TestBroker.shared().management("GET", "queues").json as? [[String: Any]] ?? []
        #expect(!queues.contains { ($0["name"] as? String)?.hasPrefix("lab-") == true })
    }

    @Test("A run that is told to end, ends with what it knows and leaves nothing")
    func interrupted() async throws {
        let broker = try await TestBroker.shared()
        let book = RunRecorder()
        let settings = try LabSettings(ClosedChannelInPool.description, ["messages": .integer(1_000_000)])
        let run = try LabRun(
            ClosedChannelInPool.self, variant: "validated", settings: settings,
            broker: .other(broker.configuration()), recorder: book)
        let changes = book.changes
        let task = Task { try await run.run() }
        for await progress in changes where progress.counts.consumed > 10 { break }
        task.cancel()
        let result = try await task.value
        #expect(result.verdict == .fail && result.why.hasPrefix("interrupted"), "\(result.why)")
        #expect(result.ledger.counts.consumed > 10)
        let queues = try await broker.management("GET", "queues").json as? [[String: Any]] ?? []
        #expect(!queues.contains { ($0["name"] as? String)?.hasPrefix("lab-") == true })
    }
}
