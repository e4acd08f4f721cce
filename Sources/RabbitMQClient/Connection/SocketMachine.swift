import AMQPWire
import NIOCore

/// The states of one AMQP connection on one socket (AMQP 0-9-1 specification, section 2.2.4): each input yields one
/// action. It uses no bytes and no clock. A lost socket is followed by another with a machine of its own; what lasts is
/// `ConnectionMachine`.
struct SocketMachine: Equatable {
    enum State: Equatable {
        /// No transport yet.
        case idle
        case awaitingStart(deadline: NIODeadline)
        case awaitingTune(deadline: NIODeadline)
        case awaitingOpenOk(Tuning, deadline: NIODeadline)
        case open(Tuning)
        /// `connection.close` was sent; only close and close-ok are processed.
        case closing(CloseReason, deadline: NIODeadline)
        /// The last frame is written; the transport is about to end.
        case ending(CloseReason)
        case closed(CloseReason)
    }

    /// The negotiated limits; 0 is unlimited, for the heartbeat none.
    struct Tuning: Equatable {
        var channelMax: UInt16
        var frameMax: UInt32
        /// The interval in seconds.
        var heartbeat: UInt16
    }

    /// What this client proposes.
    struct Proposal: Equatable {
        var channelMax: UInt16
        var frameMax: UInt32
        var heartbeat: UInt16
    }

    enum Action: Equatable {
        /// Nothing to do.
        case none
        case sendProtocolHeader
        case sendStartOk(Authentication.Mechanism)
        case sendTuneOkAndOpen(Tuning)
        /// The handshake is complete: return the connection to the caller.
        case becomeOpen(Tuning)
        /// End the transport and fail the caller with this; nothing was opened.
        case failHandshake(ClientError)
        /// Send `connection.close` with this reason, and wait for close-ok.
        case sendClose(CloseReason)
        /// Send `connection.close` with this reason and fail all waiters at once: the peer's input can no longer be
        /// processed.
        case sendCloseAndFail(CloseReason)
        /// Send close-ok, fail all waiters, and end the transport.
        case sendCloseOkAndEnd(CloseReason)
        /// Send close-ok for a close that crossed the client's own.
        case sendCloseOk
        /// Fail all waiters and end the transport.
        case end(CloseReason)
        /// The transport has ended: fail all waiters.
        case becomeClosed(CloseReason)
        case becomeBlocked(reason: String)
        case becomeUnblocked
    }

    /// RabbitMQ 4.1 and later refuse a smaller proposal.
    static let smallestFrameMax: UInt32 = 8192

    let proposal: Proposal
    private(set) var state: State = .idle

    init(proposal: Proposal) {
        var proposal = proposal
        if proposal.frameMax != 0 { proposal.frameMax = max(proposal.frameMax, Self.smallestFrameMax) }
        self.proposal = proposal
    }

    var isOpen: Bool { if case .open = state { true } else { false } }

    /// Why nothing can be sent on the socket; nil while it can be used.
    var endReason: CloseReason? {
        switch state {
        case .closing(let reason, _), .ending(let reason), .closed(let reason): reason
        case .idle, .awaitingStart, .awaitingTune, .awaitingOpenOk, .open: nil
        }
    }

    // MARK: Handshake

    mutating func transportConnected(deadline: NIODeadline) -> Action {
        guard case .idle = state else { return .none }
        state = .awaitingStart(deadline: deadline)
        return .sendProtocolHeader
    }

    /// - Parameters:
    ///   - mechanisms: the mechanisms that the broker offers, separated by blanks.
    ///   - authentication: the mechanisms that the client can use.
    mutating func startReceived(
        major: UInt8, minor: UInt8, mechanisms: String, authentication: Authentication = .plain
    ) -> Action {
        guard case .awaitingStart(let deadline) = state else {
            return violation(.commandInvalid, "connection.start", 10)
        }
        guard major == 0, minor == 9 else {
            return failHandshake(
                ClientError(.protocolMismatch, "The broker speaks AMQP \(major)-\(minor), not 0-9-1.")
            )
        }
        do throws(ClientError) {
            let mechanism = try authentication.chosen(from: mechanisms)
            state = .awaitingTune(deadline: deadline)
            return .sendStartOk(mechanism)
        } catch {
            return failHandshake(error)
        }
    }

