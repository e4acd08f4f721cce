import AMQPWire
import NIOCore
import Names

extension ChannelCore {
    /// What a received frame means for the connection.
    enum Verdict: Equatable {
        /// Nothing.
        case none
        /// The channel is closed on both sides: its number is free.
        case release
        /// The peer violated the protocol.
        case violation(ReplyCode, String, MethodID?)
    }

    /// Handles a method without content. Runs on the event loop.
    func methodReceived(_ method: Method) -> Verdict {
        switch method {
        case .basicAck(let ack):
            confirmsReceived([ack])
            return .none
        case .basicNack(let nack):
            refusalReceived(nack)
            return .none
        case .channelClose(let close):
            return closeReceived(close)
        case .channelCloseOk:
            return ended(releases: true) { $0.closeOkReceived() }
        case .basicCancel(let cancel):
            consumerCancelled(cancel)
            return .none
        case .channelFlow:
            // Nothing is paused here: TCP flow control has the same effect with current brokers. The reply reports that
            // the flow is active.
            append(.channelFlowOk(ChannelFlowOk(active: true)))
            return .none
        case .channelOpenOk, .channelFlowOk, .exchangeDeclareOk, .exchangeDeleteOk, .exchangeBindOk, .exchangeUnbindOk,
            .queueDeclareOk, .queueBindOk, .queuePurgeOk, .queueDeleteOk, .queueUnbindOk, .basicQosOk, .basicConsumeOk,
            .basicCancelOk, .basicGetEmpty, .basicRecoverOk, .confirmSelectOk, .txSelectOk, .txCommitOk, .txRollbackOk,
            .accessRequestOk:
            return replyReceived(method, content: nil)
        default:
            return isListening ? .violation(.commandInvalid, "\(method.name) is not for a client", method.id) : .none
        }
    }

    /// Handles a method with its content. Runs on the event loop.
    func contentReceived(_ content: Content) -> Verdict {
        switch content.method {
        case .basicDeliver(let deliver): return delivered(deliver, content)
        case .basicReturn(let returned):
            returnReceived(returned, content)
            return .none
        case .basicGetOk(let get):
            let isValid: Bool = state.withLockedValue { state in
                guard state.machine.closeReason == nil else { return true }
                let noAck = state.machine.nextExpected?.noAck ?? false
                state.counts.delivered += 1
                return state.deliveries.delivered(get.deliveryTag, needsSettlement: !noAck)
            }
            guard isValid else {
                return .violation(.commandInvalid, "delivery tag \(get.deliveryTag)", content.method.id)
            }
            return replyReceived(content.method, content: content)
        default: return .none
        }
    }

    /// Whether frames on this channel are still processed.
    var isListening: Bool { closeReason == nil }

    // MARK: Answers

    private func replyReceived(_ method: Method, content: Content?) -> Verdict {
        var wake = false
        var waiter: ReplyWaiter?
        var cancelled: ConsumerQueue?
        var ended: ConsumerQueue?
        var opened = false
        var epoch: UInt32 = 0
        var answered: NIODeadline?
        let verdict: Verdict = state.withLockedValue { state in
            let tag: Name? =
                switch method {
                case .basicConsumeOk(let consume): consume.consumerTag
                case .basicCancelOk(let cancel): cancel.consumerTag
                default: nil
                }
            epoch = state.epoch
            if connection.metrics != nil {
                let expected = tag.map { tag in state.machine.expected.first { $0.consumerTag == tag } }
                answered = (expected ?? state.machine.nextExpected)?.deadline
            }
            let action = state.machine.replyReceived(method.id, consumerTag: tag)
            switch action {
            case .ignore:
                answered = nil
                return .none
            case .unexpected: return .violation(.commandInvalid, "\(method.name) answers nothing", method.id)
            case .complete(let id): waiter = state.replies.removeValue(forKey: id)
            case .discard(let expected):
                switch method {
                case .basicGetOk(let get) where !expected.noAck:
                    _ = state.deliveries.settle(get.deliveryTag, multiple: false, transactional: false)
                    state.counts.acked += 1
                    state.counts.rejected += 1
                    wake = append(.basicReject(BasicReject(deliveryTag: get.deliveryTag, requeue: true)), waking: false)
                case .basicConsumeOk(let consume): cancelled = state.consumers[consume.consumerTag]
                default: break
                }
            }
            switch method {
            case .channelOpenOk: opened = true
            case .txCommitOk:
                state.deliveries.committed()
                state.transaction = .clean
            case .txRollbackOk:
                state.deliveries.rolledBack()
                state.transaction = .clean
            case .basicRecoverOk: state.deliveries.recovered()
            case .basicConsumeOk(let consume): state.consumers[consume.consumerTag]?.established()
            case .basicCancelOk(let cancel): ended = state.consumers.removeValue(forKey: cancel.consumerTag)
            default: break
            }
            return .none
        }
        if let answered, answered != .distantFuture {
            connection.metrics?.requestAnswered(after: .now() - (answered - connection.operationTimeout))
        }
        // A channel that recovery opened again is not reported as opened.
        if opened, !isScratch, epoch == 0 { connection.note(.channelOpened, channel: number) }
        if wake { connection.wake() }
        if let cancelled { cancelConsumer(cancelled) }
        if let ended {
            ended.ended(.finished, keepsBuffer: false)
            connection.consumerEnded(ended)
        }
        waiter?.resume(.success(Reply(method: method, content: content, epoch: epoch)))
        return verdict
    }

