import AMQPWire
import NIOCore
import Names

// What becomes of a channel when its connection is lost and comes back.
extension ChannelCore {
    /// The connection is lost and will come back: the application's further requests wait from now on, and its consumers go
    /// on when all is restored. What is returned tells those who await an answer; nil when the channel has come to its end
    /// all the same: it was being opened or closed.
    func suspend(_ reason: CloseReason) -> (() -> Void)? {
        var gone: [ConsumerQueue] = []
        let completions: PendingCompletions? = state.withLockedValue { state in
            switch state.machine.state {
            case .opening, .closed:
                guard state.isSuspended else { return nil }
            case .closing: return nil
            case .open:
                guard !isScratch else { return nil }
            }
            let wasCommitting = state.machine.expected.contains { $0.method == .txCommit }
            var refused: RequestID?
            var lost: [RequestID] = []
            if case .becomeClosed(let id, let ids, _) = state.machine.connectionClosed(reason) {
                (refused, lost) = (id, ids)
            }
            if case .begun = state.transaction { state.transaction = wasCommitting ? .clean : .lost(reason) }
            state.isSuspended = true
            state.epoch += 1
            state.deliveries = DeliveryWindow()
            state.counts.indeterminate += UInt64(state.confirms.pendingCount)
            state.confirms.connectionLost(reason)
            let completions = collectRequests(reason, refused: refused, lost: lost, &state)
            state.confirmWaiters.advance(to: state.confirms.base)
            for (tag, consumer) in state.consumers where !consumer.connectionLost() {
                state.consumers[tag] = nil
                gone.append(consumer)
            }
            state.lastError = ErrorReport(reason, at: connection.wallClock())
            return completions
        }
        guard let completions else { return nil }
        return { [connection, gone] in
            for consumer in gone {
                consumer.ended(.finished, keepsBuffer: false)
                connection.consumerEnded(consumer)
            }
            completions.run()
        }
    }

    /// A new socket is there. False when the application closed the channel in between, or the socket is gone again.
    func beginRestoring(frameMax: UInt32) -> Bool {
        state.withLockedValue { state in
            // Were the new socket gone already, nobody would tell this life of its end; a later end finds it.
            guard state.isSuspended, connection.hasOpenSocket else { return false }
            state.machine = ChannelMachine()
            state.frameMax = frameMax
            // What was written once may be too large now.
            state.template = nil
            return true
        }
    }

    /// What makes a new channel into this one.
    var openMethods: [Method] {
        state.withLockedValue { state in
            var methods: [Method] = [.channelOpen]
            switch state.mode {
            case .plain: break
            case .confirms: methods.append(.confirmSelect(ConfirmSelect()))
            case .transactions: methods.append(.txSelect)
            }
            if let prefetch = state.globalPrefetch, prefetch > 0 {
                methods.append(.basicQos(BasicQos(prefetchCount: prefetch, isGlobal: true)))
            }
            if state.counts.prefetch > 0 { methods.append(.basicQos(BasicQos(prefetchCount: state.counts.prefetch))) }
            return methods
        }
    }

    /// The consumers that are to go on, in the order in which they were started. One that the application is just asking
    /// for is asked for by that call, when the connection is back.
    var consumersToRestore: [ConsumerQueue] {
        state.withLockedValue { $0.isSuspended ? $0.consumers.values.filter(\.isEstablished) : [] }
            .sorted { ($0.tag.count, $0.tag) < ($1.tag.count, $1.tag) }
    }

    /// Asks for a consumer again. The application may have ended it in the meantime: then the broker is told so.
    func restore(_ consumer: ConsumerQueue, isRestoring: Bool = true) async throws(ClientError) {
        guard let last = await call(consumer.startMethods, isRestoring: isRestoring).last else { return }
        _ = try last.get()
        if state.withLockedValue({ $0.consumers[consumer.tag] }) !== consumer {
            append(.basicCancel(BasicCancel(consumerTag: consumer.tag, noWait: true)))
        }
    }

    /// A consumer cannot go on.
    func fail(_ consumer: ConsumerQueue, _ error: ClientError) {
        state.withLockedValue { state in
            if state.consumers[consumer.tag] === consumer { state.consumers[consumer.tag] = nil }
        }
        consumer.ended(.failed(error), keepsBuffer: false)
        connection.consumerEnded(consumer)
    }

    /// All is restored: the application's requests go on. Does nothing when the connection was lost again meanwhile.
    func resume() {
        let closed: CloseReason? = state.withLockedValue { state in
            if state.machine.isOpen { state.isSuspended = false }
            // The broker closed it again in the middle of the recovery, when nothing was asked of it.
            guard state.isSuspended, case .closed(let reason) = state.machine.state else { return nil }
            return reason
        }
        if let closed, connection.hasOpenSocket { endRestoring(closed) }
    }

    /// The connection comes back without this channel, or does not come back. Does nothing to one that is not suspended.
    func endRestoring(_ reason: CloseReason) { _ = endRestoring(reason, where: { _ in true }) }

    /// The application closes it while there is no socket, or nothing was sent on a new one. False when the broker is to
    /// be told.
    func closeWhileLost(_ reason: CloseReason) -> Bool {
        endRestoring(reason) { !$0.isKnownToBroker }
    }

    private func endRestoring(_ reason: CloseReason, where condition: (ChannelMachine) -> Bool) -> Bool {
        let completions: PendingCompletions? = state.withLockedValue { state in
            guard state.isSuspended, condition(state.machine) else { return nil }
            state.machine.closedWhileLost(reason)
            return depart(reason, refused: nil, lost: [], &state)
        }
        guard let completions else { return false }
        // Before its number is another channel's: frames with it are no longer for this one.
        connection.eventLoop.execute { self.connection.handler.value?.forget(self) }
        connection.release(self)
        connection.note(.channelClosed(reason), channel: number)
        completions.run()
        return true
    }
}

extension ConnectionHandler {
    fileprivate func forget(_ channel: ChannelCore) {
        if inboundChannels[channel.number]?.core === channel { inboundChannels[channel.number] = nil }
        if lastInboundChannel?.core === channel { lastInboundChannel = nil }
    }
}

extension ConnectionCore {
    /// Whether the handshake is done on the present socket, and no end of it was heard of.
    fileprivate var hasOpenSocket: Bool {
        state.withLockedValue { if case .open = $0.machine.state { true } else { false } }
    }
}

extension ConsumerQueue {
    /// What starts it: its prefetch and itself.
    var startMethods: [Method] {
        var consume = self.consume
        consume.queue = queueName
        return consume.noAck
            ? [.basicConsume(consume)] : [.basicQos(BasicQos(prefetchCount: prefetch)), .basicConsume(consume)]
    }
}
