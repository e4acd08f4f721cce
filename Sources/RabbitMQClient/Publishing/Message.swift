import AMQPWire
import NIOCore
import Names

/// A message to be published, as a value: for batches, and for a `Publisher`.
public struct Message: Sendable, Hashable {
    public var body: ByteBuffer
    /// Nil takes the publisher's exchange; on a channel, the default exchange.
    public var exchange: Name?
    public var routingKey: Name
    public var properties: BasicProperties
    /// Whether it comes back when no queue takes it. Nil takes the publisher's choice; on a channel, false.
    public var mandatory: Bool?

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

    /// A message of these bytes, such as `"text".utf8`.
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

    /// As it leaves, with these choices where it has none of its own.
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
