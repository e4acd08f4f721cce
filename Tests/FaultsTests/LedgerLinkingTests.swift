import Faults
import Foundation
import Testing

@Suite struct LedgerLinkingTests {
    static let start = 1_700_000_000.0

    static func time(_ seconds: Double) -> Date { Date(timeIntervalSince1970: start + seconds) }

    static func record(
        _ id: UInt64, _ fault: Fault, at since: Double = 0, state: FaultRecord.State = .done, note: String? = nil
    ) -> FaultRecord {
        FaultRecord(id: id, fault: fault, since: start + since, until: nil, state: state, note: note)
    }

    static let orders = "127.0.0.1:50640 -> 127.0.0.1:5672"
    static let closing = Fault(
        "close-channel", ["code": 406], on: FaultSelector(connection: "orders-service", channel: 1))

    static func error(
        _ code: Int?, at: Double = 0.1, connection: String = orders, client: String? = "orders-service",
        channel: Int? = 1, scope: LedgerEntry.Scope = .channel, kind: LedgerEntry.Kind = .error,
        source: LedgerEntry.Source = .logExchange, user: String? = nil, queue: String? = nil, text: String = "x"
    ) -> LedgerEntry {
        LedgerEntry(
            at: time(at), kind: kind, scope: scope, connection: connection, clientName: client, user: user, vhost: "/",
            channel: scope == .channel ? channel : nil, queue: queue, code: code, text: text, source: source)
    }

