import AMQPWire
import DequeModule
import NIOCore

extension ConnectionCore {
    // MARK: Opening

    /// Returns when the handshake is complete. Throws why it failed.
    func awaitOpen() async throws(ClientError) {
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Result<Void, ClientError>, Never>) in
                let result: Result<Void, ClientError>? = state.withLockedValue { state in
                    if let opening = state.opening { return opening }
                    state.openWaiter = continuation
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            eventLoop.execute {
                self.handler.value?.closeRequested(code: 200, text: "No longer wanted", timeout: .zero)
            }
        }
        try result.get()
    }

    func finishOpening(_ result: Result<Void, ClientError>) {
        let waiter: UnsafeContinuation<Result<Void, ClientError>, Never>? = state.withLockedValue { state in
            guard state.opening == nil else { return nil }
            state.opening = result
            defer { state.openWaiter = nil }
            return state.openWaiter
        }
        waiter?.resume(returning: result)
    }

    // MARK: Closing

    func close(code: UInt16, text: String, timeout: Duration) async {
        let timeAmount = TimeAmount(timeout)
        beginClose(code: code, text: text, timeout: timeAmount)
        // The handler ends the socket at the deadline; the wait ends shortly after it in any case.
        _ = await awaitClose(deadline: .now() + timeAmount + .seconds(1))
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
        await awaitClose(deadline: nil) ?? .noLongerAwaited(.connection)
    }

    /// Waits also when the task is cancelled: the caller has requested the close.
    func closedUncancellably() async -> CloseReason {
        await awaitClose(deadline: .distantFuture) ?? .noLongerAwaited(.connection)
    }

    var finalError: ClientError? { state.withLockedValue { $0.finalError } }

    private func awaitClose(deadline: NIODeadline?) async -> CloseReason? {
        let token = ConfirmWaiter.makeToken()
        let expiry = deadline.flatMap { deadline in
            deadline == .distantFuture
                ? nil : eventLoop.scheduleTask(deadline: deadline) { self.cancelAwaitClose(token) }
        }
        defer { expiry?.cancel() }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let closed: CloseReason? = state.withLockedValue { state in
                    if case .closed(let reason) = state.phase { return reason }
                    state.closeWaiters.append(
                        CloseWaiter(token: token, deadline: deadline, continuation: continuation)
                    )
                    return nil
                }
                if let closed { continuation.resume(returning: closed) }
                if Task.isCancelled, deadline == nil { cancelAwaitClose(token) }
            }
        } onCancel: {
            // A requested close has a deadline and is completed, so that a cancelled scope leaves no socket open.
            if deadline == nil { cancelAwaitClose(token) }
        }
    }

    private func cancelAwaitClose(_ token: UInt64) {
        let waiter: CloseWaiter? = state.withLockedValue { state in
            state.closeWaiters.firstIndex { $0.token == token }.map { state.closeWaiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: nil)
    }

    /// Ends the connection for good and resumes every waiter.
    func finishForGood(_ reason: CloseReason, _ error: ClientError?) {
        let now = wallClock()
        let completions: (channels: [ChannelCore], closes: [CloseWaiter], ready: [ReadyWaiter], wasOpen: Bool)? =
            state.withLockedValue { state in
                if case .closed = state.phase { return nil }
                state.phase = .closed(reason)
                state.finalError = error
                state.supervisor = nil
                state.closedAt = now
                state.blockedReason = nil
                if !reason.isOrderly { state.lastError = ErrorReport(reason, at: now) }
                defer {
                    state.closeWaiters.removeAll()
                    state.readyWaiters.removeAll()
                }
                return (Array(state.channels.values), state.closeWaiters, state.readyWaiters, state.openedAt != nil)
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
        for waiter in completions.ready { waiter.continuation.resume(returning: .failure(error ?? closed)) }
        for waiter in completions.closes { waiter.continuation.resume(returning: reason) }
    }

    // MARK: Time

    func timePassed(_ now: NIODeadline) {
        outbox.timePassed(now)
        var secrets: [SecretWaiter] = []
        let channels = state.withLockedValue { state in
            for index in state.secretWaiters.indices where state.secretWaiters[index].deadline <= now {
                secrets.append(state.secretWaiters[index])
                state.secretWaiters[index].continuation = nil
            }
            return Array(state.channels.values)
        }
        for waiter in secrets {
            waiter.continuation?.resume(returning: .failure(.timeout("connection.update-secret")))
        }
        for channel in channels { channel.timePassed(now) }
        addToMetrics()
    }

    // MARK: Secrets

    func updateSecret(_ secret: String, reason: String) async throws(ClientError) {
        let method = Method.connectionUpdateSecret(
            ConnectionUpdateSecret(newSecret: Array(secret.utf8), reason: reason)
        )
        try await awaitReady(until: .now() + operationTimeout, for: method.id)
        let result: Result<Void, ClientError> = await withUnsafeContinuation { continuation in
            let started: Result<Bool, ClientError> = state.withLockedValue { state in
                guard case .open = state.machine.state else {
                    return .failure(ClientError(.connectionClosed, "The connection is not open."))
                }
                let written = outbox.append(frames: 1) { buffer throws(WireError) in
                    try buffer.writeFrame(channel: 0, method)
                }
                return written.map { wake in
                    state.secretWaiters.append(
                        SecretWaiter(deadline: .now() + operationTimeout, continuation: continuation)
                    )
                    return wake
                }
                .mapError { ClientError(.invalidArgument, "\(method.name): \($0).") }
            }
            switch started {
            case .success(let wake): if wake { self.wake() }
            case .failure(let error): continuation.resume(returning: .failure(error))
            }
        }
        try result.get()
        // Recovery logs in with the new secret.
        state.withLockedValue { $0.password = secret }
    }

    /// Completes the oldest request. Returns false if there is none.
    func secretUpdated() -> Bool {
        let waiter = state.withLockedValue { $0.secretWaiters.popFirst() }
        waiter?.continuation?.resume(returning: .success(()))
        return waiter != nil
    }
}
