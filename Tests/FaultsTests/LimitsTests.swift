import ClockSupport
import Faults
import Foundation
import Testing

/// What comes from outside is kept up to a limit in bytes, and no further.
@Suite struct LimitsTests {
    private func entry(_ text: String, name: String? = nil) -> LedgerEntry {
        LedgerEntry(at: Date(), kind: .error, scope: .channel, clientName: name, text: text, source: .proxy)
    }

    @Test func whatIsTooLongIsCutWithAMark() {
        #expect("orders".shortened(to: 6) == "orders")
        #expect("orders".shortened(to: 3) == "ord… (3 bytes more)")
        // Never in the middle of a character's bytes.
        #expect("aé".shortened(to: 2) == "a… (2 bytes more)")
        #expect(Array("e\u{301}x".shortened(to: 2).utf8) == Array("e… (3 bytes more)".utf8))
        #expect("x".shortened(to: 0) == "… (1 bytes more)")
        var ledger = Ledger()
        let long = String(repeating: "n", count: 250_000)
        let kept = ledger.record(entry(long, name: long))
        #expect(kept.byteCount < 12_000)
        #expect(kept.clientName?.hasSuffix("… (249488 bytes more)") == true)
        #expect(kept.text.hasSuffix("bytes more)"))
        #expect(kept.application?.utf8.count ?? 0 < 1_000)
    }

    @Test func aLedgerIsBoundedInBytesToo() {
        var ledger = Ledger(capacity: 20_000, byteCapacity: 1 << 20)
        for number in 0..<5_000 { ledger.record(entry("\(number) " + String(repeating: "x", count: 2_000))) }
        #expect(ledger.entries.reduce(0) { $0 + $1.byteCount } <= 1 << 20)
        #expect(ledger.count > 300)
        #expect(ledger.total == 5_000 && ledger.departed == 5_000 - UInt64(ledger.count))
        #expect(ledger.entries.last?.id == 5_000 && ledger[ledger.count - 1].id == 5_000)
        #expect(ledger.entries.first?.id == ledger.oldestID && ledger[0].id == ledger.oldestID)
    }

    @Test func entriesBehindANumberComeInParts() {
        var ledger = Ledger(capacity: 100)
        #expect(ledger.entries(after: 0, most: 10, room: 1_000_000).isEmpty)
        for number in 0..<250 { ledger.record(entry("\(number)")) }
        #expect(ledger.entries(after: 0, most: 10, room: 1_000_000).map(\.id) == Array(151...160))
        #expect(ledger.entries(after: 240, most: 100, room: 1_000_000).map(\.id) == Array(241...250))
        #expect(ledger.entries(after: 240, most: 100, room: 0).map(\.id) == [241])
        for id in [250, 251, UInt64.max] { #expect(ledger.entries(after: id, most: 10, room: 1_000).isEmpty) }
        #expect(ledger.entries(after: 160, most: 0, room: 1_000).isEmpty)
    }

    @Test(arguments: [FaultSelector.Field.connection, .user, .vhost, .queue, .exchange])
    func aSelectorIsNoPlaceForAMegabyte(field: FaultSelector.Field) throws {
        var selector = FaultSelector()
        try selector.set(field, String(repeating: "s", count: FaultSelector.longestText))
        try selector.check()
        try selector.set(field, String(repeating: "s", count: 900_000))
        let error = #expect(throws: FaultError.self) { try selector.check() }
        #expect(error?.problem.utf8.count ?? 0 < 200)
        #expect(error?.advice == "It is a text of at most 1024 bytes.")
    }

    @Test func noMoreFaultsThanALimitAreInForce() async throws {
        let registry = FaultRegistry(injectors: [.proxy: FakeInjector()], clock: ManualClock().clock)
        for _ in 0..<FaultRegistry.mostInForce { try await registry.inject(Fault("latency")) }
        #expect(await !registry.hasRoom)
        let error = await #expect(throws: FaultError.self) { try await registry.inject(Fault("latency")) }
        #expect(error?.problem == "256 faults are in force: no more are taken." && error?.kind == .tooMany)
        try await registry.undo(1)
        try await registry.inject(Fault("latency"))
    }

    @Test func theLargestSeedIsTaken() throws {
        let json = Data(#"{"fault": "latency", "seed": 18446744073709551615}"#.utf8)
        #expect(try JSONDecoder().decode(Fault.self, from: json).seed == .max)
        #expect(try JSONDecoder().decode(Fault.self, from: Data(#"{"fault": "latency", "seed": null}"#.utf8)).seed == 1)
    }
}
