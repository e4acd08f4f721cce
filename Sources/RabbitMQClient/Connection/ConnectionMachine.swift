import NIOCore

/// The states of a connection as the application sees it, over all of its sockets: it connects, is lost, is restored,
/// and closes for good. It uses no sockets, no waiters and no clock; times and random numbers are passed in.
struct ConnectionMachine {
    enum State: Equatable {
        /// Not started.
        case idle
        /// The first attempt to connect.
        case connecting
        case open
        /// The connection was just lost, and its channels are being suspended; the loss is not published before all of
        /// them are.
        case suspending(Interruption)
        /// All channels are suspended; recovery starts when the lost socket has ended.
        case suspended(Interruption)
        /// The recovery task waits for the time of its next attempt, or connects.
        case reconnecting(Interruption)
        /// Another socket is open, and channels, topology and consumers are made again on it.
        case restoring(Interruption)
        /// The application has requested the close, in the given situation. There are no more attempts.
        case closing(Situation)
        case closed(End)
    }

    /// Why the connection is not open, and when the next attempt begins.
    struct Interruption: Equatable {
        /// Counted from 1.
        var attempt: Int
        var delay: Duration
        /// The loss, or why the last attempt failed.
        var error: ClientError
        /// Nil if the connection was never open.
        var loss: Loss?
    }

    struct Loss: Equatable {
        /// In seconds since 1970.
        var at: Double
        var reason: CloseReason
    }

    /// What a connection that is being closed was doing.
    enum Situation: Equatable {
        case connecting
        case open
        /// The lost socket has not ended, and the recovery task does not run.
        case suspended(Interruption)
        /// The recovery task runs.
        case recovering(Interruption)
    }

    struct End: Equatable {
        var reason: CloseReason
        /// What `start` and `run` throw; nil for an orderly end.
        var error: ClientError?
        /// Whether the application requested the close.
        var isRequested: Bool
    }

    enum StartAction: Equatable {
        case connect
        case refuse(ClientError)
    }

    enum LossAction: Equatable {
        /// The channels end with the socket.
        case closeChannels
        /// The channels wait for another socket. `isNew`: the connection was open; call `channelsSuspended` then.
        case suspendChannels(isNew: Bool)
    }

    enum EndAction: Equatable {
        /// Nothing to do.
        case none
        /// Run the recovery task, whose first attempt begins after this delay.
        case startRecovery(after: Duration)
        /// The connection is closed for good.
        case close(End)
    }

    enum FailureAction: Equatable {
        /// Make the next attempt after its delay.
        case retry(Interruption)
        /// Nothing: the connection was closed before.
        case none
        /// The connection is closed for good.
        case close(End)
    }

    let policy: RecoveryPolicy
    private(set) var state = State.idle
    private var recovery = RecoveryMachine()

    init(policy: RecoveryPolicy) {
        self.policy = policy
    }

    // MARK: The application's view

    /// Whether operations are sent at once. Until its socket ends that includes a connection that is being closed.
    var isOpen: Bool {
        switch state {
        case .open, .closing(.open): true
        default: false
        }
    }

    /// Whether the application has requested the close.
    var isGivenUp: Bool {
        switch state {
        case .closing: true
        case .closed(let end): end.isRequested
        default: false
        }
    }

    var end: End? { if case .closed(let end) = state { end } else { nil } }

    /// Why the connection is not open while it recovers; nil in all other states.
    var interruption: Interruption? {
        switch state {
        case .suspending(let interruption), .suspended(let interruption), .reconnecting(let interruption),
            .restoring(let interruption), .closing(.suspended(let interruption)),
            .closing(.recovering(let interruption)):
            interruption
        case .idle, .connecting, .open, .closing, .closed: nil
        }
    }

    /// The number of attempts since the connection was last open for long.
    var attempts: Int { recovery.attempts }

    // MARK: Connecting

    mutating func startRequested() -> StartAction {
        switch state {
        case .idle:
            state = .connecting
            return .connect
        case .closed(let end): return .refuse(.closed(end.reason, .connectionOpen))
        default:
            return .refuse(
                ClientError(.invalidArgument, "The connection was started before.", advice: "Start it once."))
        }
    }

    /// The handshake of the recovery task's socket is complete.
    mutating func socketOpened() {
        if case .reconnecting(let interruption) = state { state = .restoring(interruption) }
    }

