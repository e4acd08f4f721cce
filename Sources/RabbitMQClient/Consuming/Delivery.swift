import AMQPWire
import NIOCore

/// A message that the broker delivered to a consumer.
public struct Delivery: Sendable {
    /// The body: a slice of what was read from the socket. Copy it if you keep it for long.
    public let body: ByteBuffer
    public let properties: BasicProperties
    /// The exchange it was published to; empty for the default exchange.
    public let exchange: String
    public let routingKey: String
    /// Whether it was delivered before, to this or another consumer.
    public let redelivered: Bool
    /// Its number on the channel, valid while the channel lives.
    public let deliveryTag: UInt64
    /// The consumer it came to; empty for `Channel.get`.
    public let consumerTag: String
    let noAck: Bool
    let channel: ChannelCore

    /// Tells the broker that the message is done with; with `multiple` all before it on this channel too.
    ///
    /// Throws `.alreadySettled`, `.staleDelivery` (the channel is closed) or `.notAcknowledgeable`; the broker hears
    /// nothing of it then.
    public func ack(multiple: Bool = false) throws(ClientError) {
        try channel.settle(self, .basicAck(BasicAck(deliveryTag: deliveryTag, multiple: multiple)), multiple: multiple)
    }

    /// Refuses the message, with `multiple` all before it on this channel too: it goes back to its queue, or without
    /// `requeue` to the dead-letter exchange or nowhere. Throws as `ack` does.
    public func nack(multiple: Bool = false, requeue: Bool = true) throws(ClientError) {
        let method = Method.basicNack(BasicNack(deliveryTag: deliveryTag, multiple: multiple, requeue: requeue))
        try channel.settle(self, method, multiple: multiple)
    }

    /// Refuses this one message. Throws as `ack` does.
    public func reject(requeue: Bool = true) throws(ClientError) {
        let method = Method.basicReject(BasicReject(deliveryTag: deliveryTag, requeue: requeue))
        try channel.settle(self, method, multiple: false)
    }
}

/// The answer to `Channel.get`.
public struct GetResult: Sendable {
    /// The message, to be settled unless it was asked for with `noAck`.
    public let delivery: Delivery
    /// How many messages were ready in the queue behind it.
    public let messageCount: UInt32
}
