import NIOCore
import Testing

@testable import RabbitMQClient

@Suite struct ConnectionMachineTests {
    typealias Interruption = ConnectionMachine.Interruption

    static let reset = CloseReason(initiator: .transport, scope: .connection, code: 0, text: "reset")
    static let goodbye = CloseReason(initiator: .local, scope: .connection, code: 200, text: "Goodbye")
    static let refused = ClientError(.connectionRefused, "refused")
    static let lost = ClientError(.connectionClosed, "The connection was lost (\(reset)).", closeReason: reset)
    static let loss = ConnectionMachine.Loss(at: 5, reason: reset)

    static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    /// A machine whose delays are 1, 2, 4 … seconds.
    static func machine(retriesFirstConnect: Bool = false, isEnabled: Bool = true, attempts: Int? = nil)
        -> ConnectionMachine
    {
        ConnectionMachine(
            policy: RecoveryPolicy(
                isEnabled: isEnabled, base: .seconds(1), cap: .seconds(60), attempts: attempts,
                retriesFirstConnect: retriesFirstConnect))
    }

    static func open(isEnabled: Bool = true, attempts: Int? = nil) -> ConnectionMachine {
        var machine = Self.machine(isEnabled: isEnabled, attempts: attempts)
        _ = machine.startRequested()
        _ = machine.restored(at(0))
        return machine
    }

    static func interruption(
        _ attempt: Int, _ error: ClientError, loss: ConnectionMachine.Loss? = ConnectionMachineTests.loss
    ) -> Interruption {
        Interruption(attempt: attempt, delay: .seconds(1 << (attempt - 1)), error: error, loss: loss)
    }

    static func end(_ reason: CloseReason, _ error: ClientError?, isRequested: Bool = false) -> ConnectionMachine.End {
        ConnectionMachine.End(reason: reason, error: error, isRequested: isRequested)
    }

    @Test func itConnectsAndIsStartedOnce() {
        var machine = Self.machine()
        #expect(machine.startRequested() == .connect)
        #expect(machine.state == .connecting && !machine.isOpen)
        guard case .refuse(let error) = machine.startRequested() else {
            Issue.record("started twice")
            return
        }
        #expect(error.code == .invalidArgument)
        #expect(machine.restored(Self.at(0)) == .success(nil))
        #expect(machine.state == .open && machine.isOpen)
    }

    @Test func aLossIsOverWhenEverythingIsRestored() {
        var machine = Self.open()
        let first = Self.interruption(1, Self.lost)
        #expect(machine.lose() == .suspendChannels(isNew: true))
        #expect(machine.state == .suspending(first) && !machine.isOpen)
        #expect(machine.lose() == .suspendChannels(isNew: false))
        machine.channelsSuspended()
        #expect(machine.state == .suspended(first))
        #expect(machine.socketEnded(Self.reset) == .startRecovery(after: .seconds(1)))
        #expect(machine.state == .reconnecting(first))

        let second = Self.interruption(2, Self.refused)
        #expect(machine.fail() == .retry(second))
        #expect(machine.state == .reconnecting(second))

        machine.socketOpened()
        #expect(machine.state == .restoring(second))
        // The socket is lost in the middle of it; the task that restores hears of it.
        #expect(machine.lose() == .suspendChannels(isNew: false))
        #expect(machine.socketEnded(Self.reset) == .none)
        #expect(machine.fail() == .retry(Self.interruption(3, Self.refused)))

        machine.socketOpened()
        #expect(machine.restored(Self.at(200)) == .success(Self.loss))
        #expect(machine.state == .open && machine.attempts == 3 && machine.interruption == nil)
    }

    @Test func withoutRecoveryALossClosesWhenTheSocketHasEnded() {
        var machine = Self.open(isEnabled: false)
        #expect(machine.lose() == .closeChannels)
        #expect(machine.state == .open)
        #expect(machine.socketEnded(Self.reset) == .close(Self.end(Self.reset, .lost(Self.reset))))
        #expect(machine.end?.reason == Self.reset && !machine.isGivenUp)
        guard case .refuse(let error) = machine.startRequested() else {
            Issue.record("started after the end")
            return
        }
        #expect(error.closeReason == Self.reset)
    }

