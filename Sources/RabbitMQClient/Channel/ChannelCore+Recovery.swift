import AMQPWire
import NIOCore
import Names

// The channel when its connection is lost and recovers.
extension ChannelCore {
    /// Suspends the channel of a lost connection that will recover: further requests wait from now on, and consumers
    /// continue when everything is restored. Returns a closure that fails those who wait for a reply; nil when the
    /// channel ends anyway because it was being opened or closed.
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

    /// Prepares the channel for a new socket. Returns false if the application closed the channel in between, or the
    /// socket is lost again.
    func beginRestoring(frameMax: UInt32) -> Bool {
        state.withLockedValue { state in
            // If the new socket is already lost, its end would not be reported to this epoch; a later end is.
            guard state.isSuspended, connection.hasOpenSocket else { return false }
            state.machine = ChannelMachine()
            state.frameMax = frameMax
            // The prepared frames may be too large for the new connection.
            state.template = nil
            return true
        }
    }

    /// The methods that give a new channel the settings of this one.
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

    /// The consumers to restore, in the order in which they were started. A consumer whose `basic.consume` has no reply
    /// yet is requested again by that call once the connection is back.
    var consumersToRestore: [ConsumerQueue] {
        state.withLockedValue { $0.isSuspended ? $0.consumers.values.filter(\.isEstablished) : [] }
            .sorted { ($0.tag.count, $0.tag) < ($1.tag.count, $1.tag) }
    }

    /// Starts a consumer again. If the application ended it in the meantime, it is cancelled on the broker.
    func restore(_ consumer: ConsumerQueue, isRestoring: Bool = true) async throws(ClientError) {
        guard let last = await call(consumer.startMethods, isRestoring: isRestoring).last else { return }
        _ = try last.get()
        if state.withLockedValue({ $0.consumers[consumer.tag] }) !== consumer {
            append(.basicCancel(BasicCancel(consumerTag: consumer.tag, noWait: true)))
        }
    }

    /// Ends a consumer that cannot be restored.
    func fail(_ consumer: ConsumerQueue, _ error: ClientError) {
        state.withLockedValue { state in
            if state.consumers[consumer.tag] === consumer { state.consumers[consumer.tag] = nil }
        }
        consumer.ended(.failed(error), keepsBuffer: false)
        connection.consumerEnded(consumer)
    }

    /// Resumes the application's requests after everything is restored. Does nothing if the connection was lost again
    /// in the meantime.
    func resume() {
        let closed: CloseReason? = state.withLockedValue { state in
            if state.machine.isOpen { state.isSuspended = false }
            // The broker closed the channel again during recovery, while no request was pending.
            guard state.isSuspended, case .closed(let reason) = state.machine.state else { return nil }
            return reason
        }
        if let closed, connection.hasOpenSocket { endRestoring(closed) }
    }

    /// Ends a suspended channel because the connection returns without it or does not return. Does nothing to a channel
    /// that is not suspended.
    func endRestoring(_ reason: CloseReason) { _ = endRestoring(reason, where: { _ in true }) }

    /// Closes the channel if there is no socket, or if nothing was sent for it on a new one. Returns false if a close
    /// must be sent to the broker.
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
        // Before its number belongs to another channel: frames with that number are no longer for this one.
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
    /// Whether the handshake on the current socket is complete and no end of it was reported.
    fileprivate var hasOpenSocket: Bool {
        state.withLockedValue { if case .open = $0.machine.state { true } else { false } }
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