    /// Everything is restored that can be. Returns what was interrupted, or nil after the first connect; fails if the
    /// connection cannot be used any more.
    mutating func restored(_ now: NIODeadline) -> Result<Loss?, ClientError> {
        switch state {
        case .connecting:
            state = .open
            recovery.opened(now)
            return .success(nil)
        case .restoring(let interruption):
            state = .open
            recovery.opened(now)
            return .success(interruption.loss)
        default: return .failure(.lost(.noLongerAwaited(.connection)))
        }
    }

    /// An attempt to connect or to restore failed, and its socket has ended. `random` is from 0 to 1.
    mutating func attemptFailed(_ error: ClientError, now: NIODeadline, random: Double) -> FailureAction {
        switch state {
        case .connecting where !policy.retriesFirstConnect || error.code == .cancelled:
            return .close(close(error.endReason, error))
        case .closing(.connecting):
            return .close(close(error.endReason, error, isRequested: true))
        case .closing:
            return .close(close(.goodbye, nil, isRequested: true))
        case .closed: return .none
        default:
            guard
                case .wait(let attempt, let delay) = recovery.failed(error, policy: policy, now: now, random: random)
            else { return .close(close(error.endReason, error)) }
            let next = Interruption(attempt: attempt, delay: delay, error: error, loss: interruption?.loss)
            state = .reconnecting(next)
            return .retry(next)
        }
    }

    // MARK: The end of a socket

    /// The socket is of no more use. `at` is in seconds since 1970, `random` from 0 to 1.
    mutating func socketLost(_ reason: CloseReason, at: Double, now: NIODeadline, random: Double) -> LossAction {
        switch state {
        case .open:
            let error = ClientError(.connectionClosed, "The connection was lost (\(reason)).", closeReason: reason)
            guard
                case .wait(let attempt, let delay) = recovery.failed(error, policy: policy, now: now, random: random)
            else { return .closeChannels }
            state = .suspending(
                Interruption(attempt: attempt, delay: delay, error: error, loss: Loss(at: at, reason: reason)))
            return .suspendChannels(isNew: true)
        case .suspending, .suspended, .reconnecting, .restoring: return .suspendChannels(isNew: false)
        case .idle, .connecting, .closing, .closed: return .closeChannels
        }
    }

    /// All channels are suspended.
    mutating func channelsSuspended() {
        if case .suspending(let interruption) = state { state = .suspended(interruption) }
    }

    /// The socket has ended, after its loss.
    mutating func socketEnded(_ reason: CloseReason) -> EndAction {
        switch state {
        case .open: return .close(close(reason, reason.isOrderly ? nil : .lost(reason)))
        case .closing(.open):
            return .close(close(reason, reason.isOrderly ? nil : .lost(reason), isRequested: true))
        case .closing(.suspended): return .close(close(.goodbye, nil, isRequested: true))
        case .suspending(let interruption), .suspended(let interruption):
            state = .reconnecting(interruption)
            return .startRecovery(after: interruption.delay)
        case .idle, .connecting, .reconnecting, .restoring, .closing, .closed: return .none
        }
    }

    // MARK: Closing

    /// The application requests the close. What is in progress ends it.
    mutating func closeRequested(_ reason: CloseReason) -> EndAction {
        switch state {
        case .idle: return .close(close(reason, nil, isRequested: true))
        case .connecting: state = .closing(.connecting)
        case .open: state = .closing(.open)
        case .suspending(let interruption), .suspended(let interruption): state = .closing(.suspended(interruption))
        case .reconnecting(let interruption), .restoring(let interruption):
            state = .closing(.recovering(interruption))
        case .closing, .closed: break
        }
        return .none
    }

    private mutating func close(_ reason: CloseReason, _ error: ClientError?, isRequested: Bool = false) -> End {
        let end = End(reason: reason, error: error, isRequested: isRequested)
        state = .closed(end)
        return end
    }
}

extension CloseReason {
    fileprivate static let goodbye = CloseReason(initiator: .local, scope: .connection, code: 200, text: "Goodbye")
}

extension ClientError {
    /// The close reason of a connection that could not be opened.
    fileprivate var endReason: CloseReason {
        if let closeReason { return closeReason }
        return CloseReason(
            initiator: code == .cancelled ? .local : .transport, scope: .connection, code: 0, text: message)
    }
}
