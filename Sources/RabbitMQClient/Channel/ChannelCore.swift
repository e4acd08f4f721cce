import AMQPWire
import NIOConcurrencyHelpers
import NIOCore
import Names

/// The state machines and waiters of one channel behind a lock. Requests of any task and frames from the event loop use
/// the same machines; a frame is in the connection's outbox, in order, before the lock is released.
final class ChannelCore: Sendable {
    struct State {
        var machine = ChannelMachine()
        var confirms = ConfirmMachine()
        var deliveries = DeliveryWindow()
        var replies: [RequestID: ReplyWaiter] = [:]
        var confirmWaiters = ConfirmWaiters()
        /// The encoded parts of the last published message, reused for a similar one.
        var template: PublishTemplate?
        var closeWaiters = WaiterList<CloseReason?>()
        var consumers: [Name: ConsumerQueue] = [:]
        var nextConsumer = 0
        var mode = Mode.plain
        var counts = Counts()
        /// All waiters were notified of the channel's end.
        var hasDeparted = false
        /// The counts already reported to the metrics.
        var counted = Counts()
        /// The message whose confirm latency is measured, and when it was sent.
        var timed: (sequence: UInt64, at: NIODeadline)?
        var closedAt: Double?
        var lastError: ErrorReport?
        var frameMax: UInt32
        /// The channel's epoch: each loss of the connection ends one, with all of its delivery tags.
        var epoch: UInt32 = 0
        /// The connection is lost and will recover; until then the application's requests wait.
        var isSuspended = false
        var globalPrefetch: UInt16?
        var transaction = Transaction.clean

        /// Why nothing can be sent any more; nil while the channel is open or suspended.
        var closeReason: CloseReason? { isSuspended ? nil : machine.closeReason }
    }

    enum Mode {
        case plain
        case confirms
        case transactions
    }

    /// The state of a transactional channel's transaction.
    enum Transaction {
        /// The transaction is empty.
        case clean
        case begun
        /// The connection was lost during the transaction: its first part is lost, and it cannot be committed.
        case lost(CloseReason)
    }

    struct Counts {
        var prefetch: UInt16 = 0
        var published: UInt64 = 0
        var confirmed: UInt64 = 0
        var returned: UInt64 = 0
        var nacked: UInt64 = 0
        /// Published messages whose channel ended before the answer arrived.
        var indeterminate: UInt64 = 0
        var delivered: UInt64 = 0
        /// Deliveries settled in any way.
        var acked: UInt64 = 0
        /// The part of `acked` that was rejected or requeued.
        var rejected: UInt64 = 0
    }

    /// Unique within the connection and never reused, unlike `number`.
    let id: UInt64
    let number: UInt16
    let connection: ConnectionCore
    let openedAt: Double
    /// Used by recovery only: the application does not see the channel, and it ends with its socket.
    let isScratch: Bool
    let state: NIOLockedValueBox<State>

    init(id: UInt64, number: UInt16, frameMax: UInt32, connection: ConnectionCore, isScratch: Bool) {
        self.id = id
        self.number = number
        self.connection = connection
        self.isScratch = isScratch
        openedAt = connection.wallClock()
        state = NIOLockedValueBox(State(frameMax: frameMax))
    }

    var closeReason: CloseReason? { state.withLockedValue { $0.closeReason } }

    // MARK: Requests

    /// Sends a request and returns its reply. Waits while the connection is recovering; `isRestoring` is set by
    /// recovery itself.
    func call(_ method: Method, isRestoring: Bool = false) async throws(ClientError) -> Reply {
        let deadline = NIODeadline.now() + connection.operationTimeout
        while true {
            switch await request(method, isRestoring) {
            case .success(let reply):
                connection.done(method, reply: reply.method, on: self)
                return reply
            case .failure(.suspended): try await awaitReady(until: deadline, for: method.id)
            case .failure(let error): throw error
            }
        }
    }

    /// Returns when the connection is open again. The channel itself may not be restored yet: a caller that retries in
    /// a loop yields to other tasks, and ends at the deadline.
    nonisolated(nonsending) func awaitReady(until deadline: NIODeadline, for method: MethodID) async throws(ClientError)
    {
        try await connection.awaitReady(until: deadline, for: method)
        await Task.yield()
        if Task.isCancelled { throw ClientError(.cancelled, "\(method) was cancelled before it was sent.") }
        guard NIODeadline.now() < deadline else {
            throw ClientError(.timeout, "\(method) was not sent: channel \(number) was not open in time.")
        }
    }

