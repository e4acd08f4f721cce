import AMQPWire
import NIOCore
import Names

// The channel's end, by either side or with its connection; and its suspension while the connection recovers.
extension ChannelCore {
    /// What follows from a change of the channel's state outside of its lock.
    struct Consequences {
        fileprivate var wakes = false
        /// Consumers that the application was ending, and that do not go on.
        fileprivate var finished: [ConsumerQueue] = []
        /// Consumers that end with the channel.
        fileprivate var consumers: [ConsumerQueue] = []
        fileprivate var replies: [(ReplyWaiter, ClientError)] = []
        fileprivate var confirms: [ConfirmWaiter] = []
        fileprivate var closes: [CloseWaiter] = []
        fileprivate var reason: CloseReason?
        /// The channel is closed.
        fileprivate(set) var isClosed = false
        /// The channel is closed, and nobody knew of it.
        fileprivate var isDiscarded = false
    }

    /// Gives the machine an input, and carries out under the lock what it answers. The machine has its new state then.
    private func change(_ input: (inout ChannelMachine) -> ChannelMachine.CloseAction) -> Consequences {
        state.withLockedValue { state in
            var consequences = Consequences()
            let isCommitting = state.machine.isCommitting
            switch input(&state.machine) {
            case .none: break
            case .sendCloseAndFail(let unanswered, let reason):
                let text = reason.text.prefix(ofBytes: 255)
                let close = ChannelClose(replyCode: ReplyCode(rawValue: reason.code), replyText: text)
                consequences.wakes = append(.channelClose(close), waking: false)
                fail(unanswered, reason, &state, &consequences)
            case .sendCloseOkAndFail(let unanswered, let reason):
                // Nothing of this channel can follow it.
                consequences.wakes = append(.channelCloseOk, waking: false)
                fail(unanswered, reason, &state, &consequences)
                close(&state, &consequences)
            case .sendCloseOkAndSuspend(let unanswered, let reason):
                consequences.wakes = append(.channelCloseOk, waking: false)
                collect(unanswered, reason, &state, &consequences)
                // Deliveries of this epoch are not valid in the next.
                consequences.finished = state.consuming.epochEnded(isSocketOpen: true)
            case .sendCloseOk:
                consequences.wakes = append(.channelCloseOk, waking: false)
            case .suspend(let unanswered, let reason):
                state.settings.connectionLost(reason, isCommitting: isCommitting)
                suspend(unanswered, reason, &state, &consequences)
            case .becomeClosed(let unanswered, let reason):
                fail(unanswered, reason, &state, &consequences)
                close(&state, &consequences)
            case .discard(let reason):
                fail(ChannelMachine.Unanswered(), reason, &state, &consequences)
                close(&state, &consequences)
                consequences.isDiscarded = true
            }
            return consequences
        }
    }

    /// The connection is lost and will recover: requests wait from now on, and consumers continue when everything is
    /// restored.
    private func suspend(
        _ unanswered: ChannelMachine.Unanswered, _ reason: CloseReason, _ state: inout State,
        _ consequences: inout Consequences
    ) {
        collect(unanswered, reason, &state, &consequences)
        let (count, confirms) = state.publishing.connectionLost(reason)
        state.record.counts.indeterminate += UInt64(count)
        consequences.confirms = confirms
        consequences.finished = state.consuming.epochEnded(isSocketOpen: false)
        state.record.lastError = ErrorReport(reason, at: connection.wallClock())
    }

    /// Collects everything that waits on a channel that nothing can be sent on any more.
    private func fail(
        _ unanswered: ChannelMachine.Unanswered, _ reason: CloseReason, _ state: inout State,
        _ consequences: inout Consequences
    ) {
        collect(unanswered, reason, &state, &consequences)
        let (count, confirms) = state.publishing.channelClosed()
        state.record.counts.indeterminate += UInt64(count)
        consequences.confirms = confirms
        consequences.consumers = state.consuming.channelClosed()
        if !reason.isOrderly { state.record.lastError = ErrorReport(reason, at: connection.wallClock()) }
    }

    private func close(_ state: inout State, _ consequences: inout Consequences) {
        consequences.isClosed = true
        consequences.closes = state.closeWaiters.takeAll()
        state.record.closedAt = connection.wallClock()
    }

    /// Collects the waiters for replies that will not arrive.
    private func collect(
        _ unanswered: ChannelMachine.Unanswered, _ reason: CloseReason, _ state: inout State,
        _ consequences: inout Consequences
    ) {
        consequences.reason = reason
        if let refused = unanswered.refused, let waiter = state.replies.removeValue(forKey: refused) {
            consequences.replies.append((waiter, .refused(reason)))
        }
        for id in unanswered.lost {
            if let waiter = state.replies.removeValue(forKey: id) {
                consequences.replies.append((waiter, .lost(reason)))
            }
        }
        state.replies.removeAll()
    }

    /// Carries out what follows. The channel's number is free before any waiter is resumed.
    /// - Parameters:
    ///   - releases: whether a closed channel leaves the connection's table here.
    ///   - forgets: whether the event loop may still take frames with its number for this channel's.
    private func run(_ consequences: Consequences, releases: Bool = true, forgets: Bool = false) {
        if consequences.wakes { connection.wake() }
        for consumer in consequences.finished {
            consumer.ended(.finished, keepsBuffer: false)
            connection.consumerEnded(consumer)
        }
        guard let reason = consequences.reason else { return }
        if consequences.isClosed {
            if forgets { connection.eventLoop.execute { self.connection.handler.value?.forget(self) } }
            if releases { connection.release(self) }
            if !isScratch, !consequences.isDiscarded { connection.note(.channelClosed(reason), channel: number) }
        }
        for (waiter, error) in consequences.replies { waiter.resume(.failure(error)) }
        if !consequences.confirms.isEmpty { consequences.confirms.resume(.failure(.indeterminate(reason))) }
        for consumer in consequences.consumers { consumer.channelClosed(reason) }
        consequences.closes.resume(reason)
    }

