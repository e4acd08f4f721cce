import AMQPWire
import NIOCore
import Names

/// A message that the broker delivered to a consumer.
public struct Delivery: Sendable {
    /// The body: a slice of the buffer that was read from the socket. Copy it to keep it for a long time.
    public let body: ByteBuffer
    /// The message properties.
    public let properties: BasicProperties
    /// The delivery tag, valid while the channel is open.
    public let deliveryTag: UInt64
    /// Shared with other deliveries that have the same names.
    let names: DeliveryNames
    let channel: ChannelCore
    /// The epoch of the channel in which it arrived; its tag is not valid in another one.
    let epoch: UInt32
    /// Whether the message was delivered before, to this or another consumer.
    public let redelivered: Bool
    let noAck: Bool
    /// The number of bytes at the end of the body that were not kept: `ConnectionConfiguration.keptBodySize`.
    package var droppedBytes = 0

    /// The delivery without body and properties, to settle it later.
    package var withoutContent: Delivery {
        Delivery(
            body: ByteBuffer(), properties: BasicProperties(), deliveryTag: deliveryTag, names: names,
            channel: channel, epoch: epoch, redelivered: redelivered, noAck: noAck)
    }

    /// The exchange that the message was published to; empty for the default exchange.
    public var exchange: Name { names.exchange }
    /// The routing key that the message was published with.
    public var routingKey: Name { names.routingKey }
    /// The tag of the consumer; empty for `Channel.get`.
    public var consumerTag: Name { names.consumerTag }

    /// The result of settling a delivery.
    public enum Settlement: Sendable, Hashable {
        /// The settlement is sent to the broker.
        case sent
        /// Nothing was sent: the connection was lost and recovered since, and the broker delivers the message again.
        case stale
    }

    /// Acknowledges the message; with `multiple` also all earlier ones on this channel.
    ///
    /// Throws `.alreadySettled`, `.staleDelivery` (the channel is closed) or `.notAcknowledgeable`; nothing is sent
    /// then. For a delivery from before a recovery nothing is sent either, and `.stale` is returned.
    @discardableResult
    public func ack(multiple: Bool = false) throws(ClientError) -> Settlement {
        return try channel.settle(
            self, .basicAck(BasicAck(deliveryTag: deliveryTag, multiple: multiple)), multiple: multiple)
    }

    /// Refuses the message, with `multiple` also all earlier ones on this channel. It is requeued, or without `requeue`
    /// sent to the dead-letter exchange or discarded. Throws as `ack` does.
    @discardableResult
    public func nack(multiple: Bool = false, requeue: Bool = true) throws(ClientError) -> Settlement {
        let method = Method.basicNack(BasicNack(deliveryTag: deliveryTag, multiple: multiple, requeue: requeue))
        return try channel.settle(self, method, multiple: multiple)
    }

    /// Refuses this message only. It is requeued, or without `requeue` sent to the dead-letter exchange or discarded.
    /// Throws as `ack` does.
    @discardableResult
    public func reject(requeue: Bool = true) throws(ClientError) -> Settlement {
        let method = Method.basicReject(BasicReject(deliveryTag: deliveryTag, requeue: requeue))
        return try channel.settle(self, method, multiple: false)
    }
}

/// The result of `Channel.get`.
public struct GetResult: Sendable {
    /// The message, which must be settled unless it was fetched with `noAck`.
    public let delivery: Delivery
    /// The number of messages that were still ready in the queue.
    public let messageCount: UInt32
}