    private func request(_ method: Method, _ isRestoring: Bool) async -> Result<Reply, ClientError> {
        if Task.isCancelled { return .failure(.cancelled(method)) }
        return await Waiter.wait { waiter in
            let started = state.withLockedValue {
                start(waiter.id, method, .one(waiter), isRestoring: isRestoring, &$0)
            }
            switch started {
            case .success(let wake):
                if wake { connection.wake() }
                return nil
            case .failure(let error): return .failure(error)
            }
        } cancelled: { id in
            abandon(id, method)
        }
    }

    /// Sends many requests with one write, or two if the event loop is writing, and returns their replies in order.
    func call(_ methods: [Method], isRestoring: Bool = false) async -> [Result<Reply, ClientError>] {
        guard let first = methods.first else { return [] }
        let deadline = NIODeadline.now() + connection.operationTimeout
        while true {
            let results = await request(methods, isRestoring)
            guard case .failure(.suspended) = results.first else { return results }
            do throws(ClientError) {
                try await awaitReady(until: deadline, for: first.id)
            } catch {
                return methods.map { _ in .failure(error) }
            }
        }
    }

    private func request(_ methods: [Method], _ isRestoring: Bool) async -> [Result<Reply, ClientError>] {
        let first = WaiterIDs.next(methods.count)
        return await Waiter.wait(id: first) { waiter in
            let batch = ReplyBatch(count: methods.count, waiter)
            let started = state.withLockedValue { state in
                methods.enumerated().map { index, method in
                    start(first + RequestID(index), method, .part(batch, index), isRestoring: isRestoring, &state)
                }
            }
            for (index, result) in started.enumerated() {
                switch result {
                case .success(let wake): if wake { connection.wake() }
                case .failure(let error): batch.set(.failure(error), at: index)
                }
            }
            return nil
        } cancelled: { _ in
            for (index, method) in methods.enumerated() { abandon(first + RequestID(index), method) }
        }
    }

    /// Adds a request to the outbox and registers the waiter for its reply under one lock. Returns whether the event
    /// loop must be woken.
    func start(
        _ id: RequestID,
        _ method: Method,
        _ waiter: ReplyWaiter?,
        isRestoring: Bool = false,
        _ state: inout State
    ) -> Result<Bool, ClientError> {
        if state.isSuspended, !isRestoring { return .failure(.suspended) }
        if case .refuse(let reason) = state.machine.canRequest() { return .failure(.closed(reason, method.id)) }
        if isRestoring, case .basicConsume(let consume) = method,
            state.consumers[consume.consumerTag].map({ !$0.isActive }) ?? !isScratch
        {
            return .failure(.cancelled(method))  // The application ended it in the meantime.
        }
        if case .txCommit = method, case .lost(let reason) = state.transaction {
            // What came after the loss must not be committed as if it were the whole transaction.
            state.transaction = .clean
            append(.txRollback)
            expectUnheard(MethodID.txRollback, &state)
            return .failure(.transactionLost(reason))
        }
        let number = self.number
        let frameMax = state.frameMax
        let written = connection.outbox.append(frames: 1) { buffer throws(WireError) in
            try buffer.writeFrame(channel: number, method, frameMax: frameMax)
        }
        switch written {
        case .failure(let error): return .failure(ClientError(.invalidArgument, "\(method.name): \(error)."))
        case .success(let wake):
            let deadline = NIODeadline.now() + connection.operationTimeout
            var request = ChannelMachine.Expected(id: id, method: method.id, deadline: deadline)
            switch method {
            case .basicGet(let get): request.noAck = get.noAck
            case .basicConsume(let consume):
                request.consumerTag = consume.consumerTag
                state.consumers[consume.consumerTag]?.requested()
            case .basicCancel(let cancel): request.consumerTag = cancel.consumerTag
            case .basicQos(let qos):
                if qos.isGlobal {
                    state.globalPrefetch = qos.prefetchCount
                } else {
                    state.counts.prefetch = qos.prefetchCount
                }
            case .confirmSelect: state.mode = .confirms
            case .txSelect: state.mode = .transactions
            default: break
            }
            _ = state.machine.request(request)
            state.replies[id] = waiter
            return .success(wake)
        }
    }

    /// Registers a request whose reply has no waiter.
    func expectUnheard(_ method: MethodID, _ state: inout State) {
        let id = WaiterIDs.next()
        _ = state.machine.request(ChannelMachine.Expected(id: id, method: method, deadline: .distantFuture))
    }

    private func abandon(_ id: RequestID, _ method: Method) {
        let waiter: ReplyWaiter? = state.withLockedValue { state in
            state.machine.abandon(id) ? state.replies.removeValue(forKey: id) : nil
        }
        waiter?.resume(.failure(.cancelled(method)))
    }

    // MARK: Close

