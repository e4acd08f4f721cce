import RabbitMQClient
import Testing

@Suite struct RecoveryPolicyTests {
    @Test func theLongestWaitDoublesUpToTheCap() {
        let policy = RecoveryPolicy(base: .milliseconds(500), cap: .seconds(30))
        let seconds = (0...8).map { policy.delay(attempt: $0, random: 1) }
        #expect(
            seconds == [
                .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16), .seconds(30),
                .seconds(30), .seconds(30),
            ])
    }

    @Test func theWaitIsAShareOfIt() {
        let policy = RecoveryPolicy(base: .seconds(1), cap: .seconds(30))
        #expect(policy.delay(attempt: 3, random: 0) == .zero)
        #expect(policy.delay(attempt: 3, random: 0.25) == .seconds(2))
        #expect(policy.delay(attempt: 3, random: 7) == .seconds(8))
        #expect(policy.delay(attempt: 3, random: -1) == .zero)
        #expect(policy.delay(attempt: 3, random: .nan) == .seconds(8))
    }

    @Test func noNumberOfAttemptsOverflows() {
        let tiny = RecoveryPolicy(base: .nanoseconds(1), cap: .seconds(3600))
        #expect(tiny.delay(attempt: .max, random: 1) == .seconds(3600))
        #expect(tiny.delay(attempt: -1, random: 1) == .nanoseconds(1))
        let endless = RecoveryPolicy(base: .seconds(1), cap: .seconds(Int64.max))
        #expect(endless.longestDelay(attempt: 200) == .seconds(Int64.max))
    }

    @Test func aBaseOverTheCapIsTheCap() {
        #expect(RecoveryPolicy(base: .seconds(9), cap: .seconds(1)).delay(attempt: 0, random: 1) == .seconds(1))
        #expect(RecoveryPolicy(base: .zero, cap: .seconds(1)).delay(attempt: 9, random: 1) == .zero)
        #expect(RecoveryPolicy(base: .seconds(-1), cap: .seconds(1)).delay(attempt: 9, random: 1) == .zero)
        #expect(RecoveryPolicy(base: .seconds(1), cap: .zero).delay(attempt: 9, random: 1) == .zero)
    }
}
