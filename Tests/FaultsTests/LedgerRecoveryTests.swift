import Faults
import Foundation
import Testing

@Suite struct LedgerRecoveryTests {
    private let orders = LedgerLinkingTests.orders
    private let later = "127.0.0.1:50700 -> 127.0.0.1:5672"
    private let sibling = "127.0.0.1:50641 -> 127.0.0.1:5672"

    private func time(_ seconds: Double) -> Date { LedgerLinkingTests.time(seconds) }

    private func activity(
        _ kind: ApplicationActivity.Kind, _ at: Double, _ connection: String, _ channel: Int? = 1,
        redelivered: Int = 0, client: String? = "orders-service"
    ) -> ApplicationActivity {
        ApplicationActivity(
            at: time(at), connection: connection, clientName: client, user: "shop", vhost: "/",
            peer: connection.components(separatedBy: " -> ").first, channel: channel, kind: kind,
            redelivered: redelivered)
    }

    private func strike(_ ledger: inout Ledger, _ name: String, channel: Int?) {
        ledger.note(
            LedgerLinkingTests.record(1, Fault(name)),
            touches: [
                FaultTouch(
                    at: time(0),
                    ClientIdentity(
                        connection: orders, clientName: "orders-service", user: "shop", vhost: "/", channel: channel))
            ], at: time(0))
    }

    @Test func timeRunsFromTheFaultUntilTheConsumerConsumesAgain() throws {
        var ledger = Ledger()
        ledger.note(activity(.consumed, -5, orders))
        strike(&ledger, "close-channel", channel: 1)
        #expect(ledger.awaited.map(\.awaited) == [[.consumed]])
        #expect(ledger.note(activity(.channelOpened, 0.5, orders, 2)).isEmpty)
        let made = ledger.note(activity(.consumed, 1.25, orders, 2, redelivered: 3))
        let entry = try #require(made.first)
        #expect(entry.kind == .recovered)
        #expect(entry.fault == "close-channel #1")
        #expect(entry.application == "orders-service")
        #expect(entry.seconds == 1.25)
        #expect(entry.redelivered == 3)
        #expect(entry.channelsReopened == 1)
        #expect(entry.text == "consumes again after 1.25 s, 3 messages redelivered, 1 channel reopened")
        #expect(ledger.awaited.isEmpty)
        #expect(ledger.effects(of: "close-channel #1").map(\.id) == [entry.id])
    }

    @Test func whatItDidNotDoBeforeIsNoRecovery() {
        var ledger = Ledger()
        ledger.note(activity(.published, -5, orders))
        strike(&ledger, "close-connection", channel: nil)
        #expect(ledger.note(activity(.consumed, 1, later)).isEmpty)
        #expect(ledger.note(activity(.published, 2, later)).map(\.seconds) == [2])
    }

    @Test func whoPublishedAndConsumedHasToDoBothAgain() {
        var ledger = Ledger()
        ledger.note(activity(.published, -5, orders, 1))
        ledger.note(activity(.consumed, -5, orders, 2))
        strike(&ledger, "reset-connection", channel: nil)
        #expect(ledger.note(activity(.published, 1, later, 1)).isEmpty)
        #expect(ledger.note(activity(.consumed, 3, later, 2)).map(\.seconds) == [3])
    }

    @Test func siblingsThatWereNotStruckProveNothing() {
        var ledger = Ledger()
        ledger.note(activity(.consumed, -5, orders, 1))
        ledger.note(activity(.consumed, -5, orders, 9))
        ledger.note(activity(.consumed, -5, sibling, 1))
        strike(&ledger, "close-channel", channel: 1)
        #expect(ledger.note(activity(.consumed, 0.1, orders, 9)).isEmpty)
        #expect(ledger.note(activity(.consumed, 0.2, sibling, 1)).isEmpty)
        #expect(ledger.note(activity(.consumed, 0.3, later, 1, client: "billing")).isEmpty)
        #expect(ledger.note(activity(.consumed, 0.4, orders, 1)).isEmpty, "it was under way when the channel closed")
        ledger.note(activity(.channelOpened, 3.5, orders, 1))
        #expect(ledger.note(activity(.consumed, 4, orders, 1)).map(\.seconds) == [4])
    }

    @Test func anApplicationWithoutANameIsKnownByUserAndHost() {
        var ledger = Ledger()
        ledger.note(activity(.consumed, -5, orders, client: nil))
        ledger.note(
            LedgerLinkingTests.record(1, Fault("reset-connection")),
            touches: [FaultTouch(at: time(0), ClientIdentity(connection: orders, user: "shop", vhost: "/"))],
            at: time(0))
        let made = ledger.note(activity(.consumed, 2, later, client: nil))
        #expect(made.map(\.application) == ["shop@127.0.0.1"])
    }

    @Test func newsOfTheEffectMayComeAfterTheRecovery() throws {
        var ledger = Ledger()
        ledger.note(activity(.consumed, -5, orders))
        let fault = Fault("close-channel", ["code": 406], on: FaultSelector(connection: "orders-service", channel: 1))
        ledger.note(LedgerLinkingTests.record(1, fault), at: time(0))
        ledger.note(activity(.channelOpened, 0.15, orders))
        ledger.note(activity(.consumed, 0.2, orders))
        ledger.record(LedgerLinkingTests.error(406, at: 0.05))
        let recovered = try #require(ledger.entries.last)
        #expect(recovered.kind == .recovered)
        #expect(abs((recovered.seconds ?? 0) - 0.15) < 0.001)
    }

