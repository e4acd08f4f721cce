public import AMQPWire
public import NIOCore
public import Names
import RabbitMQClient

/// A message as its queue delivered it.
public struct TakenMessage: Sendable, Hashable {
    /// The exchange that it was published to; empty for the default exchange.
    public var exchange: Name
    /// The routing key that it was published with.
    public var routingKey: Name
    /// Its properties, with those headers that the broker added.
    public var properties: BasicProperties
    /// Its body.
    public var body: ByteBuffer
    /// Whether it was delivered before.
    public var redelivered: Bool

    /// Creates a message.
    public init(
        exchange: Name = "", routingKey: Name, properties: BasicProperties = BasicProperties(),
        body: ByteBuffer = ByteBuffer(), redelivered: Bool = false
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.body = body
        self.redelivered = redelivered
    }

    init(_ delivery: Delivery) {
        self.init(
            exchange: delivery.exchange, routingKey: delivery.routingKey, properties: delivery.properties,
            body: delivery.body, redelivered: delivery.redelivered)
    }

    /// How often a quorum queue has delivered it before; nil if the queue does not say. What is not there was not
    /// counted yet.
    public var deliveryCount: Int? { properties.headers?[BrokerHeader.deliveryCount]?.intValue }

    /// The size of the body and of the properties, in bytes, about.
    var size: Int { body.readableBytes + 64 + (properties.headers?.count ?? 0) * 64 }
}

/// The headers that a queue adds to what it delivers. They are no part of the message.
enum BrokerHeader {
    static let deliveryCount = "x-delivery-count"
    static let acquiredCount = "x-acquired-count"
    static let streamOffset = "x-stream-offset"

    static func isOfDelivery(_ key: Name) -> Bool {
        key == deliveryCount || key == acquiredCount || key == streamOffset
    }
}
