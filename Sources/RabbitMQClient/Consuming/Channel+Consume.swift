import AMQPWire
import Names

extension Channel {
    /// Fetches one message (`basic.get`); nil if the queue is empty. To receive many messages use a consumer.
    ///
    /// Throws as `declareQueue` does. If the task is cancelled before the reply arrives, the message is requeued.
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

    /// Starts a consumer with its own prefetch: at most `prefetch` deliveries are unsettled, and therefore buffered, at
    /// a time.
    ///
    /// With `noAck`, or a prefetch of 0, the client pauses reading from the socket while the application is behind by
    /// 1,024 deliveries or `ConnectionConfiguration.consumerBufferSize`. That also stops everything else on this
    /// connection: give such a consumer a connection of its own. Reading also pauses if a broker sends more than the
    /// prefetch allows.
    ///
    /// With an empty tag the client chooses one. Throws as `declareQueue` does.
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
