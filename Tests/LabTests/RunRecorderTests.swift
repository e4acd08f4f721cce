import Foundation
import Names
import RabbitMQClient
import Testing

@testable import Lab

@Suite struct RunRecorderTests {
    @Test func countsEachMessageOnceAndEachDelivery() {
        let recorder = RunRecorder()
        for id in ["1", "2", "3", "4"] { recorder.published(id) }
        // Tried again.
        recorder.published("2")
        for id in ["1", "2", "3"] { recorder.confirmed(id) }
        recorder.indeterminate("2")
        recorder.nacked("4")
        for id in ["1", "2", "2", "2"] { recorder.consumed(id) }

        let ledger = recorder.ledger
        #expect(ledger.counts.published == 4)
        #expect(ledger.counts.attempts == 5)
        #expect(ledger.counts.confirmed == 3)
        #expect(ledger.counts.nacked == 1)
        #expect(ledger.counts.indeterminate == 1)
        #expect(ledger.counts.consumed == 4)
        #expect(ledger.counts.distinct == 2)
        #expect(ledger.counts.duplicates == 2)
        #expect(ledger.lost == ["3"])
        #expect(ledger.counts.lost == 1)
        #expect(ledger.missing == ["3", "4"])
        #expect(ledger.counts.missing == 2)
    }

    @Test func whatExpiredIsNeitherLostNorMissing() {
        let recorder = RunRecorder()
        for id in ["9", "10", "11"] {
            recorder.published(id)
            recorder.confirmed(id)
        }
        recorder.expired("10")
        #expect(recorder.ledger.counts.expired == 1)
        #expect(recorder.ledger.lost == ["9", "11"])
        #expect(recorder.ledger.missing == ["9", "11"])
    }

    @Test func errorsThatReadTheSameAreOne() {
        let recorder = RunRecorder()
        for _ in 0..<3 { recorder.error(.channel, code: 404, text: "NOT_FOUND", application: "one") }
        recorder.error(.connection, code: 404, text: "NOT_FOUND", application: "two")
        let ledger = recorder.ledger
        #expect(ledger.errors.map(\.count) == [3, 1])
        #expect(ledger.errors(code: 404) == 4)
        #expect(ledger.errorCount == 4)
        #expect(ledger.counts.errors == 4)
        // And one moment of the timeline each.
        #expect(ledger.timeline.count == 2)
    }

    @Test func manyDifferentErrorsAreBounded() {
        let recorder = RunRecorder()
        for number in 0..<500 { recorder.error(.client, code: nil, text: "error \(number)", application: "a") }
        #expect(recorder.ledger.errors.count <= 101)
        #expect(recorder.ledger.errorCount == 500)
    }

    @Test func takesTheClientsErrorApart() {
        let recorder = RunRecorder()
        let reason = CloseReason(initiator: .peer, scope: .channel, code: 406, text: "PRECONDITION_FAILED - tag")
        recorder.error(ClientError(.channelClosed, "The channel is closed.", closeReason: reason), application: "a")
        recorder.error(ClientError(.timeout, "It took too long."), application: "a")
        let errors = recorder.ledger.errors
        #expect(errors.map(\.scope) == [.channel, .client])
        #expect(errors.map(\.code) == [406, nil])
        #expect(errors.first?.text.contains("PRECONDITION_FAILED") == true)
    }

    @Test func aFaultIsInForceUntilItEnds() throws {
        let recorder = RunRecorder()
        let fault = recorder.fault("kill")
        #expect(recorder.ledger.timeline.first?.kind == .fault(until: nil))
        fault.ended()
        guard case .fault(let until?) = recorder.ledger.timeline.first?.kind else {
            Issue.record("it did not end")
            return
        }
        fault.ended()
        #expect(recorder.ledger.timeline.first?.kind == .fault(until: until))
    }

    @Test func aClosedBookStaysAsItIs() async {
        let recorder = RunRecorder()
        recorder.published("1")
        recorder.close()
        let before = recorder.ledger
        recorder.published("2")
        recorder.error(.client, code: nil, text: "late", application: "a")
        recorder.note("late")
        recorder.fault("late").ended()
        #expect(recorder.ledger == before)
        // And who listens is told that nothing follows.
        for await _ in recorder.changes { Issue.record("something followed") }
    }

    @Test func progressFollowsWhatHappens() async {
        let recorder = RunRecorder()
        let changes = recorder.changes
        recorder.published("1")
        let fault = recorder.fault("stop")
        recorder.sample(depth: ["orders": 7])
        fault.ended()
        recorder.close()
        var seen: [LabProgress] = []
        for await progress in changes { seen.append(progress) }
        #expect(seen.first?.faults == ["stop"])
        #expect(seen.first?.counts.published == 1)
        #expect(seen.last?.faults == [])
        #expect(seen.last?.depths == ["orders": 7])
    }

    @Test func samplesAreBoundedAndKeepTheirOrder() {
        let recorder = RunRecorder()
        for depth in 0..<9_000 { recorder.sample(depth: ["q": depth]) }
        let depths = recorder.ledger.samples.compactMap { $0.depths["q"] }
        #expect(depths.count <= 4_001)
        #expect(depths == depths.sorted())
        #expect(depths.last == 8_999)
    }

    @Test("Messages are told apart by the bytes of their ids")
    func idsAreBytes() {
        let recorder = RunRecorder()
        let ids: [Name] = ["caf\u{e9}", "cafe\u{301}", Name(bytes: [0xFF]), Name(bytes: [0xFE])]
        for id in ids { recorder.published(id) }
        for id in ids.dropFirst() { recorder.consumed(id) }
        let ledger = recorder.ledger
        #expect(ledger.counts.published == 4 && ledger.counts.distinct == 3 && ledger.counts.duplicates == 0)
        #expect(ledger.missing.map { Name($0) } == ["caf\u{e9}"])
    }
}
