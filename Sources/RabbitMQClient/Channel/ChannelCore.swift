import AMQPWire
import NIOConcurrencyHelpers
import NIOCore
import Names

/// Drives the state machines of one channel behind a lock. Requests of any task and frames from the event loop use the
/// same machines; a frame is in the connection's outbox, in order, before the lock is released.
final class ChannelCore: Sendable {
    struct State {
        var machine = ChannelMachine()
        var settings = ChannelSettings()
        var publishing = ChannelPublishing()
        var consuming = ChannelConsuming()
        var record = ChannelRecord()
        var replies: [RequestID: ReplyWaiter] = [:]
        var closeWaiters = WaiterList<CloseReason?>()
        var frameMax: UInt32
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

    /// Why nothing can be sent any more; nil while the channel is open or suspended.
    var closeReason: CloseReason? { state.withLockedValue { $0.machine.closeReason } }

    /// The epoch that the channel is in.
    var epoch: UInt32 { state.withLockedValue { $0.consuming.epoch } }

    /// What the application has set on the channel.
    var settings: ChannelSettings { state.withLockedValue { $0.settings } }

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
        switch state.machine.canRequest(isRestoring: isRestoring) {
        case .send: break
        case .wait: return .failure(.suspended)
        case .refuse(let reason): return .failure(.closed(reason, method.id))
        }
        if isRestoring, case .basicConsume(let consume) = method,
            state.consuming.consumers[consume.consumerTag].map({ !$0.isActive }) ?? !isScratch
        {
            return .failure(.cancelled(method))  // The application ended it in the meantime.
        }
        if case .txCommit = method, let reason = state.settings.takeLostTransaction() {
            // What came after the loss must not be committed as if it were the whole transaction.
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
                state.consuming.consumers[consume.consumerTag]?.requested()
            case .basicCancel(let cancel): request.consumerTag = cancel.consumerTag
            default: state.settings.requested(method)
            }
            state.machine.requested(request)
            state.replies[id] = waiter
            return .success(wake)
        }
    }

    /// Registers a request whose reply has no waiter.
    func expectUnheard(_ method: MethodID, _ state: inout State) {
        state.machine.requested(
            ChannelMachine.Expected(id: WaiterIDs.next(), method: method, deadline: .distantFuture))
    }

    private func abandon(_ id: RequestID, _ method: Method) {
        let waiter: ReplyWaiter? = state.withLockedValue { state in
            state.machine.abandon(id) ? state.replies.removeValue(forKey: id) : nil
        }
        waiter?.resume(.failure(.cancelled(method)))
    }

    // MARK: Writing

    /// Appends a method that has no reply; all of its strings came from the broker or are checked. Returns whether the
    /// event loop must be woken, unless the method wakes it itself.
    @discardableResult
    func append(_ method: Method, waking: Bool = true) -> Bool {
        let number = self.number
        let written = connection.outbox.append(frames: 1) { buffer throws(WireError) in
            try buffer.writeFrame(channel: number, method)
        }
        guard case .success(true) = written else { return false }
        if waking { connection.wake() }
        return true
    }

    // MARK: Time

    /// Ends the waits whose deadline has passed.
    func timePassed(_ now: NIODeadline) {
        let (replies, confirms, closes) = state.withLockedValue { state in
            let replies = state.machine.timePassed(now).compactMap { request in
                state.replies.removeValue(forKey: request.id).map { ($0, request.method) }
            }
            return (replies, state.publishing.timePassed(now), state.closeWaiters.takeOverdue(now))
        }
        for (waiter, method) in replies { waiter.resume(.failure(.timeout(method.description))) }
        confirms.resume(.failure(.overdueConfirm))
        closes.resume(nil)
    }

    // MARK: Reports

    /// Returns a report of what the channel has done and is doing.
    func report() -> ChannelReport {
        state.withLockedValue { state in
            let channelState: ChannelReport.State =
                switch state.machine.state {
                case .opening: .opening
                case .open: .open
                case .suspended, .restoring: .recovering
                case .closing: .closing
                case .closed: .closed
                }
            let counts = state.record.counts
            return ChannelReport(
                id: id,
                number: number,
                state: channelState,
                openedAt: openedAt,
                closedAt: state.record.closedAt,
                inFlight: state.machine.expected.count,
                unconfirmed: state.publishing.pendingCount,
                unacked: state.consuming.deliveries.openCount,
                prefetch: state.settings.prefetch,
                confirmMode: state.settings.hasConfirms,
                transactional: state.settings.isTransactional,
                consumers: state.consuming.consumers.values.map(\.report).sorted { $0.tag < $1.tag },
                published: counts.published,
                confirmed: counts.confirmed,
                returned: counts.returned,
                nacked: counts.nacked,
                indeterminate: counts.indeterminate,
                delivered: counts.delivered,
                acked: counts.acked,
                rejected: counts.rejected,
                lastError: state.record.lastError
            )
        }
    }

    /// Returns all counts, and the part that was not yet reported to the metrics; that part counts as reported from now
    /// on.
    func takeUncounted() -> (total: MessageCounts, added: MessageCounts) {
        state.withLockedValue { ($0.record.counts, $0.record.takeUncounted()) }
    }
}
