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
            return closeOkReceived()
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
                guard state.machine.isReceiving else { return true }
                let noAck = state.machine.nextExpected?.noAck ?? false
                state.record.counts.delivered += 1
                return state.consuming.deliveries.delivered(get.deliveryTag, needsSettlement: !noAck)
            }
            guard isValid else {
                return .violation(.commandInvalid, "delivery tag \(get.deliveryTag)", content.method.id)
            }
            return replyReceived(content.method, content: content)
        default: return .none
        }
    }

    /// Whether frames on this channel are still processed.
    var isListening: Bool { state.withLockedValue { $0.machine.isReceiving } }

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
            epoch = state.consuming.epoch
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
                    _ = state.consuming.deliveries.settle(get.deliveryTag, multiple: false, transactional: false)
                    state.record.settled(1, rejects: true)
                    wake = append(.basicReject(BasicReject(deliveryTag: get.deliveryTag, requeue: true)), waking: false)
                case .basicConsumeOk(let consume): cancelled = state.consuming.consumers[consume.consumerTag]
                default: break
                }
            }
            switch method {
            case .channelOpenOk: opened = true
            case .txCommitOk:
                state.consuming.deliveries.committed()
                state.settings.transactionEnded()
            case .txRollbackOk:
                state.consuming.deliveries.rolledBack()
                state.settings.transactionEnded()
            case .basicRecoverOk: state.consuming.deliveries.recovered()
            case .basicConsumeOk(let consume): state.consuming.consumers[consume.consumerTag]?.established()
            case .basicCancelOk(let cancel): ended = state.consuming.remove(cancel.consumerTag)
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
}
