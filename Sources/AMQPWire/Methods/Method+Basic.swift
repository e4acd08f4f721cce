import NIOCore
import Names

// The methods of class `basic` (60) that have arguments. Reserved arguments are written as empty and skipped when read
// (AMQP 0-9-1 specification, section 1.4; RabbitMQ extensions as in its protocol documentation).

/// `basic.qos`. Limits unsettled deliveries: of each new consumer, or with `isGlobal` of the channel (RabbitMQ:
/// consumer prefetch).
public struct BasicQos: Hashable, Sendable {
    /// The limit of unsettled deliveries in bytes; 0 is unlimited. RabbitMQ does not implement other values.
    public var prefetchSize: UInt32
    /// The maximum number of unsettled deliveries; 0 is unlimited.
    public var prefetchCount: UInt16
    /// Whether the limit applies to the whole channel instead of each new consumer (RabbitMQ).
    public var isGlobal: Bool

    /// Creates the method.
    public init(prefetchSize: UInt32 = 0, prefetchCount: UInt16 = 0, isGlobal: Bool = false) {
        self.prefetchSize = prefetchSize
        self.prefetchCount = prefetchCount
        self.isGlobal = isGlobal
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        prefetchSize = try reader.long()
        prefetchCount = try reader.short()
        let bits = try reader.octet()
        isGlobal = bits & 1 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(prefetchSize)
        buffer.writeInteger(prefetchCount)
        buffer.writeInteger(isGlobal ? 1 : 0, as: UInt8.self)
    }
}

/// `basic.consume`. Starts a consumer.
public struct BasicConsume: Hashable, Sendable {
    /// The name of the queue; empty for the one that the channel declared last.
    public var queue: Name
    /// The consumer tag; with an empty one the broker chooses.
    public var consumerTag: Name
    /// Whether messages published on the same connection are not delivered; RabbitMQ ignores it.
    public var noLocal: Bool
    /// Whether deliveries need no acknowledgement.
    public var noAck: Bool
    /// Whether no other consumer may use the queue.
    public var exclusive: Bool
    /// Whether the peer sends no reply.
    public var noWait: Bool
    /// Optional arguments.
    public var arguments: FieldTable

    /// Creates the method.
    public init(
        queue: Name = "",
        consumerTag: Name = "",
        noLocal: Bool = false,
        noAck: Bool = false,
        exclusive: Bool = false,
        noWait: Bool = false,
        arguments: FieldTable = [:]
    ) {
        self.queue = queue
        self.consumerTag = consumerTag
        self.noLocal = noLocal
        self.noAck = noAck
        self.exclusive = exclusive
        self.noWait = noWait
        self.arguments = arguments
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        _ = try reader.short()
        queue = try reader.name()
        consumerTag = try reader.name()
        let bits = try reader.octet()
        noLocal = bits & 1 != 0
        noAck = bits & 2 != 0
        exclusive = bits & 4 != 0
        noWait = bits & 8 != 0
        arguments = try reader.table()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(0, as: UInt16.self)
        try buffer.writeName(queue)
        try buffer.writeName(consumerTag)
        let bits: UInt8 = (noLocal ? 1 : 0) | (noAck ? 2 : 0) | (exclusive ? 4 : 0) | (noWait ? 8 : 0)
        buffer.writeInteger(bits)
        try buffer.writeTable(arguments)
    }
}

/// `basic.consume-ok`. Confirms that the consumer was started.
public struct BasicConsumeOk: Hashable, Sendable {
    /// The consumer tag, unique on its channel.
    public var consumerTag: Name

    /// Creates the method.
    public init(consumerTag: Name = "") {
        self.consumerTag = consumerTag
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        consumerTag = try reader.name()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        try buffer.writeName(consumerTag)
    }
}

/// `basic.cancel`. Ends a consumer; from the broker: the consumer's queue was deleted (RabbitMQ: consumer cancel
/// notification).
public struct BasicCancel: Hashable, Sendable {
    /// The consumer tag, unique on its channel.
    public var consumerTag: Name
    /// Whether the peer sends no reply.
    public var noWait: Bool

    /// Creates the method.
    public init(consumerTag: Name = "", noWait: Bool = false) {
        self.consumerTag = consumerTag
        self.noWait = noWait
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        consumerTag = try reader.name()
        let bits = try reader.octet()
        noWait = bits & 1 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        try buffer.writeName(consumerTag)
        buffer.writeInteger(noWait ? 1 : 0, as: UInt8.self)
    }
}

