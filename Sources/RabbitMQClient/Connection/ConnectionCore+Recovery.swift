import AMQPWire
import NIOCore

// The first connect, and recovery.
extension ConnectionCore {
    /// Connects for the first time, with retries if the policy allows them. Throws why the connection will not open.
    func start() async throws(ClientError) {
        try configuration.validate()
        let action = state.withLockedValue { state in
            let action = state.machine.startRequested()
            if action == .connect { state.record.startedAt = .now() }
            return action
        }
        if case .refuse(let error) = action { throw error }
        registry?.add(self)
        do throws(ClientError) {
            try await openSocket()
            try becomeReady(nil)
        } catch {
            await endSocket()
            switch attemptFailed(error) {
            case .none: throw error
            case .close(let end):
                finish(end)
                throw error
            case .retry(let interruption): startRecovery(after: interruption.delay)
            }
            do throws(ClientError) {
                try await awaitReady(until: .distantFuture, for: .connectionOpen)
            } catch {
                if error.code == .cancelled { await close(code: 200, text: "No longer wanted", timeout: .seconds(1)) }
                throw error
            }
        }
    }

    private func attemptFailed(_ error: ClientError) -> ConnectionMachine.FailureAction {
        state.withLockedValue { $0.machine.attemptFailed(error, now: .now(), random: .random(in: 0...1)) }
    }

    func startRecovery(after delay: Duration) {
        let earlier = state.withLockedValue { state in
            defer {
                // Without a parent: the event loop, or a caller of `start` who may leave, starts it. A close cancels it.
                state.recoveryTask = Task { await self.recover(after: delay) }
                if state.machine.isGivenUp { state.recoveryTask?.cancel() }
            }
            return state.recoveryTask
        }
        // It restores late what the connection held before this loss.
        earlier?.cancel()
        tellListeners()
    }

    /// Makes attempts until the connection is open or closed.
    private func recover(after firstDelay: Duration) async {
        var delay = firstDelay
        while true {
            try? await Task.sleep(for: delay)
            do throws(ClientError) {
                try await openSocket()
                state.withLockedValue { $0.machine.socketOpened() }
                let restoration = Restoration(self)
                let report = try await restoration.run()
                try becomeReady(report)
                // Entities that another owner holds are restored once it releases them; the connection is in use
                // meanwhile.
                guard !restoration.late.isEmpty, let report = await restoration.runLate() else { return }
                state.withLockedValue { $0.record.lastRecovery = report }
                note(.connectionRecovered(report))
                return
            } catch {
                await endSocket()
                switch attemptFailed(error) {
                case .none: return
                case .close(let end):
                    if !end.isRequested { log(.connectionGivenUp(error)) }
                    return finish(end)
                case .retry(let interruption):
                    log(.notBackYet(error, attempt: interruption.attempt, delay: interruption.delay))
                    tellListeners()
                    delay = interruption.delay
                }
            }
        }
    }

    /// Makes the connection available to the application, unless its socket was lost again in the meantime.
    private func becomeReady(_ report: RecoveryReport?) throws(ClientError) {
        for channel in allChannels { channel.endRestoring() }
        let now = wallClock()
        let ready: Result<(waiters: [Waiter<Result<Void, ClientError>>], recovered: RecoveryReport?), ClientError>
        ready = state.withLockedValue { state in
            guard state.socket.machine.isOpen else {
                return .failure(.lost(state.socket.machine.endReason ?? .noLongerAwaited(.connection)))
            }
            return state.machine.restored(.now()).map { loss in
                state.record.openedAt = state.record.openedAt ?? now
                var recovered: RecoveryReport?
                if var report, let loss {
                    report.lostAt = loss.at
                    report.reason = loss.reason
                    report.seconds = now - loss.at
                    report.attempts = state.machine.attempts
                    report.endpoint = state.socket.endpoint?.description ?? ""
                    state.record.lastRecovery = report
                    state.record.recoveries += 1
                    recovered = report
                }
                return (state.readyWaiters.takeAll(), recovered)
            }
        }
        let (waiters, recovered) = try ready.get()
        if let recovered {
            metrics?.connectionRecovered(after: recovered.seconds)
            note(.connectionRecovered(recovered))
        } else {
            let started = state.withLockedValue { $0.record.startedAt } ?? .now()
            metrics?.connectionOpened(after: .now() - started)
            note(.connectionOpened)
        }
        tellListeners()
        waiters.resume(.success(()))
    }
}
