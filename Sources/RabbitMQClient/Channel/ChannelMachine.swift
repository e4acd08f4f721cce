import AMQPWire
import DequeModule
import NIOCore
import Names

/// Identifies one request of a channel; its waiter is stored elsewhere under this number.
typealias RequestID = WaiterID

/// The states of one channel (AMQP 0-9-1 specification, section 2.2.5) over all sockets of its connection, and the
/// replies it expects, in order. It uses no bytes, no waiters and no clock.
struct ChannelMachine: Equatable {
    enum State: Equatable {
        /// The channel is new; `channel.open` is about to be sent, or has no reply yet.
        case opening
        case open
        /// The broker has no such channel, because the connection is lost or a request of recovery was refused.
        /// Recovery will open it again; until then the application's requests wait.
        case suspended(CloseReason)
        /// Recovery opens the channel on another socket and restores its settings and consumers; the application's
        /// requests still wait. `isOpen`: `channel.open` has its reply.
        case restoring(isOpen: Bool)
        /// `channel.close` was sent; only close and close-ok are processed.
        case closing(CloseReason)
        case closed(CloseReason)
    }

    /// A request that was sent and has no reply yet.
    struct Expected: Equatable {
        var id: RequestID
        var method: MethodID
        var deadline: NIODeadline
        /// Whether it is a `basic.get` without acknowledgement.
        var noAck = false
        /// The consumer of a `basic.consume` or `basic.cancel`.
        var consumerTag: Name?
        /// There is no waiter any more; the reply will still arrive and is dropped.
        var isAbandoned = false
    }

    enum RequestAction: Equatable {
        case send
        /// The connection is recovering: ask again when it is open.
        case wait
        case refuse(CloseReason)
    }

    enum ReplyAction: Equatable {
        /// Pass the reply to the waiter of this request.
        case complete(RequestID)
        /// The request has no waiter any more: undo what it did.
        case discard(Expected)
        /// The channel is suspended, closing or closed: the reply is ignored.
        case ignore
        /// No request expects this answer.
        case unexpected
    }

    /// The requests that will not be answered: the one that the broker refused, and those that had no reply yet.
    struct Unanswered: Equatable {
        var refused: RequestID?
        var lost: [RequestID] = []
    }

    enum CloseAction: Equatable {
        /// Nothing to do.
        case none
        /// Send close and fail everything that waits: replies will not be processed.
        case sendCloseAndFail(Unanswered, CloseReason)
        /// Send close-ok, and fail everything that waits.
        case sendCloseOkAndFail(Unanswered, CloseReason)
        /// Send close-ok; recovery will open the channel again without the request that was refused.
        case sendCloseOkAndSuspend(Unanswered, CloseReason)
        /// Send close-ok for a close that crossed the client's own.
        case sendCloseOk
        /// The connection is lost, and the channel waits for it.
        case suspend(Unanswered, CloseReason)
        /// The channel number may be reused.
        case becomeClosed(Unanswered, CloseReason)
        /// The number may be reused, and nobody is told: the channel was never opened.
        case discard(CloseReason)
    }

    private(set) var state: State = .opening
    private(set) var expected: Deque<Expected> = []

    /// Whether the broker has opened the channel, and neither side has closed it.
    var isOpen: Bool { state == .open || state == .restoring(isOpen: true) }

    /// Whether the connection is recovering, so that the application's requests wait.
    var isSuspended: Bool {
        switch state {
        case .suspended, .restoring: true
        case .opening, .open, .closing, .closed: false
        }
    }

    /// Whether what the broker sends on the channel is processed.
    var isReceiving: Bool {
        switch state {
        case .opening, .open, .restoring: true
        case .suspended, .closing, .closed: false
        }
    }

    /// Why nothing can be sent any more; nil while requests can be sent, now or when the connection is open again.
    var closeReason: CloseReason? {
        switch state {
        case .opening, .open, .suspended, .restoring: nil
        case .closing(let reason), .closed(let reason): reason
        }
    }

    /// Whether a `tx.commit` has no reply yet.
    var isCommitting: Bool { expected.contains { $0.method == .txCommit } }

    // MARK: Requests

    /// Returns whether a request can be sent now, before anything is written.
    /// - Parameter isRestoring: whether recovery sends it.
    func canRequest(isRestoring: Bool = false) -> RequestAction {
        switch state {
        case .opening, .open: .send
        case .restoring: isRestoring ? .send : .wait
        case .suspended(let reason): isRestoring ? .refuse(reason) : .wait
        case .closing(let reason), .closed(let reason): .refuse(reason)
        }
    }

    /// A request was sent.
    mutating func requested(_ request: Expected) { expected.append(request) }

    /// Matches a reply with the oldest request, as the broker processes a channel in order. Only the replies to
    /// `basic.consume` and `basic.cancel` may be late, because RabbitMQ lets the queue's process send them; they are
    /// matched by their consumer tag.
    mutating func replyReceived(_ method: MethodID, consumerTag: Name? = nil) -> ReplyAction {
        guard isReceiving else { return .ignore }
        guard
            let index = expected.firstIndex(where: {
                consumerTag == nil ? $0.consumerTag == nil : $0.consumerTag == consumerTag
            })
        else { return .unexpected }
        let request = expected[index]
        guard Self.isAnswer(method, to: request.method) else { return .unexpected }
        expected.remove(at: index)
        if method == MethodID.channelOpenOk { state = isSuspended ? .restoring(isOpen: true) : .open }
        return request.isAbandoned ? .discard(request) : .complete(request.id)
    }