    /// Sends `channel.close` and fails pending requests; frames before the reply are ignored.
    func beginClose(code: UInt16, text: String) {
        let reason = CloseReason(initiator: .local, scope: .channel, code: code, text: text)
        while !closeWhileLost(reason), !closeNow(reason) {}
    }

    /// Returns false if the connection was lost in between and nothing was sent.
    private func closeNow(_ reason: CloseReason) -> Bool {
        let code = reason.code
        var isNeverOpened = false
        let completions: PendingCompletions? = state.withLockedValue { state in
            if state.isSuspended, !state.machine.isKnownToBroker { return nil }
            state.isSuspended = false
            switch state.machine.closeRequested(reason) {
            case .sendCloseAndFail(let lost):
                let text = reason.text.prefix(ofBytes: 255)
                append(.channelClose(ChannelClose(replyCode: ReplyCode(rawValue: code), replyText: text)))
                return depart(reason, refused: nil, lost: lost, &state)
            case .becomeClosed(let refused, let lost, let reason):
                isNeverOpened = true
                return depart(reason, refused: refused, lost: lost, &state)
            case .none, .sendCloseOk, .sendCloseOkAndFail: return PendingCompletions()
            }
        }
        if isNeverOpened { connection.release(self) }
        completions?.run()
        return completions != nil
    }

    /// Closes the channel and waits for the broker's reply.
    func close(code: UInt16, text: String) async throws(ClientError) {
        beginClose(code: code, text: text)
        if await awaitClose(deadline: .now() + connection.operationTimeout) == nil {
            throw ClientError(
                .timeout,
                Task.isCancelled
                    ? "The wait for the end of channel \(number) was cancelled."
                    : "The broker did not answer channel.close in time."
            )
        }
    }

    func closed() async -> CloseReason {
        await awaitClose(deadline: .distantFuture) ?? .noLongerAwaited(.channel)
    }

    private func awaitClose(deadline: NIODeadline) async -> CloseReason? {
        await CloseWaiter.wait { waiter in
            state.withLockedValue { state -> CloseReason?? in
                // A suspended channel is restored later.
                if case .closed(let reason) = state.machine.state, !state.isSuspended { return reason }
                state.closeWaiters.append(waiter, deadline: deadline)
                return nil
            }
        } cancelled: { id in
            state.withLockedValue { $0.closeWaiters.take(id) }?.resume(nil)
        }
    }

    /// Collects all waiters of a channel that has ended. They are resumed outside the lock.
    func depart(
        _ reason: CloseReason,
        refused: RequestID?,
        lost: [RequestID],
        _ state: inout State
    ) -> PendingCompletions {
        var completions = collectRequests(reason, refused: refused, lost: lost, &state)
        completions.consumers = Array(state.consumers.values)
        state.consumers.removeAll()
        state.isSuspended = false
        if !state.hasDeparted { state.counts.indeterminate += UInt64(state.confirms.pendingCount) }
        state.hasDeparted = true
        if case .closed = state.machine.state {
            completions.closeWaiters = state.closeWaiters.takeAll()
            state.closedAt = connection.wallClock()
        }
        if !reason.isOrderly { state.lastError = ErrorReport(reason, at: connection.wallClock()) }
        return completions
    }

    /// Collects the waiters for replies and confirms that will not arrive.
    func collectRequests(
        _ reason: CloseReason,
        refused: RequestID?,
        lost: [RequestID],
        _ state: inout State
    ) -> PendingCompletions {
        var completions = PendingCompletions()
        completions.reason = reason
        if let refused, let waiter = state.replies.removeValue(forKey: refused) {
            completions.replies.append((waiter, .refused(reason)))
        }
        for id in lost {
            if let waiter = state.replies.removeValue(forKey: id) {
                completions.replies.append((waiter, .lost(reason)))
            }
        }
        state.replies.removeAll()
        completions.confirms = state.confirmWaiters.takeAll().map(\.1)
        state.timed = nil
        return completions
    }
}

/// The waiters to be resumed because a channel has ended.
struct PendingCompletions {
    var reason: CloseReason?
    var replies: [(ReplyWaiter, ClientError)] = []
    var confirms: [ConfirmWaiter] = []
    var consumers: [ConsumerQueue] = []
    var closeWaiters: [CloseWaiter] = []

    func run() {
        guard let reason else { return }
        for (waiter, error) in replies { waiter.resume(.failure(error)) }
        if !confirms.isEmpty {
            let error = ClientError.indeterminate(reason)
            confirms.resume(.failure(error))
        }
        for consumer in consumers { consumer.channelClosed(reason) }
        closeWaiters.resume(reason)
    }
}