    @Test func lateNewsOfTheSameBlowIsNoSecondOutage() {
        var ledger = Ledger()
        ledger.note(activity(.consumed, -5, orders))
        strike(&ledger, "close-channel", channel: 1)
        ledger.note(activity(.channelOpened, 0.9, orders))
        ledger.note(activity(.consumed, 1, orders))
        ledger.record(LedgerLinkingTests.error(406, at: 0.02))
        #expect(ledger.entries.count { $0.kind == .recovered } == 1)
        #expect(ledger.awaited.isEmpty)
    }

    @Test func aSecondBlowOfTheSameFaultIsMeasuredOnItsOwn() {
        var ledger = Ledger()
        ledger.note(activity(.consumed, -5, orders))
        strike(&ledger, "close-channel", channel: 1)
        ledger.note(activity(.channelOpened, 0.9, orders))
        ledger.note(activity(.consumed, 1, orders))
        ledger.note(
            FaultTouch(
                at: time(2), ClientIdentity(connection: orders, clientName: "orders-service", vhost: "/", channel: 1)),
            of: "close-channel #1")
        ledger.note(activity(.channelOpened, 4.5, orders))
        ledger.note(activity(.consumed, 5, orders))
        #expect(ledger.recoveries(of: "close-channel #1").map(\.seconds) == [1, 3])
    }

    @Test func redeliveriesShortlyAfterTheRecoveryBelongToIt() {
        var ledger = Ledger()
        ledger.note(activity(.consumed, -5, orders))
        strike(&ledger, "reset-connection", channel: nil)
        ledger.note(activity(.consumed, 1, later, redelivered: 1))
        ledger.note(activity(.consumed, 3, later, redelivered: 4))
        ledger.note(activity(.consumed, 60, later, redelivered: 9))
        #expect(ledger.entries.last?.redelivered == 5)
        #expect(ledger.recoveries(of: "reset-connection #1").map(\.redelivered) == [5])
    }

    @Test func whatSeveralSourcesSeeIsCountedOnce() {
        var ledger = Ledger()
        strike(&ledger, "reset-connection", channel: nil)
        for source in [LedgerEntry.Source.proxy, .eventExchange] {
            var opened = activity(.channelOpened, 0.5, later)
            opened.source = source
            ledger.note(opened)
        }
        ledger.note(activity(.consumed, 1, later))
        #expect(ledger.entries.last?.channelsReopened == 1)
    }

    @Test func aTouchMayComeBeforeItsFault() {
        var ledger = Ledger()
        let clientIdentity = ClientIdentity(connection: orders, clientName: "orders-service", vhost: "/")
        #expect(ledger.take(.touch(FaultTouch(at: time(0), clientIdentity), fault: "reset-connection #1")).isEmpty)
        ledger.take(.fault(LedgerLinkingTests.record(1, Fault("reset-connection")), at: time(0.1)))
        #expect(ledger.take(.activity(activity(.consumed, 2, later))).map(\.seconds) == [2])
    }

    @Test func aFaultThatInterruptsNobodyAwaitsNobody() {
        var ledger = Ledger()
        ledger.note(activity(.consumed, -5, orders))
        strike(&ledger, "latency", channel: nil)
        #expect(ledger.awaited.isEmpty)
        #expect(ledger.note(activity(.consumed, 1, orders)).isEmpty)
    }

    @Test func anEntryThatNamesItsFaultMayComeBeforeTheFault() {
        var ledger = Ledger()
        ledger.note(activity(.consumed, -5, orders))
        var cut = LedgerLinkingTests.error(541, source: .proxy)
        cut.fault = "close-channel #1"
        ledger.record(cut)
        #expect(ledger.awaited.isEmpty)
        ledger.note(LedgerLinkingTests.record(1, Fault("close-channel")), at: time(0.2))
        #expect(ledger.awaited.map(\.application.name) == ["orders-service"])
    }

    @Test func aRecoveryThatWasSeenBeforeItsCauseIsToldWithIt() {
        var ledger = Ledger()
        ledger.note(activity(.consumed, -5, orders))
        let fault = Fault("close-channel", ["code": 406], on: FaultSelector(connection: "orders-service", channel: 1))
        ledger.note(LedgerLinkingTests.record(1, fault), at: time(0))
        ledger.note(activity(.consumed, 0.2, later))
        let made = ledger.take(.entry(LedgerLinkingTests.error(406, at: 0.05)))
        #expect(made.map(\.kind) == [.error, .recovered])
    }

    @Test func anApplicationThatNeverComesBackStaysAwaited() {
        var ledger = Ledger()
        strike(&ledger, "close-connection", channel: nil)
        #expect(ledger.recoveries(of: "close-connection #1").map(\.seconds) == [nil])
        #expect(ledger.awaited.map(\.application.name) == ["orders-service"])
    }

    @Test func memoryIsBounded() {
        var ledger = Ledger(capacity: 100)
        for number in 1...30_000 {
            ledger.note(activity(.consumed, Double(number) / 1_000, "c\(number):1 -> b", client: "app \(number)"))
        }
        strike(&ledger, "reset-connection", channel: nil)
        for number in 1...2_000 {
            let clientIdentity = ClientIdentity(
                connection: "d\(number):1 -> b", clientName: "app \(number)", vhost: "/")
            ledger.note(FaultTouch(at: time(1), clientIdentity), of: "reset-connection #1")
        }
        #expect(ledger.count <= 100)
        #expect(ledger.recoveries(of: "reset-connection #1").count <= 800)
    }
}