/// `basic.cancel-ok`. Confirms that the consumer was ended.
public struct BasicCancelOk: Hashable, Sendable {
    /// The consumer tag, unique on its channel.
    public var consumerTag: Name

    /// Creates the method.
    public init(consumerTag: Name = "") {
        self.consumerTag = consumerTag
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        consumerTag = try reader.name()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        try buffer.writeName(consumerTag)
    }
}

/// `basic.publish`. Publishes the content that follows.
public struct BasicPublish: Hashable, Sendable {
    /// The name of the exchange; empty for the default exchange.
    public var exchange: Name
    /// The routing key.
    public var routingKey: Name
    /// Whether the broker returns the message if no queue takes it.
    public var mandatory: Bool
    /// Whether the broker returns the message if no consumer takes it at once; RabbitMQ does not implement it (540).
    public var immediate: Bool

    /// Creates the method.
    public init(exchange: Name = "", routingKey: Name = "", mandatory: Bool = false, immediate: Bool = false) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.mandatory = mandatory
        self.immediate = immediate
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        _ = try reader.short()
        exchange = try reader.name()
        routingKey = try reader.name()
        let bits = try reader.octet()
        mandatory = bits & 1 != 0
        immediate = bits & 2 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(0, as: UInt16.self)
        try buffer.writeName(exchange)
        try buffer.writeName(routingKey)
        let bits: UInt8 = (mandatory ? 1 : 0) | (immediate ? 2 : 0)
        buffer.writeInteger(bits)
    }
}

/// `basic.return`. Returns the content that follows to its publisher.
public struct BasicReturn: Hashable, Sendable {
    /// The reason: 312 NO_ROUTE, or 313 NO_CONSUMERS.
    public var replyCode: ReplyCode
    /// The reply text.
    public var replyText: String
    /// The exchange that the message was published to.
    public var exchange: Name
    /// The routing key that the message was published with.
    public var routingKey: Name

    /// Creates the method.
    public init(
        replyCode: ReplyCode = .success,
        replyText: String = "",
        exchange: Name = "",
        routingKey: Name = ""
    ) {
        self.replyCode = replyCode
        self.replyText = replyText
        self.exchange = exchange
        self.routingKey = routingKey
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        replyCode = ReplyCode(rawValue: try reader.short())
        replyText = try reader.shortString()
        exchange = try reader.name()
        routingKey = try reader.name()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(replyCode.rawValue)
        try buffer.writeShortString(replyText)
        try buffer.writeName(exchange)
        try buffer.writeName(routingKey)
    }
}

/// `basic.deliver`. Delivers the content that follows to a consumer.
public struct BasicDeliver: Hashable, Sendable {
    /// The consumer tag, unique on its channel.
    public var consumerTag: Name
    /// The delivery tag.
    public var deliveryTag: UInt64
    /// Whether the message was delivered before.
    public var redelivered: Bool
    /// The exchange that the message was published to.
    public var exchange: Name
    /// The routing key that the message was published with.
    public var routingKey: Name

    /// Creates the method.
    public init(
        consumerTag: Name = "",
        deliveryTag: UInt64 = 0,
        redelivered: Bool = false,
        exchange: Name = "",
        routingKey: Name = ""
    ) {
        self.consumerTag = consumerTag
        self.deliveryTag = deliveryTag
        self.redelivered = redelivered
        self.exchange = exchange
        self.routingKey = routingKey
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        consumerTag = try reader.name()
        deliveryTag = try reader.longLong()
        let bits = try reader.octet()
        redelivered = bits & 1 != 0
        exchange = try reader.name()
        routingKey = try reader.name()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        try buffer.writeName(consumerTag)
        buffer.writeInteger(deliveryTag)
        buffer.writeInteger(redelivered ? 1 : 0, as: UInt8.self)
        try buffer.writeName(exchange)
        try buffer.writeName(routingKey)
    }
}

/// `basic.get`. Requests one message.
public struct BasicGet: Hashable, Sendable {
    /// The name of the queue; empty for the one that the channel declared last.
    public var queue: Name
    /// Whether the message needs no acknowledgement.
    public var noAck: Bool

    /// Creates the method.
    public init(queue: Name = "", noAck: Bool = false) {
        self.queue = queue
        self.noAck = noAck
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        _ = try reader.short()
        queue = try reader.name()
        let bits = try reader.octet()
        noAck = bits & 1 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(0, as: UInt16.self)
        try buffer.writeName(queue)
        buffer.writeInteger(noAck ? 1 : 0, as: UInt8.self)
    }
}