    mutating func secureReceived() -> Action {
        guard case .awaitingTune = state else { return violation(.commandInvalid, "connection.secure", 20) }
        return failHandshake(
            ClientError(.mechanismNotOffered, "The broker asks for more than the mechanism it offered has to say."))
    }

    mutating func tuneReceived(channelMax: UInt16, frameMax: UInt32, heartbeat: UInt16) -> Action {
        guard case .awaitingTune(let deadline) = state else { return violation(.commandInvalid, "connection.tune", 30) }
        let tuning = Tuning(
            channelMax: Self.agreed(proposal.channelMax, channelMax),
            frameMax: Self.agreed(proposal.frameMax, frameMax),
            heartbeat: Self.agreed(proposal.heartbeat, heartbeat)
        )
        state = .awaitingOpenOk(tuning, deadline: deadline)
        return .sendTuneOkAndOpen(tuning)
    }

    mutating func openOkReceived() -> Action {
        guard case .awaitingOpenOk(let tuning, _) = state else {
            return violation(.commandInvalid, "connection.open-ok", 41)
        }
        state = .open(tuning)
        return .becomeOpen(tuning)
    }

    /// Returns the larger value if either side proposes 0, otherwise the smaller.
    static func agreed<Limit: FixedWidthInteger>(_ ours: Limit, _ theirs: Limit) -> Limit {
        ours == 0 || theirs == 0 ? max(ours, theirs) : min(ours, theirs)
    }

    // MARK: Close

    /// The application requests the close.
    mutating func closeRequested(_ reason: CloseReason, deadline: NIODeadline) -> Action {
        switch state {
        case .open:
            state = .closing(reason, deadline: deadline)
            return .sendClose(reason)
        case .idle, .awaitingStart, .awaitingTune, .awaitingOpenOk:
            return failHandshake(ClientError(.cancelled, "The connection was given up before it was open."))
        case .closing, .ending, .closed:
            return .none
        }
    }

    mutating func closeReceived(_ reason: CloseReason) -> Action {
        switch state {
        case .open:
            state = .ending(reason)
            return .sendCloseOkAndEnd(reason)
        case .awaitingStart, .awaitingTune, .awaitingOpenOk:
            let error = refusal(reason)
            state = .closed(reason)
            return .failHandshake(error)
        case .closing:
            return .sendCloseOk
        case .idle, .ending, .closed:
            return .none
        }
    }

    mutating func closeOkReceived() -> Action {
        switch state {
        case .closing(let reason, _):
            state = .ending(reason)
            return .end(reason)
        case .open: return violation(.commandInvalid, "connection.close-ok", 51)
        case .idle, .awaitingStart, .awaitingTune, .awaitingOpenOk, .ending, .closed: return .none
        }
    }

    /// The peer violated the protocol.
    mutating func violated(_ code: ReplyCode, _ text: String, method: MethodID?, deadline: NIODeadline) -> Action {
        let reason = CloseReason(
            initiator: .local,
            scope: .connection,
            code: code.rawValue,
            text: text,
            classID: method?.classID ?? 0,
            methodID: method?.methodID ?? 0
        )
        switch state {
        case .open:
            state = .closing(reason, deadline: deadline)
            return .sendCloseAndFail(reason)
        case .idle, .awaitingStart, .awaitingTune, .awaitingOpenOk:
            return failHandshake(
                ClientError(
                    .protocolMismatch, "The peer broke the protocol in the handshake: \(text).", closeReason: reason)
            )
        case .closing(let earlier, _):
            state = .ending(earlier)
            return .end(earlier)
        case .ending, .closed:
            return .none
        }
    }

