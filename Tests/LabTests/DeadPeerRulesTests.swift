import Experiments
import Testing

@testable import Lab

@Suite struct DeadPeerRulesTests {
    private let rules = DeadPeerRules(held: 5, slack: 1)

    private func outcome(
        _ scene: DeadPeerTrial.Scene, _ heartbeat: Int, client: Double? = nil, broker: Double? = nil
    ) -> DeadPeerOutcome {
        var outcome = DeadPeerOutcome(trial: DeadPeerTrial(scene: scene, heartbeat: heartbeat))
        outcome.agreed = heartbeat
        outcome.clientNoticed = client
        outcome.brokerNoticed = broker
        outcome.lasted = 60
        outcome.requeued = broker == nil ? 0 : 5
        outcome.revived = 0.5
        return outcome
    }

    private func broken(_ outcomes: DeadPeerOutcome..., duplicates: Int? = nil) -> [String] {
        rules.withHeartbeats(outcomes, lost: 0, duplicates: duplicates ?? 5 * outcomes.count)
            .filter { !$0.holds }.map(\.what)
    }

    @Test func twoToThreeIntervalsAreExpected() {
        #expect(broken(outcome(.brokerFrozen, 4, client: 9.5)).isEmpty)
        #expect(broken(outcome(.clientFrozen, 4, broker: 12.4)).isEmpty)
        #expect(broken(outcome(.blackHole, 60, client: 140, broker: 170)).isEmpty)
        #expect(
            broken(outcome(.brokerFrozen, 4, client: 13.5))
                == ["broker-frozen, 4 s: the client notices within 2 to 3 intervals"])
        // It noticed something else.
        #expect(broken(outcome(.brokerFrozen, 4, client: 0.5)).count == 1)
        #expect(broken(outcome(.blackHole, 4, client: 10)).count == 2)
    }

    @Test func whatTheDeadHeldComesBackAndTheConsumerGoesOn() {
        var stuck = outcome(.clientFrozen, 4, broker: 10)
        stuck.revived = nil
        #expect(broken(stuck) == ["client-frozen, 4 s: the consumer goes on when the fault has ended"])
        var half = outcome(.clientFrozen, 4, broker: 10)
        half.requeued = 4
        #expect(broken(half).count == 1)
        #expect(broken(outcome(.clientFrozen, 4, broker: 10), duplicates: 4) == ["What was held comes once more"])
    }

    @Test func withoutHeartbeatsNobodyNotices() {
        func broken(_ outcome: DeadPeerOutcome, duplicates: Int = 0) -> Int {
            rules.withoutHeartbeats([outcome], observed: 60, lost: 0, duplicates: duplicates).count { !$0.holds }
        }
        #expect(broken(outcome(.blackHole, 0)) == 0)
        #expect(broken(outcome(.brokerFrozen, 0)) == 0)
        #expect(broken(outcome(.brokerFrozen, 0, client: 30)) == 1)
        #expect(broken(outcome(.brokerFrozen, 0), duplicates: 1) == 1)
        var hurried = outcome(.brokerFrozen, 0)
        hurried.lasted = 30
        #expect(broken(hurried) == 1)
        var agreed = outcome(.brokerFrozen, 0)
        agreed.agreed = 60
        #expect(broken(agreed) == 1)
    }

    @Test func outcomesStandInTheLedger() {
        var full = outcome(.blackHole, 4, client: 9.5, broker: 11.25)
        full.isLogged = true
        full.recoveries = 2
        #expect(DeadPeerOutcome(full.value) == full)
        #expect(DeadPeerOutcome(outcome(.brokerFrozen, 0).value) == outcome(.brokerFrozen, 0))
        #expect(DeadPeerOutcome(.text("none")) == nil)
    }
}

@Suite struct DeadPeerPlanTests {
    private func plan(
        _ changes: [String: LabValue] = [:], variant: String = DeadPeer.with, timeScale: Double = 1
    ) throws -> DeadPeerPlan {
        try DeadPeerPlan(variant, LabSettings(DeadPeer.description, changes, timeScale: timeScale))
    }

    @Test func fullSize() throws {
        let plan = try plan()
        #expect(plan.heartbeats == [4, 10, 60])
        #expect(plan.scenes == DeadPeerTrial.Scene.allCases)
        #expect(try self.plan(variant: DeadPeer.without).heartbeats == [0])
    }

    @Test func aHeartbeatIsAWholeNumberOfSecondsHoweverItIsScaled() throws {
        #expect(try plan(timeScale: 4).heartbeats == [1, 3, 15])
        #expect(try plan(timeScale: 100).heartbeats == [1])
        #expect(try plan(timeScale: 0.5).heartbeats == [8, 20, 120])
    }

    @Test(arguments: ["0", "4, 0", "soon", "", ",", "0.5", "-1", "601", "99999999999999999999"])
    func whatIsNoHeartbeatIsRefused(_ heartbeats: String) {
        #expect(throws: LabError.self) { try plan(["heartbeats": .text(heartbeats)]) }
    }

    @Test func scenesAreChosenByTheirNames() throws {
        #expect(try plan(["scenes": .text("black-hole,black-hole")]).scenes == [.blackHole])
        #expect(throws: LabError.self) { try plan(["scenes": .text("fire")]) }
        #expect(throws: LabError.self) { try plan(["scenes": .text("")]) }
    }
}
