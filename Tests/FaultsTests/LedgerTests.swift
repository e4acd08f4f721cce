import Faults
import Foundation
import Testing

@Suite struct LedgerTests {
    private func entry(_ number: Int, code: Int? = nil) -> LedgerEntry {
        LedgerEntry(
            at: Date(timeIntervalSince1970: Double(number)), kind: .error, scope: .channel, code: code,
            text: "error \(number)", source: .client)
    }

    @Test func numbersEntriesInTheOrderTheyCame() {
        var ledger = Ledger(capacity: 3)
        #expect(ledger.record(entry(1)).id == 1)
        #expect(ledger.record(entry(2)).id == 2)
        #expect(ledger.entries.map(\.text) == ["error 1", "error 2"])
    }

    @Test func forgetsTheOldestAndStillCountsThem() {
        var ledger = Ledger(capacity: 3)
        for number in 1...7 { ledger.record(entry(number, code: number.isMultiple(of: 2) ? 404 : 406)) }
        #expect(ledger.entries.map(\.id) == [5, 6, 7])
        #expect(ledger.count == 3)
        #expect(ledger.total == 7)
        #expect(ledger.departed == 4)
        #expect(ledger.countByCode == [404: 3, 406: 4])
        #expect(ledger[0].id == 5)
        #expect(ledger[2].id == 7)
    }

    @Test func countsWhatWasDroppedBeforeIt() {
        var ledger = Ledger()
        ledger.noteDropped(5)
        ledger.noteDropped(2)
        #expect(ledger.dropped == 7)
        #expect(ledger.total == 0)
    }

    @Test func holdsThousandsOfErrorsOfOneSecond() {
        var ledger = Ledger(capacity: 500)
        for _ in 0..<10_000 { ledger.record(entry(1, code: 404)) }
        #expect(ledger.total == 10_000)
        #expect(ledger.countByCode[404] == 10_000)
        #expect(ledger.entries.first?.id == 9_501)
        #expect(ledger.entries.last?.id == 10_000)
    }
}
