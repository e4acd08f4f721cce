import AMQPWire
import NIOCore

// Sending calls and receiving their replies.
extension RPCClient {
    static let cancelled = ClientError(.cancelled, "The call was cancelled; its request may still be carried out.")
    static let closed = ClientError(
        .channelClosed, "The RPC client was closed.", advice: "Make another.")
    static let overdue = ClientError(
        .timeout,
        "No reply came in time; the request may still be carried out.",
        advice: "Check that a server consumes from the queue, and how long it takes."
    )

    // MARK: Calls

    /// Ends a call with an error, unless it has already ended.
    func end(_ id: RPCMachine.CallID, _ error: ClientError) {
        finish(id, .failure(error))
    }

    private func finish(_ id: RPCMachine.CallID, _ result: Result<RPCReply, ClientError>) {
        let waiter = state.withLockedValue { state in
            _ = state.machine.ended(id)
            return state.calls.removeValue(forKey: id)
        }
        waiter?.resume(result)
    }

    func send(_ id: RPCMachine.CallID, _ request: OutgoingMessage) async {
        do throws(ClientError) {
            let core = try await linked().core
            let sequence = try await core.publishConfirmed(request)
            state.withLockedValue { $0.machine.sent(id, channel: core.id, epoch: core.epoch) }
            // A loss before this point found no sent call of this epoch to end; the confirm reports it.
            try await core.awaitConfirm(sequence)
        } catch {
            end(id, error)
        }
    }

    private func received(_ delivery: Delivery) {
        let id = state.withLockedValue { $0.machine.replyReceived(delivery.properties.correlationID) }
        guard let id else { return }
        finish(id, .success(RPCReply(delivery.body, properties: delivery.properties)))
    }

    // MARK: The link

    /// Returns the channel to send on, once its consumer has started. Calls that find none wait for the same one.
    private func linked() async throws(ClientError) -> Channel {
        enum Way {
            case linked(Channel)
            case linking(Task<Linked, Never>)
            case closed
        }
        let way: Way = state.withLockedValue { state in
            if state.isClosed { return .closed }
            if let channel = state.link?.channel, channel.isOpen { return .linked(channel) }
            if let linking = state.linking { return .linking(linking) }
            // Without a parent: it is for all calls, and outlasts the cancelled one that began it.
            let linking = Task { await self.makeLink() }
            state.linking = linking
            return .linking(linking)
        }
        switch way {
        case .linked(let channel): return channel
        case .closed: throw Self.closed
        case .linking(let task):
            let linked = await task.value
            if let channel = linked.channel { return channel }
            throw linked.error ?? Self.closed
        }
    }

    private func makeLink() async -> Linked {
        var linked = Linked()
        do throws(ClientError) {
            let channel = try await source.channel()
            let consumer = try await channel.consume(ConsumerQueue.directReplyTo, noAck: true)
            // Without a parent: both live as long as the channel or the client, not the call. `close`, `deinit` and the
            // next link cancel them.
            let link = Link(
                channel: channel,
                receiver: Task { [weak self] in await Self.receive(consumer) { self } },
                watcher: Task { [weak self] in await Self.watch(channel) { self } }
            )
            let old = state.withLockedValue { state in
                state.linking = nil
                defer { state.link = state.isClosed ? nil : link }
                return state.isClosed ? link : state.link
            }
            old?.receiver.cancel()
            old?.watcher.cancel()
            linked.channel = channel
        } catch {
            state.withLockedValue { $0.linking = nil }
            linked.error = error
        }
        return linked
    }

    /// Receives replies until the consumer ends; then nothing sent on its channel will be answered.
    private static func receive(_ consumer: Consumer, _ client: () -> RPCClient?) async {
        var last: ClientError?
        do throws(ClientError) {
            for try await delivery in consumer { client()?.received(delivery) }
        } catch {
            last = error
        }
        client()?.linkEnded(consumer.queue.channel, last)
    }

    /// Checks after each loss of the connection which calls can no longer be answered.
    private static func watch(_ channel: Channel, _ client: () -> RPCClient?) async {
        for await _ in channel.core.connection.states() {
            guard let client = client() else { return }
            let lost = client.state.withLockedValue { $0.machine.lost(channel.core.id, before: channel.core.epoch) }
            for id in lost {
                client.end(
                    id,
                    ClientError(
                        .indeterminate,
                        "The connection was lost before the reply came; the request may have been carried out.",
                        advice: "Call again if the request may be carried out twice."
                    )
                )
            }
        }
    }

    private func linkEnded(_ core: ChannelCore, _ error: ClientError?) {
        let (lost, link) = state.withLockedValue { state -> ([RPCMachine.CallID], Link?) in
            let lost = state.machine.closed(core.id)
            // Another link may already have replaced it.
            guard let link = state.link, link.channel.core === core else { return (lost, nil) }
            state.link = nil
            return (lost, link)
        }
        link?.watcher.cancel()
        // Without its consumer the channel is of no use, if it belongs to the client.
        if source.reopens { link?.channel.abandon() }
        let reason = error?.closeReason ?? core.closeReason
        for id in lost {
            end(
                id,
                ClientError(
                    .indeterminate,
                    "The channel for replies ended before the reply came (\(reason?.description ?? "consumer cancelled")); "
                        + "the request may have been carried out.",
                    advice: "Call again if the request may be carried out twice.",
                    closeReason: reason
                )
            )
        }
    }
}
