import NIOCore
import Testing

@testable import RabbitMQClient

@Suite("Attempts to recover")
struct RecoveryMachineTests {
    private let lost = ClientError(.connectionClosed, "lost")
    private let refused = ClientError(.accessRefused, "403")

    @Test("The longest wait doubles from attempt to attempt up to the cap")
    func delaysDouble() {
        var machine = RecoveryMachine()
        let policy = RecoveryPolicy(base: .seconds(1), cap: .seconds(5))
        let delays = (0..<5).map { _ in machine.failed(lost, policy: policy, now: .now(), random: 1) }
        #expect(
            delays == [
                .wait(attempt: 1, delay: .seconds(1)), .wait(attempt: 2, delay: .seconds(2)),
                .wait(attempt: 3, delay: .seconds(4)), .wait(attempt: 4, delay: .seconds(5)),
                .wait(attempt: 5, delay: .seconds(5)),
            ])
    }

    @Test("It gives up after the last attempt, at once for a permanent error, and when recovery is off")
    func givesUp() {
        var machine = RecoveryMachine()
        let policy = RecoveryPolicy(base: .zero, attempts: 2)
        #expect(machine.failed(lost, policy: policy, now: .now(), random: 0) == .wait(attempt: 1, delay: .zero))
        #expect(machine.failed(lost, policy: policy, now: .now(), random: 0) == .wait(attempt: 2, delay: .zero))
        #expect(machine.failed(lost, policy: policy, now: .now(), random: 0) == .giveUp)
        machine = RecoveryMachine()
        #expect(machine.failed(refused, policy: .standard, now: .now(), random: 0) == .giveUp)
        #expect(machine.failed(lost, policy: .off, now: .now(), random: 0) == .giveUp)
    }

    @Test("A connection that lived counts anew; one that died at once does not")
    func steadyConnectionsCountAnew() {
        var machine = RecoveryMachine()
        let policy = RecoveryPolicy(base: .seconds(1), cap: .seconds(60))
        let start = NIODeadline.uptimeNanoseconds(0)
        _ = machine.failed(lost, policy: policy, now: start, random: 1)
        machine.opened(start)
        let early = machine.failed(lost, policy: policy, now: start + .seconds(1), random: 1)
        #expect(early == .wait(attempt: 2, delay: .seconds(2)))
        machine.opened(start + .seconds(2))
        let late = machine.failed(lost, policy: policy, now: start + .seconds(12), random: 1)
        #expect(late == .wait(attempt: 1, delay: .seconds(1)))
    }
}