    @Test func aFaultAndItsUndoAreEntriesOfTheirOwn() {
        var ledger = Ledger()
        let fault = Fault("latency", on: FaultSelector(connection: "orders*"))
        var record = Self.record(3, fault, state: .inForce, note: "delays 1 connection")
        record.until = record.since + 30
        #expect(
            ledger.note(record, at: Self.time(0)).map(\.text) == [
                "latency #3 injected on connection orders* for 30 s: delays 1 connection"
            ])
        record.hits = 12
        #expect(ledger.note(record, at: Self.time(1)).isEmpty)
        record.state = .undoFailed
        record.note = "the proxy does not answer"
        let failed = ledger.note(record, at: Self.time(30))
        #expect(failed.map(\.text) == ["latency #3 could not be undone: the proxy does not answer"])
        #expect(failed.map(\.severity) == [.critical])
        record.state = .undone
        record.note = nil
        #expect(ledger.note(record, at: Self.time(31)).map(\.text) == ["latency #3 undone"])
        #expect(ledger.entries.allSatisfy { $0.kind == .fault && $0.fault == "latency #3" })
        #expect(ledger.entries.map(\.at) == [Self.time(0), Self.time(30), Self.time(31)])
    }

    @Test func anOlderLookAtAFaultTellsNothingNew() {
        var ledger = Ledger()
        let fault = Fault("latency", on: FaultSelector(connection: "orders*"))
        let undone = Self.record(1, fault, state: .undone)
        #expect(
            ledger.note(undone, at: Self.time(9)).map(\.text) == [
                "latency #1 injected on connection orders*", "latency #1 undone",
            ])
        #expect(ledger.note(Self.record(1, fault, state: .inForce), at: Self.time(9)).isEmpty)
        #expect(ledger.note(undone, at: Self.time(9)).isEmpty)
    }

    @Test func anUndoThatFailsAgainAndAgainIsToldOnce() {
        var ledger = Ledger()
        let fault = Fault("latency")
        ledger.note(Self.record(1, fault, state: .inForce), at: Self.time(0))
        var made: [LedgerEntry] = []
        for second in 1...5 {
            made += ledger.note(Self.record(1, fault, state: .undoing), at: Self.time(Double(second)))
            made += ledger.note(Self.record(1, fault, state: .undoFailed), at: Self.time(Double(second)))
        }
        #expect(made.map(\.text) == ["latency #1 could not be undone"])
        #expect(ledger.note(Self.record(1, fault, state: .undone), at: Self.time(9)).count == 1)
    }

    @Test func anErrorOfTheSameChannelWithTheFaultsCodeIsItsEffect() {
        var ledger = Ledger()
        ledger.note(Self.record(1, Self.closing), at: Self.time(0))
        let entry = ledger.record(Self.error(406))
        #expect(entry.fault == "close-channel #1")
        #expect(ledger.cause(of: entry)?.kind == .fault)
        #expect(ledger.effects(of: "close-channel #1").map(\.id) == [entry.id])
    }

    @Test(arguments: [
        (error(404), "another code"),
        (error(406, channel: 2), "another channel"),
        (error(406, connection: "10.0.0.1:1 -> 10.0.0.2:5672", client: "billing"), "another client"),
        (error(406, client: nil), "a client whose name nobody knows"),
        (error(406, scope: .connection), "a connection"),
        (error(406, at: -3), "before the fault"),
        (error(406, at: 6), "long after it"),
        (error(406, kind: .opened), "no effect"),
    ])
    func whatTheFaultCannotHaveCausedIsNotLinked(_ entry: LedgerEntry, _ why: String) {
        var ledger = Ledger()
        ledger.note(Self.record(1, Self.closing), at: Self.time(0))
        #expect(ledger.record(entry).fault == nil, "\(why)")
    }

    @Test func aFaultInForceIsACauseUntilShortlyAfterItsEnd() {
        var ledger = Ledger()
        let fault = Fault("black-hole", on: FaultSelector(connection: "orders-service"))
        var record = Self.record(1, fault, state: .inForce)
        ledger.note(record, at: Self.time(0))
        func lost(_ at: Double) -> LedgerEntry {
            Self.error(nil, at: at, scope: .connection, text: "missed heartbeats")
        }
        #expect(ledger.record(lost(59)).fault == "black-hole #1")
        record.state = .undone
        ledger.note(record, at: Self.time(60))
        #expect(ledger.record(lost(63)).fault == "black-hole #1")
        #expect(ledger.record(lost(66)).fault == nil)
    }

    @Test func whatIsAimedAtNobodyMeetsThroughTheProxyOnlyWhatPassesThere() {
        var ledger = Ledger()
        ledger.note(Self.record(1, Fault("reset-connection")), at: Self.time(0))
        let direct = Self.error(nil, scope: .connection)
        #expect(ledger.record(direct).fault == nil)
        let proxied = Self.error(nil, scope: .connection, source: .proxy)
        #expect(ledger.record(proxied).fault == "reset-connection #1")
    }

    @Test func aTouchSaysWhomItStruckAndReachesBackToWhatWasHeardBefore() {
        var ledger = Ledger()
        let early = ledger.record(Self.error(nil, at: 0.05, scope: .connection))
        let other = ledger.record(
            Self.error(nil, at: 0.06, connection: "127.0.0.1:50999 -> 127.0.0.1:5672", scope: .connection))
        ledger.note(
            Self.record(1, Fault("reset-connection")),
            touches: [FaultTouch(at: Self.time(0), ClientIdentity(connection: Self.orders))], at: Self.time(0.3))
        #expect(ledger.entries.first { $0.id == early.id }?.fault == "reset-connection #1")
        #expect(ledger.entries.first { $0.id == other.id }?.fault == nil)
    }

    @Test func ofTwoFaultsTheOneThatFitsBetterIsTheCause() {
        var ledger = Ledger()
        let broad = Fault("close-channel", ["code": 406], on: FaultSelector(connection: "orders*"))
        ledger.note(Self.record(1, Self.closing), at: Self.time(0))
        ledger.note(Self.record(2, broad), at: Self.time(0))
        #expect(ledger.record(Self.error(406)).fault == "close-channel #1")
        #expect(ledger.record(Self.error(406, channel: 7)).fault == "close-channel #2")
    }

    @Test func aBrokersOwnTimeInWholeSecondsIsNotTakenForEarlier() {
        var ledger = Ledger()
        ledger.note(Self.record(1, Self.closing, at: 0.7), at: Self.time(0.7))
        #expect(ledger.record(Self.error(406, at: 0)).fault == "close-channel #1")
        #expect(ledger.record(Self.error(406, at: 0.3)).fault == nil)
    }

    @Test func aFaultThatCouldNotBeInjectedCausesNothing() {
        var ledger = Ledger()
        let made = ledger.note(Self.record(1, Self.closing, state: .failed, note: "no such channel"), at: Self.time(0))
        #expect(made.map(\.text) == ["close-channel #1 could not be injected: no such channel"])
        #expect(ledger.record(Self.error(406)).fault == nil)
    }

    @Test func aFloodOfErrorsIsLinkedQuickly() {
        var ledger = Ledger()
        for id in 1...200 { ledger.note(Self.record(UInt64(id), Self.closing), at: Self.time(0)) }
        let begun = ContinuousClock.now
        for _ in 0..<1_000 { ledger.record(Self.error(406)) }
        #expect(ContinuousClock.now - begun < .seconds(20))
        #expect(ledger[ledger.count - 1].fault == "close-channel #200")
        #expect(ledger.total == 1_200)
    }
}
