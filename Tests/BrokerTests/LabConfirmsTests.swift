import BrokerSupport
import Foundation
import Lab
import Testing

/// The experiment publisher-confirms at reduced size, both variants, with pika's count of the same messages.
@Suite(.serialized) struct LabConfirmsTests {
    private let size = ["producers": "6", "messages": "100", "stops": "1", "down": "0"]

    @Test(.timeLimit(.minutes(5))) func unconfirmedPublishesAreLostWithoutAWord() async throws {
        let run = try await LabFixture.run("publisher-confirms", "unconfirmed", size)
        #expect(run.result.verdict == .pass, "\(run.result.why)")
        let counts = run.result.ledger.counts
        #expect(counts.published == 601)
        #expect(counts.missing > 0)
        // What is missing is what the broker's queue lacks, and nothing that the lab kept back.
        #expect(counts.distinct + counts.missing == 601)
        #expect(run.audit.distinct == counts.distinct)
        #expect(run.result.ledger.details["left_in_queue"] == .integer(0))
    }

    @Test(.timeLimit(.minutes(5))) func confirmedPublishesAreNot() async throws {
        let run = try await LabFixture.run("publisher-confirms", "confirmed", size)
        #expect(run.result.verdict == .pass, "\(run.result.why)")
        let ledger = run.result.ledger
        #expect(ledger.counts.confirmed == 601)
        #expect(ledger.counts.distinct == 601)
        #expect(ledger.counts.lost == 0)
        #expect(ledger.details["processed"] == .integer(601))
        #expect(run.audit.distinct == 601)
        // The stop was in mid-stream.
        guard case .integer(let taken) = ledger.details["taken_at_stop_1"] else {
            Issue.record("no stop")
            return
        }
        #expect((1..<600).contains(taken))
        #expect(Set(ledger.recoveries.map(\.application)) == ["producers", "consumer"])
    }
}
