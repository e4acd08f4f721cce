import Experiments
import Testing

@testable import Lab

@Suite struct PoolVerdictTests {
    /// The ledger of a run as it should be, each way.
    private func ledger(_ kind: ClosedChannelInPool.PoolKind) -> LabLedger {
        var ledger = LabLedger()
        var figures: [String: Int] = ["channels_opened": 4, "channels_closed": 4, "last_attempts": 40]
        ledger.counts.published = 100
        switch kind {
        case .naive:
            ledger.counts.confirmed = 30
            ledger.counts.consumed = 30
            ledger.counts.distinct = 30
            ledger.counts.missing = 70
            figures.merge([
                "dead_handouts": 250, "failures_on_dead": 250, "most_failures_of_one": 90, "given_up": 70,
            ]) { $1 }
            ledger.details["last_works"] = .flag(false)
            ledger.errors = [
                LabErrorEntry(
                    scope: .channel, code: 404, text: "channelClosed: basic.publish on a closed channel", count: 250,
                    application: "model service")
            ]
        case .validated:
            ledger.counts.confirmed = 100
            ledger.counts.consumed = 101
            ledger.counts.distinct = 100
            ledger.counts.duplicates = 1
            figures.merge([
                "channels_opened": 8, "channels_discarded": 4, "failures_on_open": 2, "most_failures_of_one": 1,
                "stored": 100, "last_attempts": 1,
            ]) { $1 }
            ledger.details["last_works"] = .flag(true)
        }
        for (key, value) in figures { ledger.details[key] = .integer(value) }
        return ledger
    }

    private func broken(_ kind: ClosedChannelInPool.PoolKind, _ ledger: LabLedger) -> [String] {
        ClosedChannelInPool.expectations(kind, ledger, messages: 99).filter { !$0.holds }.map(\.what)
    }

    @Test(arguments: ClosedChannelInPool.PoolKind.allCases)
    func theKnownCoursePasses(_ kind: ClosedChannelInPool.PoolKind) {
        #expect(broken(kind, ledger(kind)) == [])
        // Neither passes for the other.
        for other in ClosedChannelInPool.PoolKind.allCases where other != kind {
            #expect(broken(other, ledger(kind)) != [])
        }
        #expect(broken(kind, LabLedger()) != [])
    }

    @Test func aNaivePoolThatGetsBetterIsNotTheFailureThatIsShown() {
        var better = ledger(.naive)
        better.details["last_works"] = .flag(true)
        #expect(broken(.naive, better) == ["it does not get better"])
        var other = ledger(.naive)
        other.errors[0].text = "connectionClosed: something else"
        #expect(broken(.naive, other) == ["every publish through it fails with the channel-state error"])
    }

    @Test func aSecondFailureOrALostMessageIsNoCure() {
        var second = ledger(.validated)
        second.details["most_failures_of_one"] = .integer(2)
        #expect(broken(.validated, second) == ["after the first failure none follows"])
        var lost = ledger(.validated)
        lost.counts.lost = 1
        #expect(broken(.validated, lost) == ["nothing is lost"])
        var twice = ledger(.validated)
        twice.details["stored"] = .integer(99)
        #expect(broken(.validated, twice) == ["each is stored once"])
        var never = ledger(.validated)
        never.details["given_up"] = .integer(1)
        #expect(broken(.validated, never) == ["nothing is lost"])
        var unsent = ledger(.validated)
        unsent.counts.published = 99
        unsent.counts.confirmed = 99
        #expect(broken(.validated, unsent) == ["nothing is lost"])
    }
}