    @Test func recoveryIsGivenUpAfterItsAttempts() {
        var machine = Self.open(attempts: 2)
        _ = machine.lose()
        machine.channelsSuspended()
        _ = machine.socketEnded(Self.reset)
        #expect(machine.fail() == .retry(Self.interruption(2, Self.refused)))
        guard case .close(let end) = machine.fail() else {
            Issue.record("goes on")
            return
        }
        #expect(end.error == Self.refused && end.reason.initiator == .transport && !end.isRequested)
        #expect(machine.fail() == .none)
    }

    @Test func theFirstConnectIsRetriedOnlyIfThePolicySaysSo() {
        var machine = Self.machine()
        _ = machine.startRequested()
        guard case .close(let end) = machine.fail() else {
            Issue.record("goes on")
            return
        }
        #expect(end.error == Self.refused)

        machine = Self.machine(retriesFirstConnect: true)
        _ = machine.startRequested()
        #expect(machine.fail() == .retry(Self.interruption(1, Self.refused, loss: nil)))
        machine.socketOpened()
        #expect(machine.restored(Self.at(1)) == .success(nil))

        machine = Self.machine(retriesFirstConnect: true)
        _ = machine.startRequested()
        guard case .close = machine.fail(ClientError(.cancelled, "no longer wanted")) else {
            Issue.record("goes on")
            return
        }
    }

    // MARK: A requested close

    @Test func aConnectionThatWasNeverStartedIsClosedAtOnce() {
        var machine = Self.machine()
        #expect(
            machine.closeRequested(Self.goodbye) == .close(Self.end(Self.goodbye, nil, isRequested: true)))
        #expect(machine.closeRequested(Self.goodbye) == .none)
        #expect(machine.isGivenUp)
    }

    @Test func aCloseOfAnOpenConnectionEndsWithItsSocket() {
        var machine = Self.open()
        #expect(machine.closeRequested(Self.goodbye) == .none)
        #expect(machine.state == .closing(.open) && machine.isOpen && machine.isGivenUp)
        #expect(machine.lose() == .closeChannels)
        #expect(
            machine.socketEnded(Self.goodbye) == .close(Self.end(Self.goodbye, nil, isRequested: true)))
    }

    @Test func aCloseWhileConnectingEndsWithTheAttempt() {
        var machine = Self.machine(retriesFirstConnect: true)
        _ = machine.startRequested()
        #expect(machine.closeRequested(Self.goodbye) == .none)
        #expect(machine.restored(Self.at(0)) == .failure(.lost(.noLongerAwaited(.connection))))
        guard case .close(let end) = machine.fail() else {
            Issue.record("goes on")
            return
        }
        #expect(end.error == Self.refused && end.isRequested && machine.isGivenUp)
    }

    @Test func aCloseBeforeTheLostSocketHasEndedStartsNoRecovery() {
        var machine = Self.open()
        _ = machine.lose()
        #expect(machine.closeRequested(Self.goodbye) == .none)
        machine.channelsSuspended()
        #expect(machine.state == .closing(.suspended(Self.interruption(1, Self.lost))))
        #expect(machine.interruption == Self.interruption(1, Self.lost))
        #expect(machine.socketEnded(Self.reset) == .close(Self.end(Self.goodbye, nil, isRequested: true)))
    }

    @Test func aCloseDuringRecoveryEndsWithItsTask() {
        var machine = Self.open()
        _ = machine.lose()
        machine.channelsSuspended()
        _ = machine.socketEnded(Self.reset)
        machine.socketOpened()
        #expect(machine.closeRequested(Self.goodbye) == .none)
        #expect(machine.state == .closing(.recovering(Self.interruption(1, Self.lost))))
        #expect(machine.socketEnded(Self.reset) == .none)
        #expect(machine.restored(Self.at(0)) == .failure(.lost(.noLongerAwaited(.connection))))
        #expect(machine.fail() == .close(Self.end(Self.goodbye, nil, isRequested: true)))
    }
}

extension ConnectionMachine {
    fileprivate mutating func lose() -> LossAction {
        socketLost(ConnectionMachineTests.reset, at: 5, now: ConnectionMachineTests.at(100), random: 1)
    }

    fileprivate mutating func fail(_ error: ClientError = ConnectionMachineTests.refused) -> FailureAction {
        attemptFailed(error, now: ConnectionMachineTests.at(100), random: 1)
    }
}
