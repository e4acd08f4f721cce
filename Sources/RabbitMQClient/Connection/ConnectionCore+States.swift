import AMQPWire
import NIOCore

// The connection's state as the application sees it, and waiting for it.
extension ConnectionCore {
    var connectionState: ConnectionState { state.withLockedValue { Self.connectionState($0) } }

    private static func connectionState(_ state: borrowing State) -> ConnectionState {
        switch state.phase {
        case .idle, .connecting: .connecting
        case .recovering where state.isSuspending: .open
        case .open: state.blockedReason.map { .blocked(reason: $0) } ?? .open
        case .recovering(let attempt, let delay, let error): .recovering(attempt: attempt, delay: delay, error: error)
        case .closed(let reason): .closed(reason)
        }
    }

    func states() -> AsyncStream<ConnectionState> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ConnectionState.self, bufferingPolicy: .bufferingNewest(64))
        let (id, isOver) = state.withLockedValue { state in
            let present = Self.connectionState(state)
            continuation.yield(present)
            if case .closed = present { return (UInt64(0), true) }
            state.nextListener += 1
            state.listeners[state.nextListener] = continuation
            return (state.nextListener, false)
        }
        if isOver {
            continuation.finish()
        } else {
            continuation.onTermination = { [weak self] _ in
                self?.state.withLockedValue { $0.listeners[id] = nil }
            }
        }
        return stream
    }

    /// Sends the current state to all listeners.
    func tellListeners() {
        let listeners: [AsyncStream<ConnectionState>.Continuation] = state.withLockedValue { state in
            let present = Self.connectionState(state)
            // Yields under the lock, so that no listener receives two states in the wrong order; a listener only
            // buffers.
            for listener in state.listeners.values { listener.yield(present) }
            guard case .closed = present else { return [] }
            defer { state.listeners.removeAll() }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }

    /// Returns when the connection is open and restored. Throws why it will never be, `.timeout` at the deadline, or
    /// `.cancelled`; in each case nothing of the operation was sent.
    func awaitReady(until deadline: NIODeadline, for method: MethodID) async throws(ClientError) {
        let result: Result<Void, ClientError> = await Waiter.wait(until: deadline, on: eventLoop) { waiter in
            state.withLockedValue { state in
                switch state.phase {
                case .open: return .success(())
                case .closed(let reason): return .failure(.closed(reason, method))
                case .idle, .connecting, .recovering:
                    state.readyWaiters.append(waiter)
                    return nil
                }
            }
        } givenUp: { [self] id, why in
            guard let waiter = state.withLockedValue({ $0.readyWaiters.take(id) }) else { return }
            switch why {
            case .cancelled:
                waiter.resume(.failure(ClientError(.cancelled, "\(method) was cancelled before it was sent.")))
            case .overdue: waiter.resume(.failure(.notReady(connectionState, method)))
            }
        }
        try result.get()
    }
}

extension ClientError {
    /// The error of an operation for which the connection was not open in time.
    fileprivate static func notReady(_ state: ConnectionState, _ method: MethodID) -> ClientError {
        guard case .recovering(let attempt, _, let error) = state else {
            return ClientError(.timeout, "\(method) was not sent: the connection was not open in time.")
        }
        return ClientError(
            .timeout,
            "\(method) was not sent: the connection was lost and did not come back in time (attempt \(attempt)).",
            advice: "\(error.message) \(error.advice)", closeReason: error.closeReason)
    }
}
