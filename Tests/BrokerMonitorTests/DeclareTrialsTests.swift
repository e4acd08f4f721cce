import Names
import Testing

@testable import BrokerMonitor

@Suite struct DeclareTrialsTests {
    private let names: [Name] = ["alpha", "mine.1", "beta", "mine.2", "zeta", "mine.3"]

    /// What a broker says of a round, with permission for some names only: the channel closes at the first refusal.
    private func round(_ trials: inout DeclareTrials, _ names: [Name], at now: Double, mayAsk: (Name) -> Bool) -> (
        asked: [Name], refusals: Int
    ) {
        let plan = trials.plan(names, at: now)
        let declared = plan.prefix { mayAsk($0) }
        if declared.count < plan.count {
            trials.denied(plan[declared.count], "refused", at: now, declared: Array(declared))
            return (Array(plan.prefix(declared.count + 1)), 1)
        }
        trials.declared(plan)
        return (plan, 0)
    }

    @Test func whoMayAskAllAsksAllAtOnce() {
        var trials = DeclareTrials()
        for now in 0..<10 {
            #expect(round(&trials, names, at: Double(now)) { _ in true }.asked == names)
        }
        #expect(!trials.isCareful)
    }

    @Test func whoMayAskNothingIsRefusedOnceAMinuteAtMost() {
        var trials = DeclareTrials()
        var refusals: [Double] = []
        for now in 0..<3_600 where round(&trials, names, at: Double(now), mayAsk: { _ in false }).refusals > 0 {
            refusals.append(Double(now))
        }
        #expect(refusals.count { $0 < 60 } == 1)
        #expect(refusals.starts(with: [0, 60, 180, 420, 900]))
        #expect(refusals.count <= 10)
    }

    @Test func whoMayAskSomeIsAskingThoseAfterOneTrial() {
        var trials = DeclareTrials()
        var refusals = 0
        var last: [Name] = []
        for now in 0..<70 {
            let result = round(&trials, names, at: Double(now)) { $0.hasPrefix("mine") }
            refusals += result.refusals
            last = result.asked
        }
        // The first of all was refused; a minute later one that looks unlike it is tried, and what looks like that.
        #expect(refusals <= 3)
        #expect(Set(last).isSuperset(of: ["mine.1", "mine.2", "mine.3"]))
        #expect(trials.known(of: names) == 3)
    }

    @Test func aPermissionThatIsTakenAwayIsNotAskedForNameByName() {
        var trials = DeclareTrials()
        trials.denied("alpha", "refused", at: 0, declared: ["mine.1", "mine.2"])
        #expect(trials.plan(names, at: 1) == ["mine.1", "mine.2"])
        trials.denied("mine.1", "refused", at: 2)
        #expect(trials.plan(names, at: 3).isEmpty)
    }

    @Test func memoryIsBounded() {
        var trials = DeclareTrials()
        for number in 0..<10_000 {
            trials.denied("no \(number)", "refused", at: Double(number), declared: ["yes \(number)"])
        }
        #expect(trials.known(of: (0..<10_000).map { "yes \($0)" }) <= DeclareTrials.capacity)
    }
}

@Suite struct ListenerPauseTests {
    private func pauses(_ reason: ListenerPause.Reason, _ count: Int) -> [Double] {
        var pause = ListenerPause()
        return (0..<count).map { _ in pause.after(reason) }
    }

    @Test func aRefusedListenerIsSlow() {
        #expect(pauses(.denied, 6) == [60, 120, 240, 480, 600, 600])
        #expect(pauses(.login, 3) == [5, 5, 5])
        // Nothing is asked of the broker then.
        #expect(pauses(.closed, 3) == [5, 5, 5])
    }

    @Test func aMissingExchangeIsSoughtForAMomentAndThenSeldom() {
        #expect(pauses(.missing, 11) == [2, 2, 2, 2, 2, 2, 10, 20, 40, 60, 60])
    }

    @Test func aBrokerThatIsAwayIsTriedEverySecondForAMinute() {
        let all = pauses(.lost, 70)
        #expect(all.prefix(60).allSatisfy { $0 == 1 } && all.last == 5)
        var pause = ListenerPause()
        _ = pause.after(.denied)
        pause.succeeded()
        #expect(pause.after(.denied) == 60)
        #expect(pause.after(.lost) == 1 && pause.after(.denied) == 60)
    }
}
