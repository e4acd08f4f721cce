import AMQPWire
import DequeModule
import NIOCore

extension ConnectionCore {
    // MARK: Opening

    /// Returns when the handshake is complete. Throws why it failed.
    func awaitOpen() async throws(ClientError) {
        let result: Result<Void, ClientError> = await Waiter.wait { waiter in
            state.withLockedValue { state in
                if state.opening == nil { state.openWaiter = waiter }
                return state.opening
            }
        } cancelled: { _ in
            // The end of the socket resumes the waiter.
            eventLoop.execute {
                self.handler.value?.closeRequested(code: 200, text: "No longer wanted", timeout: .zero)
            }
        }
        try result.get()
    }

    func finishOpening(_ result: Result<Void, ClientError>) {
        let waiter: Waiter<Result<Void, ClientError>>? = state.withLockedValue { state in
            guard state.opening == nil else { return nil }
            state.opening = result
            return state.openWaiter.take()
        }
        waiter?.resume(result)
    }

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
        let (wasIdle, supervisor, latecomers) = state.withLockedValue { state in
            state.isGivenUp = true
            let wasIdle = if case .idle = state.phase { true } else { false }
            return (wasIdle, state.supervisor, state.latecomers)
        }
        latecomers?.cancel()
        supervisor?.cancel()
        if wasIdle {
            finishForGood(CloseReason(initiator: .local, scope: .connection, code: code, text: text), nil)
        }
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

    var finalError: ClientError? { state.withLockedValue { $0.finalError } }

    /// Returns nil at the deadline.
    /// - Parameter cancelled: ends a cancelled wait; nil to end it at once.
    private func awaitClose(
        deadline: NIODeadline, cancelled: (@Sendable () -> Void)?
    ) async -> CloseReason? {
        await CloseWaiter.wait(until: deadline, on: eventLoop) { waiter in
            state.withLockedValue { state -> CloseReason?? in
                if case .closed(let reason) = state.phase { return reason }
                state.closeWaiters.append(waiter)
                return nil
            }
        } givenUp: { [self] id, why in
            if why == .cancelled, let cancelled { return cancelled() }
            state.withLockedValue { $0.closeWaiters.take(id) }?.resume(nil)
        }
    }

    /// Ends the connection for good and resumes every waiter.
    func finishForGood(_ reason: CloseReason, _ error: ClientError?) {
        let now = wallClock()
        let completions:
            (channels: [ChannelCore], closes: [CloseWaiter], ready: [Waiter<Result<Void, ClientError>>], wasOpen: Bool)? =
                state.withLockedValue { state in
                    if case .closed = state.phase { return nil }
                    state.phase = .closed(reason)
                    state.finalError = error
                    state.supervisor = nil
                    state.closedAt = now
                    state.blockedReason = nil
                    if !reason.isOrderly { state.lastError = ErrorReport(reason, at: now) }
                    return (
                        Array(state.channels.values), state.closeWaiters.takeAll(), state.readyWaiters.takeAll(),
                        state.openedAt != nil
                    )
                }
        guard let completions else { return }
        for channel in completions.channels { channel.connectionClosed(reason) }
        if completions.wasOpen {
            note(.connectionClosed(reason))
            addToMetrics()
        }
        registry?.remove(id, last: completions.wasOpen ? report(now: now) : nil)
        // The channels and the connection refer to each other.
        for channel in completions.channels { release(channel) }
        tellListeners()
        let closed = ClientError.closed(reason, MethodID.connectionOpen)
        completions.ready.resume(.failure(error ?? closed))
        completions.closes.resume(reason)
    }

    // MARK: Time

    func timePassed(_ now: NIODeadline) {
        outbox.timePassed(now)
        var secrets: [SecretWaiter] = []
        let channels = state.withLockedValue { state in
            for index in state.secretWaiters.indices where state.secretWaiters[index].deadline <= now {
                secrets.append(state.secretWaiters[index])
                state.secretWaiters[index].waiter = nil
            }
            return Array(state.channels.values)
        }
        for secret in secrets { secret.waiter?.resume(.failure(.timeout("connection.update-secret"))) }
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
                guard case .open = state.machine.state else {
                    return .failure(ClientError(.connectionClosed, "The connection is not open."))
                }
                let written = outbox.append(frames: 1) { buffer throws(WireError) in
                    try buffer.writeFrame(channel: 0, method)
                }
                return written.map { wake in
                    state.secretWaiters.append(
                        SecretWaiter(deadline: .now() + operationTimeout, waiter: waiter)
                    )
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
        let secret = state.withLockedValue { $0.secretWaiters.popFirst() }
        secret?.waiter?.resume(.success(()))
        return secret != nil
    }
}