    // MARK: By the application

    /// Sends `channel.close` and fails pending requests; frames before the reply are ignored.
    func beginClose(code: UInt16, text: String) {
        let reason = CloseReason(initiator: .local, scope: .channel, code: code, text: text)
        run(change { $0.closeRequested(reason) }, forgets: true)
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
                if case .closed(let reason) = state.machine.state { return reason }
                state.closeWaiters.append(waiter, deadline: deadline)
                return nil
            }
        } cancelled: { id in
            state.withLockedValue { $0.closeWaiters.take(id) }?.resume(nil)
        }
    }

    // MARK: By the broker

    /// Runs on the event loop.
    func closeReceived(_ close: ChannelClose) -> Verdict {
        let reason = CloseReason(
            initiator: .peer,
            scope: .channel,
            code: close.replyCode.rawValue,
            text: close.replyText,
            classID: close.classID,
            methodID: close.methodID
        )
        let consequences = change { $0.closeReceived(reason) }
        run(consequences)
        return consequences.isClosed ? .release : .none
    }

    /// Runs on the event loop.
    func closeOkReceived() -> Verdict {
        let consequences = change { $0.closeOkReceived() }
        run(consequences)
        return consequences.isClosed ? .release : .none
    }

    // MARK: With the connection

    /// Ends the channel with its connection, which still lists it.
    func connectionClosed(_ reason: CloseReason) {
        run(change { $0.connectionClosed(reason) }, releases: false)
    }

    /// The connection is lost and will recover. Suspends the channel, unless it was being opened or closed. Returns
    /// what is to be done once all channels of the connection are suspended.
    func connectionLost(_ reason: CloseReason) -> () -> Void {
        let consequences = change { isScratch ? $0.connectionClosed(reason) : $0.connectionLost(reason) }
        return { self.run(consequences) }
    }

    // MARK: Recovery

    /// Prepares the channel for a new socket. Returns false if the application closed the channel in between, or the
    /// socket is lost again.
    func beginRestoring(frameMax: UInt32) -> Bool {
        state.withLockedValue { state in
            // If the new socket is already lost, its end would not be reported to this epoch; a later end is.
            guard connection.hasOpenSocket, state.machine.restoringBegan() else { return false }
            state.frameMax = frameMax
            // The prepared frames may be too large for the new connection.
            state.publishing.template = nil
            return true
        }
    }

    /// The consumers to restore, in the order in which they were started. A consumer whose `basic.consume` has no reply
    /// yet is requested again by that call once the connection is back.
    var consumersToRestore: [ConsumerQueue] {
        state.withLockedValue { state in
            state.machine.isSuspended ? state.consuming.consumers.values.filter(\.isEstablished) : []
        }
        .sorted { ($0.tag.count, $0.tag) < ($1.tag.count, $1.tag) }
    }

    /// Starts a consumer again. If the application ended it in the meantime, it is cancelled on the broker.
    func restore(_ consumer: ConsumerQueue, isRestoring: Bool = true) async throws(ClientError) {
        guard let last = await call(consumer.startMethods, isRestoring: isRestoring).last else { return }
        _ = try last.get()
        if !state.withLockedValue({ $0.consuming.has(consumer) }) {
            append(.basicCancel(BasicCancel(consumerTag: consumer.tag, noWait: true)))
        }
    }

    /// A queue whose name the broker chose has a new name.
    func queueRenamed(_ old: Name, to new: Name) {
        let consumers = state.withLockedValue { $0.consuming.consumers.values.filter { $0.queueName == old } }
        for consumer in consumers { consumer.queueRenamed(to: new) }
    }

    /// Ends a consumer that cannot be restored.
    func fail(_ consumer: ConsumerQueue, _ error: ClientError) {
        state.withLockedValue { $0.consuming.remove(consumer) }
        consumer.ended(.failed(error), keepsBuffer: false)
        connection.consumerEnded(consumer)
    }

    /// Resumes the application's requests after everything is restored. Does nothing if the connection was lost again
    /// in the meantime: its end suspends the channel.
    func endRestoring() {
        run(change { connection.hasOpenSocket ? $0.restoringEnded() : .none }, forgets: true)
    }

    /// Ends a suspended channel because the connection returns without it. Does nothing to a channel that is not
    /// suspended.
    func failRestoring(_ reason: CloseReason) {
        run(change { $0.restoringFailed(reason) }, forgets: true)
    }
}

extension ConnectionHandler {
    fileprivate func forget(_ channel: ChannelCore) {
        if inboundChannels[channel.number]?.core === channel { inboundChannels[channel.number] = nil }
        if lastInboundChannel?.core === channel { lastInboundChannel = nil }
    }
}

extension ConnectionCore {
    /// Whether the handshake on the current socket is complete and no end of it was reported.
    fileprivate var hasOpenSocket: Bool {
        state.withLockedValue { $0.socket.machine.isOpen }
    }
}

extension ConsumerQueue {
    /// The methods that start the consumer: its prefetch and `basic.consume`.
    var startMethods: [Method] {
        var consume = self.consume
        consume.queue = queueName
        return consume.noAck
            ? [.basicConsume(consume)] : [.basicQos(BasicQos(prefetchCount: prefetch)), .basicConsume(consume)]
    }
}