    /// The request whose reply is being received as content, such as a `basic.get`.
    var nextExpected: Expected? { expected.first { $0.consumerTag == nil } }

    /// Marks a request as having no waiter. Returns false if its reply has already arrived.
    mutating func abandon(_ id: RequestID) -> Bool {
        guard let index = expected.firstIndex(where: { $0.id == id && !$0.isAbandoned }) else { return false }
        expected[index].isAbandoned = true
        return true
    }

    /// The time is now `now`: requests whose deadline has passed are abandoned.
    mutating func timePassed(_ now: NIODeadline) -> [Expected] {
        var overdue: [Expected] = []
        for index in expected.indices where !expected[index].isAbandoned && expected[index].deadline <= now {
            overdue.append(expected[index])
            expected[index].isAbandoned = true
        }
        return overdue
    }

    // MARK: Close

    mutating func closeRequested(_ reason: CloseReason) -> CloseAction {
        switch state {
        // The broker does not know the channel: a close would end the connection (504).
        case .opening where expected.isEmpty:
            state = .closed(reason)
            return .discard(reason)
        case .restoring(isOpen: false) where expected.isEmpty, .suspended:
            return end(reason)
        case .opening, .open, .restoring:
            state = .closing(reason)
            return .sendCloseAndFail(takeExpected(blaming: nil), reason)
        case .closing, .closed:
            return .none
        }
    }

    /// The broker closes the channel. It processes requests in order: if its reason names the method of the oldest
    /// request, that request is the cause, and those after it lost their reply.
    mutating func closeReceived(_ reason: CloseReason) -> CloseAction {
        switch state {
        case .opening, .open:
            state = .closed(reason)
            return .sendCloseOkAndFail(takeExpected(blaming: reason), reason)
        case .restoring:
            state = .suspended(reason)
            return .sendCloseOkAndSuspend(takeExpected(blaming: reason), reason)
        case .closing:
            return .sendCloseOk
        case .suspended, .closed:
            return .none
        }
    }

    mutating func closeOkReceived() -> CloseAction {
        guard case .closing(let reason) = state else { return .none }
        return end(reason)
    }

    /// The connection ended for good, and the channel with it.
    mutating func connectionClosed(_ reason: CloseReason) -> CloseAction {
        switch state {
        case .opening, .open, .suspended, .restoring: return end(reason)
        case .closing(let given): return end(given)
        case .closed: return .none
        }
    }

    // MARK: Recovery

    /// The connection is lost and will recover. A channel that was being opened or closed ends, as with a connection
    /// that does not recover.
    mutating func connectionLost(_ reason: CloseReason) -> CloseAction {
        switch state {
        case .open, .suspended, .restoring:
            state = .suspended(reason)
            return .suspend(takeExpected(blaming: reason.initiator == .peer ? reason : nil), reason)
        case .opening, .closing, .closed:
            return connectionClosed(reason)
        }
    }

    /// Another socket is open. Returns whether recovery can open the channel on it; not if the application has closed
    /// it in between.
    mutating func restoringBegan() -> Bool {
        guard isSuspended else { return false }
        state = .restoring(isOpen: false)
        expected.removeAll()
        return true
    }

    /// Everything is restored that can be. A channel that the broker closed again meanwhile, while no request was
    /// pending, ends.
    mutating func restoringEnded() -> CloseAction {
        switch state {
        case .restoring(isOpen: true):
            state = .open
            return .none
        case .suspended(let reason): return end(reason)
        case .opening, .open, .restoring, .closing, .closed: return .none
        }
    }

    /// Recovery cannot restore the channel.
    mutating func restoringFailed(_ reason: CloseReason) -> CloseAction { isSuspended ? end(reason) : .none }

    private mutating func end(_ reason: CloseReason) -> CloseAction {
        state = .closed(reason)
        return .becomeClosed(takeExpected(blaming: reason.initiator == .peer ? reason : nil), reason)
    }

    private mutating func takeExpected(blaming reason: CloseReason?) -> Unanswered {
        defer { expected.removeAll() }
        let awaited = expected.filter { !$0.isAbandoned }
        // Apart from consumer requests, whose replies may be late, only the oldest request can be the cause.
        let oldest = expected.first { $0.consumerTag == nil }
        let cause = MethodID(classID: reason?.classID ?? 0, methodID: reason?.methodID ?? 0)
        let refused = expected.first { ($0.consumerTag != nil || $0 == oldest) && $0.method == cause }
        guard let refused, !refused.isAbandoned else { return Unanswered(lost: awaited.map(\.id)) }
        return Unanswered(refused: refused.id, lost: awaited.map(\.id).filter { $0 != refused.id })
    }

    /// A reply has the method id after its request's, except for two whose ids the protocol assigned differently.
    static func isAnswer(_ answer: MethodID, to request: MethodID) -> Bool {
        guard answer.classID == request.classID else { return false }
        switch (request.classID, request.methodID) {
        case (40, 40): return answer.methodID == 51
        case (60, 70): return answer.methodID == 71 || answer.methodID == 72
        default: return answer.methodID == request.methodID + 1
        }
    }
}