    private mutating func violation(_ code: ReplyCode, _ name: String, _ methodID: UInt16) -> Action {
        violated(
            code,
            "\(name) is not allowed now",
            method: MethodID(classID: 10, methodID: methodID),
            deadline: .uptimeNanoseconds(0)
        )
    }

    // MARK: Transport and time

    /// The socket ended or failed.
    mutating func transportClosed(_ text: String) -> Action {
        let reason = CloseReason(initiator: .transport, scope: .connection, code: 0, text: text)
        switch state {
        case .idle, .awaitingStart, .awaitingOpenOk:
            state = .closed(reason)
            return .failHandshake(
                ClientError(
                    .closedDuringHandshake, "The peer closed the connection in the handshake: \(text).",
                    closeReason: reason)
            )
        case .awaitingTune:
            // A broker that does not know `authentication_failure_close` closes the socket on a wrong password.
            state = .closed(reason)
            return .failHandshake(
                ClientError(
                    .closedDuringHandshake,
                    "The peer closed the connection after the credentials were sent: \(text).",
                    advice: "Check user and password, and look into the broker's log.",
                    closeReason: reason
                )
            )
        case .open:
            state = .closed(reason)
            return .becomeClosed(reason)
        case .closing(let given, _), .ending(let given):
            state = .closed(given)
            return .becomeClosed(given)
        case .closed:
            return .none
        }
    }

    /// The TLS handshake failed. Once the connection is open this is handled like any other end of the transport.
    mutating func tlsFailed(_ text: String) -> Action {
        switch state {
        case .idle, .awaitingStart, .awaitingTune, .awaitingOpenOk:
            failHandshake(ClientError(.tlsFailed, "TLS failed: \(text)."))
        case .open, .closing, .ending, .closed: .none
        }
    }

    /// The time is now `now`; the peer may have missed a deadline.
    mutating func timePassed(_ now: NIODeadline) -> Action {
        switch state {
        case .awaitingStart(let deadline), .awaitingTune(let deadline), .awaitingOpenOk(_, let deadline):
            guard now >= deadline else { return .none }
            return failHandshake(ClientError(.handshakeTimeout, "The broker did not finish the handshake in time."))
        case .closing(let reason, let deadline):
            guard now >= deadline else { return .none }
            state = .ending(reason)
            return .end(reason)
        case .idle, .open, .ending, .closed:
            return .none
        }
    }

    /// Nothing was received for more than two heartbeat intervals.
    mutating func peerFellSilent(_ silence: TimeAmount) -> Action {
        guard case .open = state else { return .none }
        let seconds = silence.nanoseconds / 1_000_000_000
        let reason = CloseReason(
            initiator: .transport,
            scope: .connection,
            code: 0,
            text: "missed heartbeats: nothing was heard from the broker for \(seconds) s"
        )
        state = .ending(reason)
        return .end(reason)
    }

    // MARK: Blocked

    mutating func blockedReceived(_ reason: String) -> Action {
        guard case .open = state else { return .none }
        return .becomeBlocked(reason: reason)
    }

    mutating func unblockedReceived() -> Action {
        guard case .open = state else { return .none }
        return .becomeUnblocked
    }

    // MARK: Failures of the handshake

    private mutating func failHandshake(_ error: ClientError) -> Action {
        state = .closed(
            error.closeReason ?? CloseReason(initiator: .local, scope: .connection, code: 0, text: error.message)
        )
        return .failHandshake(error)
    }

    private func refusal(_ reason: CloseReason) -> ClientError {
        let code: ClientError.Code =
            switch ReplyCode(rawValue: reason.code) {
            case .accessRefused: .accessRefused
            case .notAllowed: .virtualHostRefused
            default: .handshakeRefused
            }
        return ClientError(code, "The broker refused the connection: \(reason.text).", closeReason: reason)
    }
}
