import Experiments
import Testing

@testable import Lab

@Suite struct ExpirationModelTests {
    private typealias Message = ExpirationModel.Message
    private static let four = ExpirationModel(messages: [
        Message(name: "20", expiry: 20), Message(name: "never"), Message(name: "60", expiry: 60),
        Message(name: "never 2"),
    ])

    @Test func theConsumerThatIsLateGetsThreeOfFour() {
        let found = Self.four.at(25)
        #expect(found.delivered == ["never", "60", "never 2"])
        #expect(found.expiredBefore == ["20"])
        #expect(found.expiredOnArrival.isEmpty)
        #expect(found.ready == 3)
    }

    @Test func itGetsTheSameInAnyOrder() {
        let other = ExpirationModel(messages: Self.four.messages.reversed())
        let found = other.at(25)
        #expect(Set(found.delivered) == ["never", "60", "never 2"])
        #expect(found.ready == 4)
        #expect(found.expiredBefore.isEmpty)
        #expect(found.expiredOnArrival == ["20"])
    }

    @Test func nothingExpiresByItself() {
        let model = ExpirationModel(messages: [Message(name: "never")])
        #expect(model.at(1e9).delivered == ["never"])
        #expect(model.at(30, by: .init(defaultExpiry: 30)).delivered.isEmpty)
        #expect(model.at(29, by: .init(defaultExpiry: 30)).delivered == ["never"])
    }

    @Test func theBeliefThatTheyLeaveAnywhereDiffersOnlyBehindTheHead() {
        let behind = ExpirationModel(messages: [Message(name: "60", expiry: 60), Message(name: "20", expiry: 20)])
        #expect(behind.at(25).ready == 2)
        #expect(behind.at(25, by: .init(dropsAnywhere: true)).ready == 1)
        #expect(behind.at(25).delivered == behind.at(25, by: .init(dropsAnywhere: true)).delivered)
        #expect(behind.at(60).ready == 0)
        #expect(Self.four.at(25) == Self.four.at(25, by: .init(dropsAnywhere: true)))
    }

    @Test func theShorterTimeToLiveCounts() {
        let model = ExpirationModel(
            messages: [Message(name: "10", expiry: 10), Message(name: "60", expiry: 60), Message(name: "none")],
            messageTTL: 20)
        #expect(model.at(15).delivered == ["60", "none"])
        #expect(model.at(20).delivered.isEmpty)
    }
}

@Suite struct ExpirationVerdictTests {
    private func plan(_ changes: [String: LabValue] = [:], timeScale: Double = 1) throws -> ExpirationPlan {
        try ExpirationPlan(LabSettings(Expiration.description, changes, timeScale: timeScale))
    }

    @Test func aTimeScaleDividesAllTimes() throws {
        let plan = try plan(timeScale: 10)
        #expect((plan.first, plan.second, plan.arrival, plan.believed) == (2, 6, 2.5, 3))
    }

    @Test(arguments: [5.0, 20, 60, 100]) func theConsumerArrivesBetweenTheTwo(_ arrival: Double) {
        #expect(throws: LabError.self) { try plan(["arrival": .number(arrival)]) }
    }

    @Test func whatIsFoundDecides() throws {
        let scenes = try plan().scenes(Expiration.rule)
        let scene = try #require(scenes.first { $0.name == "four messages" })
        var outcome = ExpirationOutcome(scene: scene.name)
        outcome.ready = 3
        outcome.deadBefore = 1
        outcome.delivered = ["no expiry 1", "second expiry", "no expiry 2"]
        outcome.dead = ["first expiry"]
        outcome.explained = 1
        #expect(ExpirationOutcome(outcome.value) == outcome)
        #expect(scene.expectations(outcome).allSatisfy { $0.holds })
        var other = outcome
        other.delivered.append("first expiry")
        #expect(!scene.expectations(other).allSatisfy { $0.holds })
        other = outcome
        other.explained = 0
        #expect(!scene.expectations(other).allSatisfy { $0.holds })
        other = outcome
        other.ready = nil
        #expect(!scene.expectations(other).allSatisfy { $0.holds })
    }

    @Test(arguments: [Expiration.defaultExpiration, Expiration.anywhere])
    func aBeliefFailsOnABrokerOfTheRulesAlone(_ variant: String) throws {
        let plan = try plan()
        let scene = try #require(plan.scenes(variant).first)
        func outcome(_ rules: ExpirationModel.Rules) -> ExpirationOutcome {
            let found = scene.model.at(scene.arrival, by: rules)
            var outcome = ExpirationOutcome(scene: scene.name)
            outcome.ready = found.ready
            outcome.delivered = found.delivered
            return outcome
        }
        #expect(scene.refutation(plan.belief(variant), outcome(.broker)).holds)
        #expect(!scene.refutation(plan.belief(variant), outcome(plan.belief(variant))).holds)
    }

    @Test func aQueueThatIsStillThereHasNotExpired() throws {
        let scene = try #require(
            plan().scenes(Expiration.rule).first { $0.name == "TTL of the queue itself" })
        var outcome = ExpirationOutcome(scene: scene.name)
        #expect(scene.expectations(outcome).allSatisfy { $0.holds })
        outcome.ready = 2
        #expect(!scene.expectations(outcome).allSatisfy { $0.holds })
    }
}
