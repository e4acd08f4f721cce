import AMQPWire
import DequeModule
import NIOCore
import Names

extension ChannelCore {
    func makeConsumerTag() -> Name {
        let next = state.withLockedValue { $0.consuming.makeNumber() }
        return "rabbitmq-client-\(connection.id)-\(id)-\(next)"
    }

    /// Sends qos and consume together. The consumer is registered before the first delivery can arrive.
    func consume(_ consume: BasicConsume, prefetch: UInt16) async throws(ClientError) -> ConsumerQueue {
        let method = Method.basicConsume(consume)
        if Task.isCancelled { throw .cancelled(method) }
        let queueName = connection.queueName(consume.queue, on: self)
        let queue = ConsumerQueue(consume, queueName: queueName, prefetch: prefetch, channel: self)
        guard state.withLockedValue({ $0.consuming.add(queue) }) else {
            throw ClientError(.invalidArgument, "Consumer tag '\(queue.tag)' is in use on this channel.")
        }
        switch await call(queue.startMethods).last {
        case .success(let reply):
            guard case .basicConsumeOk = reply.method else { throw reply.mismatch }
            connection.consumerStarted(queue)
            return queue
        case .failure(let error):
            // After a timeout or a cancellation the broker may still start the consumer: the late reply finds it here
            // and cancels it.
            if !queue.isRequested || error.code != .timeout && error.code != .cancelled {
                state.withLockedValue { $0.consuming.remove(queue) }
            }
            throw error
        case nil:
            throw .cancelled(method)
        }
    }

    /// Ends a consumer without waiting; prefetched messages are requeued once the broker has processed the cancel.
    func cancelConsumer(_ queue: ConsumerQueue) {
        requestCancel(queue, waiter: nil)
    }

    func cancelConsumerAndWait(_ queue: ConsumerQueue) async throws(ClientError) {
        // Completed also when the task is cancelled: the broker's answer, or the deadline, comes soon.
        let result: Result<Reply, ClientError> = await Waiter.wait { waiter in
            requestCancel(queue, waiter: .one(waiter))
            return nil
        } cancelled: { _ in
        }
        if case .failure(let error) = result, error.code == .timeout { throw error }
    }

    /// The cancel is sent before the requeued deliveries, so that they are not delivered to the same consumer again.
    private func requestCancel(_ queue: ConsumerQueue, waiter: ReplyWaiter?) {
        let done = Reply(method: .basicCancelOk(BasicCancelOk(consumerTag: queue.tag)))
        guard let items = queue.cancelRequested() else {
            waiter?.resume(.success(done))
            return
        }
        let cancel = Method.basicCancel(BasicCancel(consumerTag: queue.tag))
        let readsStream = queue.readsStream
        let started = state.withLockedValue { state in
            let id = WaiterIDs.next()
            // During a recovery the broker may already have the consumer again; it also replies to the cancel of an
            // unknown tag.
            let started = start(id, cancel, waiter, isRestoring: state.machine.isOpen, &state)
            for item in items { giveBack(item.deliveryTag, toStream: readsStream, &state) }
            return started
        }
        switch started {
        case .success(let wake): if wake { connection.wake() }
        case .failure(.suspended):
            // The broker dropped the consumer with the connection, and recovery does not start it again.
            state.withLockedValue { $0.consuming.remove(queue) }
            queue.ended(.finished, keepsBuffer: false)
            connection.consumerEnded(queue)
            waiter?.resume(.success(done))
        case .failure(let error): waiter?.resume(.failure(error))
        }
    }

    /// A stream does not requeue, and on a reject the broker closes the connection (540): an ack has the same effect.
    private func giveBack(_ tag: UInt64, toStream: Bool, _ state: inout State) {
        guard state.machine.isReceiving,
            case .send = state.consuming.deliveries.settle(tag, multiple: false, transactional: false)
        else { return }
        state.record.settled(1, rejects: !toStream)
        append(
            toStream
                ? .basicAck(BasicAck(deliveryTag: tag)) : .basicReject(BasicReject(deliveryTag: tag, requeue: true)))
    }

    // MARK: Settling