/// `basic.get-ok`. Delivers the requested content, which follows.
public struct BasicGetOk: Hashable, Sendable {
    /// The delivery tag.
    public var deliveryTag: UInt64
    /// Whether the message was delivered before.
    public var redelivered: Bool
    /// The exchange that the message was published to.
    public var exchange: Name
    /// The routing key that the message was published with.
    public var routingKey: Name
    /// The number of messages still ready in the queue.
    public var messageCount: UInt32

    /// Creates the method.
    public init(
        deliveryTag: UInt64 = 0,
        redelivered: Bool = false,
        exchange: Name = "",
        routingKey: Name = "",
        messageCount: UInt32 = 0
    ) {
        self.deliveryTag = deliveryTag
        self.redelivered = redelivered
        self.exchange = exchange
        self.routingKey = routingKey
        self.messageCount = messageCount
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        deliveryTag = try reader.longLong()
        let bits = try reader.octet()
        redelivered = bits & 1 != 0
        exchange = try reader.name()
        routingKey = try reader.name()
        messageCount = try reader.long()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(deliveryTag)
        buffer.writeInteger(redelivered ? 1 : 0, as: UInt8.self)
        try buffer.writeName(exchange)
        try buffer.writeName(routingKey)
        buffer.writeInteger(messageCount)
    }
}

/// `basic.ack`. Acknowledges deliveries; from the broker: confirms publishes. Tag 0 with `multiple` means all.
public struct BasicAck: Hashable, Sendable {
    /// The delivery tag.
    public var deliveryTag: UInt64
    /// Whether all earlier deliveries, or publishes, on the channel are included.
    public var multiple: Bool

    /// Creates the method.
    public init(deliveryTag: UInt64 = 0, multiple: Bool = false) {
        self.deliveryTag = deliveryTag
        self.multiple = multiple
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        deliveryTag = try reader.longLong()
        let bits = try reader.octet()
        multiple = bits & 1 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(deliveryTag)
        buffer.writeInteger(multiple ? 1 : 0, as: UInt8.self)
    }
}

/// `basic.reject`. Rejects a delivery.
public struct BasicReject: Hashable, Sendable {
    /// The delivery tag.
    public var deliveryTag: UInt64
    /// Whether the message is requeued.
    public var requeue: Bool

    /// Creates the method.
    public init(deliveryTag: UInt64 = 0, requeue: Bool = true) {
        self.deliveryTag = deliveryTag
        self.requeue = requeue
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        deliveryTag = try reader.longLong()
        let bits = try reader.octet()
        requeue = bits & 1 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(deliveryTag)
        buffer.writeInteger(requeue ? 1 : 0, as: UInt8.self)
    }
}

/// `basic.recover-async`. Deprecated form of `basic.recover`, without a reply.
public struct BasicRecoverAsync: Hashable, Sendable {
    /// Whether the messages are requeued instead of delivered to the same consumer.
    public var requeue: Bool

    /// Creates the method.
    public init(requeue: Bool = false) {
        self.requeue = requeue
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        let bits = try reader.octet()
        requeue = bits & 1 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(requeue ? 1 : 0, as: UInt8.self)
    }
}

/// `basic.recover`. Requests redelivery of all unsettled deliveries.
public struct BasicRecover: Hashable, Sendable {
    /// Whether the messages are requeued instead of delivered to the same consumer.
    public var requeue: Bool

    /// Creates the method.
    public init(requeue: Bool = false) {
        self.requeue = requeue
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        let bits = try reader.octet()
        requeue = bits & 1 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(requeue ? 1 : 0, as: UInt8.self)
    }
}

/// `basic.nack`. Rejects one or more deliveries; from the broker: refuses publishes (RabbitMQ).
public struct BasicNack: Hashable, Sendable {
    /// The delivery tag.
    public var deliveryTag: UInt64
    /// Whether all earlier deliveries, or publishes, on the channel are included.
    public var multiple: Bool
    /// Whether the messages are requeued.
    public var requeue: Bool

    /// Creates the method.
    public init(deliveryTag: UInt64 = 0, multiple: Bool = false, requeue: Bool = true) {
        self.deliveryTag = deliveryTag
        self.multiple = multiple
        self.requeue = requeue
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        deliveryTag = try reader.longLong()
        let bits = try reader.octet()
        multiple = bits & 1 != 0
        requeue = bits & 2 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(deliveryTag)
        let bits: UInt8 = (multiple ? 1 : 0) | (requeue ? 2 : 0)
        buffer.writeInteger(bits)
    }
}
