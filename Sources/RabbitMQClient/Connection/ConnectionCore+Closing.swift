import AMQPWire
import NIOCore

extension ConnectionCore {
    // MARK: Closing

    func close(code: UInt16, text: String, timeout: Duration) async {
        let timeAmount = TimeAmount(timeout)
        beginClose(code: code, text: text, timeout: timeAmount)
        // The handler ends the socket at the deadline; the wait ends shortly after it in any case.
        // A cancellation does not end the wait, so that a cancelled scope leaves no socket open.
        _ = await awaitClose(deadline: .now() + timeAmount + .seconds(1), cancelled: {})
    }

    /// Begins to close the connection without waiting for the end.
    func beginClose(code: UInt16, text: String, timeout: TimeAmount) {
        let reason = CloseReason(initiator: .local, scope: .connection, code: code, text: text)
        let (action, task) = state.withLockedValue { ($0.machine.closeRequested(reason), $0.recoveryTask) }
        task?.cancel()
        carryOut(action)
        eventLoop.execute { self.handler.value?.closeRequested(code: code, text: text, timeout: timeout) }
    }

    func closed() async -> CloseReason {
        await awaitClose(deadline: .distantFuture, cancelled: nil) ?? .noLongerAwaited(.connection)
    }

    /// Returns the reason when the connection has closed, also when the task is cancelled: `cancelled` then has to
    /// close it.
    func closed(cancelled: @escaping @Sendable () -> Void) async -> CloseReason {
        await awaitClose(deadline: .distantFuture, cancelled: cancelled) ?? .noLongerAwaited(.connection)
    }

    /// Returns nil at the deadline.
    /// - Parameter cancelled: ends a cancelled wait; nil to end it at once.
    private func awaitClose(
        deadline: NIODeadline, cancelled: (@Sendable () -> Void)?
    ) async -> CloseReason? {
        await CloseWaiter.wait(until: deadline, on: eventLoop) { waiter in
            state.withLockedValue { state -> CloseReason?? in
                if let end = state.machine.end { return end.reason }
                state.closeWaiters.append(waiter)
                return nil
            }
        } givenUp: { [self] id, why in
            if why == .cancelled, let cancelled { return cancelled() }
            state.withLockedValue { $0.closeWaiters.take(id) }?.resume(nil)
        }
    }

    /// Resumes every waiter of a connection that has closed for good.
    func finish(_ end: ConnectionMachine.End) {
        let now = wallClock()
        let (channels, ready, closes, wasOpen) = state.withLockedValue { state in
            state.recoveryTask = nil
            state.record.closedAt = now
            state.socket.blockedReason = nil
            if !end.reason.isOrderly { state.record.lastError = ErrorReport(end.reason, at: now) }
            return (
                state.channels.all, state.readyWaiters.takeAll(), state.closeWaiters.takeAll(),
                state.record.openedAt != nil
            )
        }
        for channel in channels { channel.connectionClosed(end.reason) }
        if wasOpen {
            note(.connectionClosed(end.reason))
            addToMetrics()
        }
        registry?.remove(id, last: wasOpen ? report(now: now) : nil)
        // The channels and the connection refer to each other.
        for channel in channels { release(channel) }
        tellListeners()
        ready.resume(.failure(end.error ?? .closed(end.reason, MethodID.connectionOpen)))
        closes.resume(end.reason)
    }

    // MARK: Time

    func timePassed(_ now: NIODeadline) {
        outbox.timePassed(now)
        let (secrets, channels) = state.withLockedValue { ($0.socket.takeOverdueSecrets(now), $0.channels.all) }
        secrets.resume(.failure(.timeout("connection.update-secret")))
        for channel in channels { channel.timePassed(now) }
        addToMetrics()
    }

    // MARK: Secrets

    func updateSecret(_ secret: String, reason: String) async throws(ClientError) {
        let method = Method.connectionUpdateSecret(
            ConnectionUpdateSecret(newSecret: Array(secret.utf8), reason: reason)
        )
        try await awaitReady(until: .now() + operationTimeout, for: method.id)
        let result: Result<Void, ClientError> = await Waiter.wait { waiter in
            let started: Result<Bool, ClientError> = state.withLockedValue { state in
                guard state.socket.machine.isOpen else {
                    return .failure(ClientError(.connectionClosed, "The connection is not open."))
                }
                let written = outbox.append(frames: 1) { buffer throws(WireError) in
                    try buffer.writeFrame(channel: 0, method)
                }
                return written.map { wake in
                    state.socket.secretSent(waiter, deadline: .now() + operationTimeout)
                    return wake
                }
                .mapError { ClientError(.invalidArgument, "\(method.name): \($0).") }
            }
            switch started {
            case .success(let wake):
                if wake { self.wake() }
                return nil
            case .failure(let error): return .failure(error)
            }
        } cancelled: { _ in
            // The broker may have the secret: its answer, or the deadline, is awaited.
        }
        try result.get()
        // Recovery logs in with the new secret.
        state.withLockedValue { $0.password = secret }
    }

    /// Completes the oldest request. Returns false if there is none.
    func secretUpdated() -> Bool {
        let secret = state.withLockedValue { $0.socket.secretUpdated() }
        secret?.waiter?.resume(.success(()))
        return secret != nil
    }
}
