import AMQPWire
import Names

extension Channel {
    /// Asks for one message; nil when the queue is empty. A consumer is the better way to receive many.
    ///
    /// Errors as in the topology operations. When the task is cancelled before the answer, the message is requeued.
    public func get(_ queue: some NameConvertible, noAck: Bool = false) async throws(ClientError) -> GetResult? {
        let reply = try await core.call(.basicGet(BasicGet(queue: queue.asName, noAck: noAck)))
        switch reply.method {
        case .basicGetOk(let ok):
            guard let content = reply.content, let epoch = reply.epoch else { throw reply.mismatch }
            let delivery = Delivery(
                body: content.body,
                properties: content.properties,
                deliveryTag: ok.deliveryTag,
                names: DeliveryNames(consumerTag: "", exchange: ok.exchange, routingKey: ok.routingKey),
                channel: core,
                epoch: epoch,
                redelivered: ok.redelivered,
                noAck: noAck,
                droppedBytes: content.droppedBytes
            )
            return GetResult(delivery: delivery, messageCount: ok.messageCount)
        default:
            return nil
        }
    }

    /// Starts a consumer with a prefetch of its own: no more than `prefetch` deliveries are unsettled at a time, and no
    /// more are buffered. With `noAck`, or a prefetch of 0, reading from the socket pauses while the application is
    /// behind by 1,024 deliveries or `ConnectionConfiguration.consumerBufferSize`, and with it everything else on this
    /// connection: give such a consumer a connection of its own. It pauses, too, where a broker sends more than it was
    /// asked for.
    ///
    /// An empty tag lets the client choose one. Errors as in the topology operations.
    public func consume(
        _ queue: some NameConvertible,
        tag: some NameConvertible = "",
        noAck: Bool = false,
        exclusive: Bool = false,
        arguments: FieldTable = [:],
        prefetch: UInt16 = 100
    ) async throws(ClientError) -> Consumer {
        let tag = tag.asName.isEmpty ? core.makeConsumerTag() : tag.asName
        let consume = BasicConsume(
            queue: queue.asName,
            consumerTag: tag,
            noAck: noAck,
            exclusive: exclusive,
            arguments: arguments
        )
        return Consumer(try await core.consume(consume, prefetch: prefetch))
    }
}
