import AMQPWire
import DequeModule
import NIOCore
import Names

/// Names one request of a channel; the waiter for its answer is kept elsewhere under this number.
typealias RequestID = UInt64

/// The life of one channel (AMQP 0-9-1 specification, section 2.2.5) and the answers it expects, in order. Knows no
/// bytes, no waiters and no clock.
struct ChannelMachine: Equatable {
    enum State: Equatable {
        /// `channel.open` was sent.
        case opening
        case open
        /// `channel.close` was sent; nothing but close and close-ok is heard.
        case closing(CloseReason)
        case closed(CloseReason)
    }

    /// A request that was sent and has no answer yet.
    struct Expected: Equatable {
        var id: RequestID
        var method: MethodID
        var deadline: NIODeadline
        /// A `basic.get` without acknowledgement.
        var noAck = false
        /// The consumer that a `basic.consume` or `basic.cancel` is about.
        var consumerTag: Name?
        /// Nobody waits any more; the answer still comes and is dropped.
        var isAbandoned = false
    }

    enum RequestAction: Equatable {
        case send
        case refuse(CloseReason)
    }

    enum ReplyAction: Equatable {
        /// Hand the answer to who asked.
        case complete(RequestID)
        /// Nobody waits for the answer to this request any more: undo what it did.
        case discard(Expected)
        /// The channel is closing or closed: not heard.
        case ignore
        /// No request expects this answer.
        case unexpected
    }

    enum CloseAction: Equatable {
        /// Nothing to do.
        case none
        /// Fail what is under way: its answers will not be heard.
        case sendCloseAndFail(lost: [RequestID])
        /// Answer close-ok; `refused` is the request the broker did not like, `lost` those that merely had no answer yet.
        case sendCloseOkAndFail(refused: RequestID?, lost: [RequestID], CloseReason)
        /// Answer a close that crossed ours.
        case sendCloseOk
        /// The number may be used again.
        case becomeClosed(refused: RequestID?, lost: [RequestID], CloseReason)
    }

    private(set) var state: State = .opening
    private(set) var expected: Deque<Expected> = []

    var isOpen: Bool { state == .open }

    /// Whether `channel.open` was sent, and no end of the channel is agreed on: else there is nothing to close.
    var isKnownToBroker: Bool {
        switch state {
        case .opening: !expected.isEmpty
        case .open, .closing: true
        case .closed: false
        }
    }

    /// Why nothing can be sent any more; nil while it can.
    var closeReason: CloseReason? {
        switch state {
        case .opening, .open: nil
        case .closing(let reason), .closed(let reason): reason
        }
    }

    /// Whether a request can be sent now, before anything is written.
    func canRequest() -> RequestAction {
        if let closeReason { .refuse(closeReason) } else { .send }
    }

    mutating func request(_ request: Expected) -> RequestAction {
        if let closeReason { return .refuse(closeReason) }
        expected.append(request)
        return .send
    }

    /// An answer came: it belongs to the oldest request, as the broker works through a channel in order. The answers to
    /// `basic.consume` and `basic.cancel` alone may be late: RabbitMQ has the queue's process send them. They are told by
    /// their consumer tag.
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

    /// The request whose answer is being received as content, such as a `basic.get`.
    var nextExpected: Expected? { expected.first { $0.consumerTag == nil } }

    /// Nobody waits for this answer any more. False when it came already.
    mutating func abandon(_ id: RequestID) -> Bool {
        guard let index = expected.firstIndex(where: { $0.id == id && !$0.isAbandoned }) else { return false }
        expected[index].isAbandoned = true
        return true
    }

    /// Time has come to `now`: the requests whose deadline has passed are abandoned.
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
        // The broker does not know it: a close would cost the connection (504).
        case .opening where !isKnownToBroker: return end(reason)
        case .opening, .open:
            state = .closing(reason)
            return .sendCloseAndFail(lost: takeExpected(blaming: nil).lost)
        case .closing, .closed:
            return .none
        }
    }

    /// The broker closes the channel. It works in order: if its reason names the method of the oldest request, that
    /// request is the cause; everything behind it lost its answer.
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

    /// The application closed it while its connection was lost: there is nobody to tell.
    mutating func closedWhileLost(_ reason: CloseReason) { state = .closed(reason) }

    private mutating func end(_ reason: CloseReason) -> CloseAction {
        state = .closed(reason)
        let (refused, lost) = takeExpected(blaming: reason.initiator == .peer ? reason : nil)
        return .becomeClosed(refused: refused, lost: lost, reason)
    }

    private mutating func takeExpected(blaming reason: CloseReason?) -> (refused: RequestID?, lost: [RequestID]) {
        defer { expected.removeAll() }
        let awaited = expected.filter { !$0.isAbandoned }
        // Behind the consumers' requests, whose answers may be late, only the oldest can be the cause.
        let oldest = expected.first { $0.consumerTag == nil }
        let cause = MethodID(classID: reason?.classID ?? 0, methodID: reason?.methodID ?? 0)
        let refused = expected.first { ($0.consumerTag != nil || $0 == oldest) && $0.method == cause }
        guard let refused, !refused.isAbandoned else { return (nil, awaited.map(\.id)) }
        return (refused.id, awaited.map(\.id).filter { $0 != refused.id })
    }

    /// Answers carry the number behind their request's, but for two that the protocol numbered otherwise.
    static func isAnswer(_ answer: MethodID, to request: MethodID) -> Bool {
        guard answer.classID == request.classID else { return false }
        switch (request.classID, request.methodID) {
        case (40, 40): return answer.methodID == 51
        case (60, 70): return answer.methodID == 71 || answer.methodID == 72
        default: return answer.methodID == request.methodID + 1
        }
    }
}
