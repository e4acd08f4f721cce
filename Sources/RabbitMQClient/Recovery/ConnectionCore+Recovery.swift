import AMQPWire
import NIOCore

// The first connect, and recovery.
extension ConnectionCore {
    /// Connects for the first time, with retries if the policy allows them. Throws why the connection will not open.
    func start() async throws(ClientError) {
        try configuration.validate()
        let begins = state.withLockedValue { state in
            guard case .idle = state.phase else { return false }
            state.phase = .connecting
            state.startedAt = .now()
            return true
        }
        guard begins else {
            if let closeReason { throw .closed(closeReason, .connectionOpen) }
            throw ClientError(.invalidArgument, "The connection was started before.", advice: "Start it once.")
        }
        registry?.add(self)
        do throws(ClientError) {
            try await openSocket()
            try becomeReady(nil)
        } catch {
            await endSocket()
            let action = state.withLockedValue { state in
                state.isGivenUp || !configuration.recovery.retriesFirstConnect || error.code == .cancelled
                    ? RecoveryMachine.Action.giveUp
                    : state.recovery.failed(
                        error, policy: configuration.recovery, now: .now(), random: .random(in: 0...1))
            }
            guard case .wait(let attempt, let delay) = action else {
                finishForGood(error.endReason, error)
                throw error
            }
            startSupervisor(attempt, delay, error)
            do throws(ClientError) {
                try await awaitReady(until: .distantFuture, for: .connectionOpen)
            } catch {
                if error.code == .cancelled { await close(code: 200, text: "No longer wanted", timeout: .seconds(1)) }
                throw error
            }
        }
    }

    /// Starts recovery after the socket of an open connection was lost and the phase was set to recovering.
    func startRecovery() {
        guard case .recovering(let attempt, let delay, let error) = connectionState else { return }
        startSupervisor(attempt, delay, error)
    }

    private func startSupervisor(_ attempt: Int, _ delay: Duration, _ error: ClientError) {
        state.withLockedValue { state in
            state.latecomers?.cancel()
            state.latecomers = nil
            guard state.supervisor == nil else { return }
            state.phase = .recovering(attempt: attempt, delay: delay, error: error)
            // The task runs until the connection is open or closed; a close cancels it and waits for its end.
            state.supervisor = Task { await self.supervise(delay) }
            if state.isGivenUp { state.supervisor?.cancel() }
        }
        tellListeners()
    }

    /// Makes attempts until the connection is open or given up.
    private func supervise(_ firstDelay: Duration) async {
        var delay = firstDelay
        while true {
            try? await Task.sleep(for: delay)
            do throws(ClientError) {
                try await openSocket()
                let restoration = Restoration(self)
                let report = try await restoration.run()
                try becomeReady(report)
                // Entities that another owner holds are restored once it releases them; the connection is in use
                // meanwhile.
                guard !restoration.late.isEmpty, let report = await restoration.runLate() else { return }
                state.withLockedValue { $0.lastRecovery = report }
                note(.connectionRecovered(report))
                return
            } catch {
                await endSocket()
                let action = state.withLockedValue { state in
                    state.isGivenUp
                        ? RecoveryMachine.Action.giveUp
                        : state.recovery.failed(
                            error, policy: configuration.recovery, now: .now(), random: .random(in: 0...1))
                }
                guard case .wait(let attempt, let next) = action else { return giveUp(error) }
                state.withLockedValue { $0.phase = .recovering(attempt: attempt, delay: next, error: error) }
                log(.notBackYet(error, attempt: attempt, delay: next))
                tellListeners()
                delay = next
            }
        }
    }

    private func giveUp(_ error: ClientError) {
        if state.withLockedValue({ $0.isGivenUp }) {
            finishForGood(CloseReason(initiator: .local, scope: .connection, code: 200, text: "Goodbye"), nil)
            return
        }
        log(.connectionGivenUp(error))
        finishForGood(error.endReason, error)
    }

    /// Makes the connection available to the application, unless its socket was lost again in the meantime.
    private func becomeReady(_ report: RecoveryReport?) throws(ClientError) {
        for channel in state.withLockedValue({ Array($0.channels.values) }) { channel.endRestoring() }
        let now = wallClock()
        let ready: Result<(waiters: [Waiter<Result<Void, ClientError>>], recovered: RecoveryReport?), ClientError>
        ready = state.withLockedValue { state in
            guard case .open = state.machine.state, !state.isGivenUp else {
                return .failure(.lost(state.machine.endReason ?? .noLongerAwaited(.connection)))
            }
            state.phase = .open
            state.latecomers = state.supervisor
            state.supervisor = nil
            state.recovery.opened(.now())
            state.openedAt = state.openedAt ?? now
            var recovered: RecoveryReport?
            if var report, let loss = state.loss {
                report.lostAt = loss.lostAt
                report.reason = loss.reason
                report.seconds = now - loss.lostAt
                report.attempts = state.recovery.attempts
                report.endpoint = state.endpoint?.description ?? ""
                state.lastRecovery = report
                state.recoveries += 1
                recovered = report
            }
            state.loss = nil
            return .success((state.readyWaiters.takeAll(), recovered))
        }
        let (waiters, recovered) = try ready.get()
        if let recovered {
            metrics?.connectionRecovered(after: recovered.seconds)
            note(.connectionRecovered(recovered))
        } else {
            let started = state.withLockedValue { $0.startedAt } ?? .now()
            metrics?.connectionOpened(after: .now() - started)
            note(.connectionOpened)
        }
        tellListeners()
        waiters.resume(.success(()))
    }
}

extension ConnectionMachine {
    /// Why nothing can be sent on the socket; nil while it can be used.
    var endReason: CloseReason? {
        switch state {
        case .closing(let reason, _), .ending(let reason), .closed(let reason): reason
        case .idle, .awaitingStart, .awaitingTune, .awaitingOpenOk, .open: nil
        }
    }
}

extension ClientError {
    /// The close reason of a connection that could not be opened.
    fileprivate var endReason: CloseReason {
        if let closeReason { return closeReason }
        return CloseReason(
            initiator: code == .cancelled ? .local : .transport, scope: .connection, code: 0, text: message)
    }
}
