import AMQPWire
import NIOCore
import Names

/// A message that the broker delivered to a consumer.
public struct Delivery: Sendable {
    /// The body: a slice of what was read from the socket. Copy it if you keep it for long.
    public let body: ByteBuffer
    public let properties: BasicProperties
    /// Its number on the channel, valid while the channel lives.
    public let deliveryTag: UInt64
    /// Shared with other deliveries of the same names.
    let names: DeliveryNames
    let channel: ChannelCore
    /// Which of the channel's lives it came in; its tag means nothing in another.
    let epoch: UInt32
    /// Whether it was delivered before, to this or another consumer.
    public let redelivered: Bool
    let noAck: Bool
    /// Bytes at the body's end that were not kept: `ConnectionConfiguration.keptBodySize`.
    package var droppedBytes = 0

    /// The exchange it was published to; empty for the default exchange.
    public var exchange: Name { names.exchange }
    public var routingKey: Name { names.routingKey }
    /// The consumer it came to; empty for `Channel.get`.
    public var consumerTag: Name { names.consumerTag }

    /// What became of an answer to a delivery.
    public enum Settlement: Sendable, Hashable {
        /// It is on its way to the broker.
        case sent
        /// Nothing was sent: the connection was lost and came back since, and the broker delivers the message again.
        case stale
    }

    /// Tells the broker that the message is done with; with `multiple` all before it on this channel too.
    ///
    /// Throws `.alreadySettled`, `.staleDelivery` (the channel is closed) or `.notAcknowledgeable`; the broker hears
    /// nothing of it then, nor of a delivery from before the connection's recovery, which is no error.
    @discardableResult
    public func ack(multiple: Bool = false) throws(ClientError) -> Settlement {
        return try channel.settle(
            self, .basicAck(BasicAck(deliveryTag: deliveryTag, multiple: multiple)), multiple: multiple)
    }

    /// Refuses the message, with `multiple` all before it on this channel too: it goes back to its queue, or without
    /// `requeue` to the dead-letter exchange or nowhere. Throws as `ack` does.
    @discardableResult
    public func nack(multiple: Bool = false, requeue: Bool = true) throws(ClientError) -> Settlement {
        let method = Method.basicNack(BasicNack(deliveryTag: deliveryTag, multiple: multiple, requeue: requeue))
        return try channel.settle(self, method, multiple: multiple)
    }

    /// Refuses this one message. Throws as `ack` does.
    @discardableResult
    public func reject(requeue: Bool = true) throws(ClientError) -> Settlement {
        let method = Method.basicReject(BasicReject(deliveryTag: deliveryTag, requeue: requeue))
        return try channel.settle(self, method, multiple: false)
    }
}

/// The answer to `Channel.get`.
public struct GetResult: Sendable {
    /// The message, to be settled unless it was asked for with `noAck`.
    public let delivery: Delivery
    /// How many messages were ready in the queue behind it.
    public let messageCount: UInt32
}