    // MARK: Close

    private func closeReceived(_ close: ChannelClose) -> Verdict {
        let reason = CloseReason(
            initiator: .peer,
            scope: .channel,
            code: close.replyCode.rawValue,
            text: close.replyText,
            classID: close.classID,
            methodID: close.methodID
        )
        var verdict = Verdict.none
        var gone: [ConsumerQueue] = []
        let completions: PendingCompletions = state.withLockedValue { state in
            switch state.machine.closeReceived(reason) {
            case .sendCloseOkAndFail(let refused, let lost, let reason):
                // Added to the outbox under the lock: nothing of this channel can follow it.
                append(.channelCloseOk, waking: false)
                // A request of recovery was refused; recovery opens the channel again and continues without that
                // request. Deliveries of this epoch are not valid in the next.
                if state.isSuspended {
                    state.epoch += 1
                    state.deliveries = DeliveryWindow()
                    for (tag, consumer) in state.consumers where !consumer.connectionLost() {
                        state.consumers[tag] = nil
                        gone.append(consumer)
                    }
                    return collectRequests(reason, refused: refused, lost: lost, &state)
                }
                verdict = .release
                return depart(reason, refused: refused, lost: lost, &state)
            case .sendCloseOk:
                append(.channelCloseOk, waking: false)
                return PendingCompletions()
            case .none, .sendCloseAndFail, .becomeClosed:
                return PendingCompletions()
            }
        }
        connection.wake()
        for consumer in gone {
            consumer.ended(.finished, keepsBuffer: false)
            connection.consumerEnded(consumer)
        }
        if verdict == .release {
            connection.release(self)
            if !isScratch { connection.note(.channelClosed(reason), channel: number) }
        }
        completions.run()
        return verdict
    }

    /// Ends the channel with its connection.
    func connectionClosed(_ reason: CloseReason) {
        endRestoring(reason)
        _ = ended(releases: false) { $0.connectionClosed(reason) }
    }

    /// Ends the channel. Its number is released before any waiter is resumed.
    func ended(releases: Bool, _ close: (inout ChannelMachine) -> ChannelMachine.CloseAction) -> Verdict {
        var closed: CloseReason?
        let completions: PendingCompletions = state.withLockedValue { state in
            guard case .becomeClosed(let refused, let lost, let reason) = close(&state.machine) else {
                return PendingCompletions()
            }
            closed = reason
            return depart(reason, refused: refused, lost: lost, &state)
        }
        if let closed {
            if releases { connection.release(self) }
            if !isScratch { connection.note(.channelClosed(closed), channel: number) }
        }
        completions.run()
        return closed == nil ? .none : .release
    }

    // MARK: Time

    /// Ends the waits whose deadline has passed.
    func timePassed(_ now: NIODeadline) {
        var replies: [(ReplyWaiter, MethodID)] = []
        var confirms: [(UInt64, ConfirmWaiter)] = []
        var closes: [CloseWaiter] = []
        state.withLockedValue { state in
            let methods = state.machine.expected
            for id in state.machine.timePassed(now) {
                guard let waiter = state.replies.removeValue(forKey: id) else { continue }
                replies.append((waiter, methods.first { $0.id == id }?.method ?? MethodID(classID: 0, methodID: 0)))
            }
            if case .overdue(let range) = state.confirms.timePassed(now) {
                state.confirmWaiters.take(range, into: &confirms)
            }
            closes = state.closeWaiters.takeOverdue(now)
        }
        for (waiter, method) in replies { waiter.resume(.failure(.timeout(method.description))) }
        for (_, waiter) in confirms { waiter.resume(.failure(Self.overdue)) }
        closes.resume(nil)
    }

    static let overdue = ClientError(
        .indeterminate,
        "No confirm came in time.",
        advice: "Publish again and expect a duplicate; check whether the broker is blocked by an alarm."
    )

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
}
