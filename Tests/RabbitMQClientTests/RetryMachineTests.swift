import NIOCore
import Testing

@testable import RabbitMQClient

@Suite struct RetryMachineTests {
    private static let policy = PublishRetry(attempts: 3, base: .milliseconds(100), cap: .milliseconds(150))
    private static let lost = ClientError.indeterminate(
        CloseReason(initiator: .transport, scope: .connection, code: 0, text: "reset"))
    private static let nacked = ClientError(.nacked, "no")

    private static func at(_ milliseconds: UInt64) -> NIODeadline { .uptimeNanoseconds(milliseconds * 1_000_000) }

    private static func channelClosed(_ text: String) -> ClientError {
        .indeterminate(CloseReason(initiator: .peer, scope: .channel, code: 404, text: text))
    }

    private func machine(_ policy: PublishRetry = policy, reopens: Bool = true) -> RetryMachine {
        RetryMachine(policy, deadline: Self.at(1000), exchange: "orders", reopens: reopens)
    }

    @Test func anUnknownOutcomeIsTriedAgainUntilTheAttemptsAreUp() {
        var machine = machine()
        #expect(machine.failed(Self.lost, now: Self.at(0), random: 1) == .retry(after: .milliseconds(100)))
        #expect(machine.failed(Self.lost, now: Self.at(0), random: 0.5) == .retry(after: .milliseconds(75)))
        #expect(machine.failed(Self.lost, now: Self.at(0), random: 1) == .fail(Self.lost))
        #expect(machine.attempts == 3)
    }

    @Test func noAttemptBeginsAfterTheDeadline() {
        var machine = machine()
        #expect(machine.failed(Self.lost, now: Self.at(899), random: 1) == .retry(after: .milliseconds(100)))
        #expect(machine.failed(Self.lost, now: Self.at(999), random: 1) == .fail(Self.lost))
    }

    @Test func refusalsAreTriedAgainOnlyWhenAskedFor() {
        var plain = machine()
        #expect(plain.failed(Self.nacked, now: Self.at(0), random: 0) == .fail(Self.nacked))
        var insistent = Self.policy
        insistent.retriesNacked = true
        var machine = machine(insistent)
        #expect(machine.failed(Self.nacked, now: Self.at(0), random: 0) == .retry(after: .zero))
    }

    @Test(arguments: [ClientError.Code.returned, .cancelled, .invalidArgument, .connectionClosed, .refused])
    func whatCannotSucceedIsNotTriedAgain(code: ClientError.Code) {
        var machine = machine()
        let error = ClientError(code, "so")
        #expect(machine.failed(error, now: Self.at(0), random: 0) == .fail(error))
    }

    @Test func afterAnUnknownOutcomeNoLaterFailureMakesItKnown() throws {
        var machine = machine()
        _ = machine.failed(Self.lost, now: Self.at(0), random: 0)
        let returned = ClientError.Return(code: 312, text: "NO_ROUTE", exchange: "orders", routingKey: "k")
        let error = ClientError(.returned, "no queue", returned: returned)
        guard case .fail(let last) = machine.failed(error, now: Self.at(0), random: 0) else {
            Issue.record("it is tried again")
            return
        }
        #expect(last.code == .indeterminate && last.returned == returned)
        #expect(last.message.contains("no queue"))
        // A cancellation stays one.
        var cancelled = self.machine()
        _ = cancelled.failed(Self.lost, now: Self.at(0), random: 0)
        #expect(
            cancelled.failed(ClientError(.cancelled, "c"), now: Self.at(0), random: 0)
                == .fail(ClientError(.cancelled, "c"))
        )
        #expect(cancelled.cancelled().message.contains("may have"))
        #expect(!self.machine().cancelled().message.contains("may have"))
    }

    @Test func aClosedChannelIsReplacedUnlessThisMessageClosedIt() {
        let other = Self.channelClosed("NOT_FOUND - no exchange 'invoices' in vhost '/'")
        let own = Self.channelClosed("NOT_FOUND - no exchange 'orders' in vhost '/'")
        var replacing = machine()
        #expect(replacing.failed(other, now: Self.at(0), random: 0) == .retry(after: .zero))
        #expect(replacing.failed(own, now: Self.at(0), random: 0) == .fail(own))
        var fixed = machine(reopens: false)
        #expect(fixed.failed(other, now: Self.at(0), random: 0) == .fail(other))
        // Nothing was sent.
        let reason = CloseReason(initiator: .peer, scope: .channel, code: 404, text: "NOT_FOUND - no exchange 'x'")
        let closed = ClientError(.channelClosed, "closed", closeReason: reason)
        var again = machine()
        #expect(again.failed(closed, now: Self.at(0), random: 0) == .retry(after: .zero))
        var never = machine(reopens: false)
        #expect(never.failed(closed, now: Self.at(0), random: 0) == .fail(closed))
        // By the application, which closed the publisher.
        let byUs = ClientError(.channelClosed, "It was closed by the application.")
        var ended = machine()
        #expect(ended.failed(byUs, now: Self.at(0), random: 0) == .fail(byUs))
    }

    @Test func pausesDoubleToTheirCap() {
        let policy = PublishRetry(attempts: 99, base: .milliseconds(10), cap: .milliseconds(65))
        let pauses = [1, 2, 3, 4, 5, 400].map { policy.pause(after: $0, random: 1) }
        #expect(pauses == [10, 20, 40, 65, 65, 65].map { .milliseconds($0) })
        #expect(policy.pause(after: 3, random: 0) == .zero)
        #expect(PublishRetry(base: .seconds(-1)).pause(after: 2, random: 1) == .zero)
        #expect(PublishRetry(base: .seconds(Int64.max), cap: .seconds(5)).pause(after: 60, random: 1) == .seconds(5))
        #expect(!PublishRetry.off.isEnabled && PublishRetry.standard.isEnabled)
    }
}

