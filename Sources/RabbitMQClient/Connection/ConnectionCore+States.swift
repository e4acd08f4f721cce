import AMQPWire
import NIOCore

// The connection's state as the application sees it, and waiting for it.
extension ConnectionCore {
    var connectionState: ConnectionState { state.withLockedValue { $0.connectionState } }

    func states() -> AsyncStream<ConnectionState> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ConnectionState.self, bufferingPolicy: .bufferingNewest(64))
        let id: UInt64? = state.withLockedValue { state in
            continuation.yield(state.connectionState)
            return state.machine.end == nil ? state.listeners.add(continuation) : nil
        }
        if let id {
            continuation.onTermination = { [weak self] _ in
                self?.state.withLockedValue { $0.listeners.remove(id) }
            }
        } else {
            continuation.finish()
        }
        return stream
    }

    /// Sends the current state to all listeners.
    func tellListeners() {
        let ended = state.withLockedValue { state in
            // Yields under the lock, so that no listener receives two states in the wrong order; a listener only
            // buffers.
            state.listeners.yield(state.connectionState)
            return state.machine.end == nil ? [] : state.listeners.takeAll()
        }
        for listener in ended { listener.finish() }
    }

    /// Returns when the connection is open and restored. Throws why it will never be, `.timeout` at the deadline, or
    /// `.cancelled`; in each case nothing of the operation was sent.
    func awaitReady(until deadline: NIODeadline, for method: MethodID) async throws(ClientError) {
        let result: Result<Void, ClientError> = await Waiter.wait(until: deadline, on: eventLoop) { waiter in
            state.withLockedValue { state in
                if state.machine.isOpen { return .success(()) }
                if let end = state.machine.end { return .failure(.closed(end.reason, method)) }
                state.readyWaiters.append(waiter)
                return nil
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

extension ConnectionCore.State {
    var connectionState: ConnectionState {
        switch machine.state {
        case .idle, .connecting, .closing(.connecting): .connecting
        case .open, .closing(.open): socket.blockedReason.map { .blocked(reason: $0) } ?? .open
        case .suspending: .open
        case .suspended(let interruption), .reconnecting(let interruption), .restoring(let interruption),
            .closing(.suspended(let interruption)), .closing(.recovering(let interruption)):
            .recovering(attempt: interruption.attempt, delay: interruption.delay, error: interruption.error)
        case .closed(let end): .closed(end.reason)
        }
    }
}

/// Those who listen to a connection's states.
struct StateListeners {
    typealias Listener = AsyncStream<ConnectionState>.Continuation

    private var listeners: [UInt64: Listener] = [:]
    private var lastID: UInt64 = 0

    mutating func add(_ listener: Listener) -> UInt64 {
        lastID += 1
        listeners[lastID] = listener
        return lastID
    }

    mutating func remove(_ id: UInt64) { listeners[id] = nil }

    func yield(_ state: ConnectionState) {
        for listener in listeners.values { listener.yield(state) }
    }

    mutating func takeAll() -> [Listener] {
        defer { listeners.removeAll() }
        return Array(listeners.values)
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
