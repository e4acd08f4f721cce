import AMQPWire
import DequeModule
import NIOCore
import Names

/// Identifies one request of a channel; its waiter is stored elsewhere under this number.
typealias RequestID = UInt64

/// The states of one channel (AMQP 0-9-1 specification, section 2.2.5) and the replies it expects, in order. It uses no
/// bytes, no waiters and no clock.
struct ChannelMachine: Equatable {
    enum State: Equatable {
        /// `channel.open` was sent.
        case opening
        case open
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
        case refuse(CloseReason)
    }

    enum ReplyAction: Equatable {
        /// Pass the reply to the waiter of this request.
        case complete(RequestID)
        /// The request has no waiter any more: undo what it did.
        case discard(Expected)
        /// The channel is closing or closed: the reply is ignored.
        case ignore
        /// No request expects this answer.
        case unexpected
    }

    enum CloseAction: Equatable {
        /// Nothing to do.
        case none
        /// Fail pending requests: their replies will not be processed.
        case sendCloseAndFail(lost: [RequestID])
        /// Send close-ok; `refused` is the request that the broker refused, `lost` are those that had no reply yet.
        case sendCloseOkAndFail(refused: RequestID?, lost: [RequestID], CloseReason)
        /// Send close-ok for a close that crossed the client's own.
        case sendCloseOk
        /// The channel number may be reused.
        case becomeClosed(refused: RequestID?, lost: [RequestID], CloseReason)
    }

    private(set) var state: State = .opening
    private(set) var expected: Deque<Expected> = []

    var isOpen: Bool { state == .open }

    /// Whether `channel.open` was sent and the channel has not ended; otherwise there is nothing to close.
    var isKnownToBroker: Bool {
        switch state {
        case .opening: !expected.isEmpty
        case .open, .closing: true
        case .closed: false
        }
    }

    /// Why nothing can be sent any more; nil while requests can be sent.
    var closeReason: CloseReason? {
        switch state {
        case .opening, .open: nil
        case .closing(let reason), .closed(let reason): reason
        }
    }

    /// Returns whether a request can be sent now, before anything is written.
    func canRequest() -> RequestAction {
        if let closeReason { .refuse(closeReason) } else { .send }
    }

    mutating func request(_ request: Expected) -> RequestAction {
        if let closeReason { return .refuse(closeReason) }
        expected.append(request)
        return .send
    }

    /// Matches a reply with the oldest request, as the broker processes a channel in order. Only the replies to
    /// `basic.consume` and `basic.cancel` may be late, because RabbitMQ lets the queue's process send them; they are
    /// matched by their consumer tag.
    mutating func replyReceived(_ method: MethodID, consumerTag: Name? = nil) -> ReplyAction {
        switch state {
        case .closing, .closed: return .ignore
        case .opening, .open: break
        }
        guard
            let index = expected.firstIndex(where: {
                consumerTag == nil ? $0.consumerTag == nil : $0.consumerTag == consumerTag
            })
        else { return .unexpected }
        let request = expected[index]
        guard Self.isAnswer(method, to: request.method) else { return .unexpected }
        expected.remove(at: index)
        if method == MethodID.channelOpenOk { state = .open }
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
    mutating func timePassed(_ now: NIODeadline) -> [RequestID] {
        var overdue: [RequestID] = []
        for index in expected.indices where !expected[index].isAbandoned && expected[index].deadline <= now {
            expected[index].isAbandoned = true
            overdue.append(expected[index].id)
        }
        return overdue
    }

    // MARK: Close

    mutating func closeRequested(_ reason: CloseReason) -> CloseAction {
        switch state {
        // The broker does not know the channel: a close would end the connection (504).
        case .opening where !isKnownToBroker: return end(reason)
        case .opening, .open:
            state = .closing(reason)
            return .sendCloseAndFail(lost: takeExpected(blaming: nil).lost)
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
            let (refused, lost) = takeExpected(blaming: reason)
            return .sendCloseOkAndFail(refused: refused, lost: lost, reason)
        case .closing:
            return .sendCloseOk
        case .closed:
            return .none
        }
    }

    mutating func closeOkReceived() -> CloseAction {
        guard case .closing(let reason) = state else { return .none }
        return end(reason)
    }

    /// The connection ended, and the channel with it.
    mutating func connectionClosed(_ reason: CloseReason) -> CloseAction {
        switch state {
        case .opening, .open: return end(reason)
        case .closing(let given): return end(given)
        case .closed: return .none
        }
    }

    /// The application closed the channel while the connection was lost: no close is sent.
    mutating func closedWhileLost(_ reason: CloseReason) { state = .closed(reason) }

    private mutating func end(_ reason: CloseReason) -> CloseAction {
        state = .closed(reason)
        let (refused, lost) = takeExpected(blaming: reason.initiator == .peer ? reason : nil)
        return .becomeClosed(refused: refused, lost: lost, reason)
    }

    private mutating func takeExpected(blaming reason: CloseReason?) -> (refused: RequestID?, lost: [RequestID]) {
        defer { expected.removeAll() }
        let awaited = expected.filter { !$0.isAbandoned }
        // Apart from consumer requests, whose replies may be late, only the oldest request can be the cause.
        let oldest = expected.first { $0.consumerTag == nil }
        let cause = MethodID(classID: reason?.classID ?? 0, methodID: reason?.methodID ?? 0)
        let refused = expected.first { ($0.consumerTag != nil || $0 == oldest) && $0.method == cause }
        guard let refused, !refused.isAbandoned else { return (nil, awaited.map(\.id)) }
        return (refused.id, awaited.map(\.id).filter { $0 != refused.id })
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