@Suite struct WindowMachineTests {
    private static func at(_ milliseconds: UInt64) -> NIODeadline { .uptimeNanoseconds(milliseconds * 1_000_000) }

    @Test func placesGoInTheOrderTheyWereAskedFor() {
        var machine = WindowMachine(limit: 2)
        #expect(machine.requested(1, deadline: Self.at(9)) == .admit([1]))
        #expect(machine.requested(2, deadline: Self.at(9)) == .admit([2]))
        for id: UInt64 in 3...5 { #expect(machine.requested(id, deadline: Self.at(9)) == .none) }
        #expect(machine.used == 2 && machine.waitingCount == 3)
        #expect(machine.released(1) == .admit([3]))
        #expect(machine.released(2) == .admit([4, 5]))
        #expect(machine.released(2) == .none)
        #expect(machine.used == 0)
        #expect(machine.released(1) == .none)
        #expect(machine.used == 0)
    }

    @Test func nobodyTakesAPlaceBeforeWhoWaits() {
        var machine = WindowMachine(limit: 3)
        #expect(machine.takeFree(2) == 2)
        #expect(machine.takeFree(5) == 1)
        #expect(machine.takeFree(1) == 0)
        #expect(machine.requested(1, deadline: Self.at(9)) == .none)
        #expect(machine.released(1) == .admit([1]))
        #expect(machine.requested(2, deadline: Self.at(9)) == .none)
        #expect(machine.takeFree(1) == 0)
        #expect(machine.released(2) == .admit([2]))
        #expect(machine.takeFree(4) == 1)
    }

    @Test func waitsEndByCancellationAndDeadline() {
        var machine = WindowMachine(limit: 1)
        _ = machine.requested(1, deadline: Self.at(9))
        for id: UInt64 in 2...4 { _ = machine.requested(id, deadline: Self.at(id * 10)) }
        #expect(machine.cancelled(3) == .fail([3]))
        #expect(machine.cancelled(3) == .none)
        #expect(machine.timePassed(Self.at(19)) == .none)
        #expect(machine.timePassed(Self.at(20)) == .fail([2]))
        #expect(machine.released(1) == .admit([4]))
        #expect(machine.cancelled(4) == .none)
        #expect(machine.used == 1)
    }

    @Test func aLimitIsAtLeastOne() {
        var machine = WindowMachine(limit: -5)
        #expect(machine.limit == 1)
        #expect(machine.requested(1, deadline: Self.at(9)) == .admit([1]))
    }
}

@Suite struct RPCMachineTests {
    @Test func repliesFindTheirCalls() {
        var machine = RPCMachine(prefix: "p")
        let calls = (0..<3).map { _ in machine.called() }
        for id in calls { machine.sent(id, channel: 1, epoch: 0) }
        #expect(Set(calls.map(machine.correlationID)).count == 3)
        #expect(machine.replyReceived(machine.correlationID(calls[1])) == calls[1])
        // A second reply, another client's, and nobody's.
        for name in [machine.correlationID(calls[1]), "q-\(calls[0])", "p-", "p-x", "p", "", nil] {
            #expect(machine.replyReceived(name) == nil)
        }
        #expect(machine.lateReplies == 7 && machine.count == 2)
        #expect(machine.ended(calls[0]) == true)
        #expect(machine.ended(calls[0]) == false)
        #expect(machine.replyReceived(machine.correlationID(calls[0])) == nil)
    }

    @Test func aLossTakesTheCallsSentBeforeIt() {
        var machine = RPCMachine(prefix: "p")
        let (old, waiting, new, other) = (machine.called(), machine.called(), machine.called(), machine.called())
        machine.sent(old, channel: 1, epoch: 0)
        machine.sent(new, channel: 1, epoch: 1)
        machine.sent(other, channel: 2, epoch: 0)
        #expect(machine.lost(1, before: 0) == [])
        #expect(machine.lost(1, before: 1) == [old])
        #expect(machine.lost(1, before: 1) == [])
        #expect(machine.closed(1) == [new])
        #expect(machine.closed(1) == [])
        // What was sent on another channel, or not yet, goes on.
        #expect(machine.count == 2)
        #expect(machine.closed(2) == [other])
        machine.sent(waiting, channel: 3, epoch: 0)
        #expect(machine.replyReceived(machine.correlationID(waiting)) == waiting)
        machine.sent(waiting, channel: 3, epoch: 0)
        #expect(machine.count == 0)
    }
}
