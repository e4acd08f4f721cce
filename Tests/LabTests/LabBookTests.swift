import Foundation
import Names
import RabbitMQClient
import Testing

@testable import Lab

@Suite struct LabBookTests {
    @Test func countsEachMessageOnceAndEachDelivery() {
        let book = LabBook()
        for id in ["1", "2", "3", "4"] { book.published(id) }
        // Tried again.
        book.published("2")
        for id in ["1", "2", "3"] { book.confirmed(id) }
        book.indeterminate("2")
        book.nacked("4")
        for id in ["1", "2", "2", "2"] { book.consumed(id) }

        let ledger = book.ledger
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
        let book = LabBook()
        for id in ["9", "10", "11"] {
            book.published(id)
            book.confirmed(id)
        }
        book.expired("10")
        #expect(book.ledger.counts.expired == 1)
        #expect(book.ledger.lost == ["9", "11"])
        #expect(book.ledger.missing == ["9", "11"])
    }

    @Test func errorsThatReadTheSameAreOne() {
        let book = LabBook()
        for _ in 0..<3 { book.error(.channel, code: 404, text: "NOT_FOUND", application: "one") }
        book.error(.connection, code: 404, text: "NOT_FOUND", application: "two")
        let ledger = book.ledger
        #expect(ledger.errors.map(\.count) == [3, 1])
        #expect(ledger.errors(code: 404) == 4)
        #expect(ledger.errorCount == 4)
        #expect(ledger.counts.errors == 4)
        // And one moment of the timeline each.
        #expect(ledger.timeline.count == 2)
    }

    @Test func manyDifferentErrorsAreBounded() {
        let book = LabBook()
        for number in 0..<500 { book.error(.client, code: nil, text: "error \(number)", application: "a") }
        #expect(book.ledger.errors.count <= 101)
        #expect(book.ledger.errorCount == 500)
    }

    @Test func takesTheClientsErrorApart() {
        let book = LabBook()
        let reason = CloseReason(initiator: .peer, scope: .channel, code: 406, text: "PRECONDITION_FAILED - tag")
        book.error(ClientError(.channelClosed, "The channel is closed.", closeReason: reason), application: "a")
        book.error(ClientError(.timeout, "It took too long."), application: "a")
        let errors = book.ledger.errors
        #expect(errors.map(\.scope) == [.channel, .client])
        #expect(errors.map(\.code) == [406, nil])
        #expect(errors.first?.text.contains("PRECONDITION_FAILED") == true)
    }

    @Test func aFaultIsInForceUntilItEnds() throws {
        let book = LabBook()
        let fault = book.fault("kill")
        #expect(book.ledger.timeline.first?.kind == .fault(until: nil))
        fault.ended()
        guard case .fault(let until?) = book.ledger.timeline.first?.kind else {
            Issue.record("it did not end")
            return
        }
        fault.ended()
        #expect(book.ledger.timeline.first?.kind == .fault(until: until))
    }

    @Test func aClosedBookStaysAsItIs() async {
        let book = LabBook()
        book.published("1")
        book.close()
        let before = book.ledger
        book.published("2")
        book.error(.client, code: nil, text: "late", application: "a")
        book.note("late")
        book.fault("late").ended()
        #expect(book.ledger == before)
        // And who listens is told that nothing follows.
        for await _ in book.changes { Issue.record("something followed") }
    }

    @Test func progressFollowsWhatHappens() async {
        let book = LabBook()
        let changes = book.changes
        book.published("1")
        let fault = book.fault("stop")
        book.sample(depth: ["orders": 7])
        fault.ended()
        book.close()
        var seen: [LabProgress] = []
        for await progress in changes { seen.append(progress) }
        #expect(seen.first?.faults == ["stop"])
        #expect(seen.first?.counts.published == 1)
        #expect(seen.last?.faults == [])
        #expect(seen.last?.depths == ["orders": 7])
    }

    @Test func samplesAreBoundedAndKeepTheirOrder() {
        let book = LabBook()
        for depth in 0..<9_000 { book.sample(depth: ["q": depth]) }
        let depths = book.ledger.samples.compactMap { $0.depths["q"] }
        #expect(depths.count <= 4_001)
        #expect(depths == depths.sorted())
        #expect(depths.last == 8_999)
    }

    @Test("Messages are told apart by the bytes of their ids")
    func idsAreBytes() {
        let book = LabBook()
        let ids: [Name] = ["caf\u{e9}", "cafe\u{301}", Name(bytes: [0xFF]), Name(bytes: [0xFE])]
        for id in ids { book.published(id) }
        for id in ids.dropFirst() { book.consumed(id) }
        let ledger = book.ledger
        #expect(ledger.counts.published == 4 && ledger.counts.distinct == 3 && ledger.counts.duplicates == 0)
        #expect(ledger.missing.map { Name($0) } == ["caf\u{e9}"])
    }
}