    /// Settles a delivery once, and only in the epoch in which it arrived.
    func settle(
        _ delivery: Delivery, _ method: Method, multiple: Bool
    ) throws(ClientError) -> Delivery.Settlement {
        guard !delivery.noAck else {
            throw ClientError(
                .notAcknowledgeable, "Delivery \(delivery.deliveryTag) was delivered without acknowledgement.")
        }
        let number = self.number
        let result: Result<Bool, ClientError>? = state.withLockedValue { state in
            if delivery.epoch != state.consuming.epoch { return nil }
            if let reason = state.machine.closeReason {
                return .failure(
                    ClientError(
                        .staleDelivery,
                        "Delivery \(delivery.deliveryTag) belongs to a closed channel (\(reason)).",
                        advice: "Do nothing: the message will be delivered again.",
                        closeReason: reason
                    )
                )
            }
            let transactional = state.settings.isTransactional
            switch state.consuming.deliveries.settle(
                delivery.deliveryTag, multiple: multiple, transactional: transactional)
            {
            case .alreadySettled:
                return .failure(
                    ClientError(.alreadySettled, "Delivery \(delivery.deliveryTag) was settled before.")
                )
            case .send(let count):
                state.record.settled(count, rejects: method.rejects)
            }
            state.settings.worked()
            let written = connection.outbox.append(frames: 1) { buffer throws(WireError) in
                try buffer.writeFrame(channel: number, method)
            }
            return written.mapError { ClientError(.invalidArgument, "\($0)") }
        }
        guard let result else { return .stale }
        if try result.get() { connection.wake() }
        return .sent
    }

    // MARK: Receiving

    /// Handles a message for a consumer. Runs on the event loop.
    func delivered(_ deliver: BasicDeliver, _ content: Content) -> Verdict {
        let (consumer, epoch) = consumer(deliver.consumerTag)
        var deliveries: Deque = [
            Delivery(
                body: content.body,
                properties: content.properties,
                deliveryTag: deliver.deliveryTag,
                names: DeliveryNames(
                    consumerTag: deliver.consumerTag, exchange: deliver.exchange, routingKey: deliver.routingKey),
                channel: self,
                epoch: epoch,
                redelivered: deliver.redelivered,
                noAck: consumer?.noAck ?? false,
                droppedBytes: content.droppedBytes
            )
        ]
        return delivered(&deliveries, to: consumer, epoch: epoch)
    }

    /// Returns the consumer of a tag and the current epoch of the channel.
    func consumer(_ tag: Name) -> (queue: ConsumerQueue?, epoch: UInt32) {
        state.withLockedValue { ($0.consuming.consumers[tag], $0.consuming.epoch) }
    }

    /// Handles messages for one consumer that arrived together; removes them from `deliveries`. Runs on the event loop.
    func delivered(_ deliveries: inout Deque<Delivery>, to consumer: ConsumerQueue?, epoch: UInt32) -> Verdict {
        defer { deliveries.removeAll(keepingCapacity: true) }
        var violation: UInt64?
        let isHeard: Bool = state.withLockedValue { state in
            guard state.machine.isReceiving, state.consuming.epoch == epoch else { return false }
            let needsSettlement = consumer.map { !$0.noAck } ?? true
            // Direct replies carry the delivery tag of the next delivery without using it (RabbitMQ: rabbit_channel,
            // deliver_reply).
            var count = consumer?.takesDirectReplies == true ? deliveries.count : 0
            while count < deliveries.count {
                let tag = deliveries[count].deliveryTag
                guard state.consuming.deliveries.delivered(tag, needsSettlement: needsSettlement) else {
                    violation = tag
                    break
                }
                count += 1
            }
            state.record.counts.delivered += UInt64(count)
            deliveries.removeLast(deliveries.count - count)
            return true
        }
        guard isHeard else { return .none }
        consumer?.delivered(&deliveries)
        if !deliveries.isEmpty, !(consumer?.noAck ?? false) {
            // Their consumer was ended by the client while they were in transit.
            let readsStream = consumer?.readsStream ?? false
            state.withLockedValue { state in
                for delivery in deliveries { giveBack(delivery.deliveryTag, toStream: readsStream, &state) }
            }
        }
        guard let violation else { return .none }
        return .violation(.commandInvalid, "delivery tag \(violation)", MethodID.basicDeliver)
    }

    /// The broker cancelled a consumer, for example because its queue was deleted. Earlier deliveries can still be
    /// taken and settled.
    func consumerCancelled(_ cancel: BasicCancel) {
        let consumer: ConsumerQueue? = state.withLockedValue { state in
            state.machine.isReceiving ? state.consuming.remove(cancel.consumerTag) : nil
        }
        if !cancel.noWait { append(.basicCancelOk(BasicCancelOk(consumerTag: cancel.consumerTag))) }
        guard let consumer else { return }
        connection.consumerEnded(consumer)
        connection.note(.consumerCancelled(tag: consumer.tag, queue: consumer.queueName), channel: number)
        let error = ClientError(
            .consumerCancelled,
            "The broker cancelled consumer '\(consumer.tag)': queue '\(consumer.queueName)' was deleted or is unavailable."
        )
        consumer.ended(.failed(error), keepsBuffer: true)
    }
}

extension Method {
    /// Whether it rejects or requeues deliveries.
    fileprivate var rejects: Bool {
        switch self {
        case .basicNack, .basicReject: true
        default: false
        }
    }
}
