import AMQPWire
import NIOCore
import Names

/// A message to be published, for batches and for a `Publisher`.
public struct Message: Sendable, Hashable {
    /// The body.
    public var body: ByteBuffer
    /// The exchange. Nil uses the publisher's exchange, or the default exchange when published on a channel.
    public var exchange: Name?
    /// The routing key.
    public var routingKey: Name
    /// The message properties.
    public var properties: BasicProperties
    /// Whether the broker returns the message when no queue takes it. Nil uses the publisher's setting, or false when
    /// published on a channel.
    public var mandatory: Bool?

    /// Creates a message.
    public init(
        _ body: ByteBuffer,
        exchange: Name? = nil,
        routingKey: some NameConvertible,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool? = nil
    ) {
        self.body = body
        self.exchange = exchange
        self.routingKey = routingKey.asName
        self.properties = properties
        self.mandatory = mandatory
    }

    /// Creates a message from bytes, such as `"text".utf8`.
    public init(
        _ body: some Sequence<UInt8>,
        exchange: Name? = nil,
        routingKey: some NameConvertible,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool? = nil
    ) {
        self.init(
            ByteBuffer(bytes: body),
            exchange: exchange,
            routingKey: routingKey,
            properties: properties,
            mandatory: mandatory
        )
    }

    /// Returns the message as it is sent, with these values where it has none of its own.
    func outgoing(exchange: Name = "", mandatory: Bool = false) -> OutgoingMessage {
        OutgoingMessage(
            body: body,
            exchange: self.exchange ?? exchange,
            routingKey: routingKey,
            properties: properties,
            mandatory: self.mandatory ?? mandatory
        )
    }
}
