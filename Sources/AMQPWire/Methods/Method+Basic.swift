import NIOCore
import Names

// The methods of class `basic` (60) that carry arguments. Reserved arguments are written as empty and
// skipped when read (AMQP 0-9-1 specification, section 1.4; RabbitMQ extensions as its protocol documentation has them).

/// `basic.qos`. Limits what may be delivered and unsettled: for each new consumer, or with `isGlobal` for the channel (RabbitMQ: consumer prefetch).
public struct BasicQos: Hashable, Sendable {
    public var prefetchSize: UInt32
    public var prefetchCount: UInt16
    public var isGlobal: Bool

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
    public var queue: Name
    public var consumerTag: Name
    public var noLocal: Bool
    public var noAck: Bool
    public var exclusive: Bool
    public var noWait: Bool
    public var arguments: FieldTable

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

/// `basic.consume-ok`.
public struct BasicConsumeOk: Hashable, Sendable {
    public var consumerTag: Name

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

/// `basic.cancel`. Ends a consumer; from the broker: the queue has gone (RabbitMQ: consumer cancel notification).
public struct BasicCancel: Hashable, Sendable {
    public var consumerTag: Name
    public var noWait: Bool

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

/// `basic.cancel-ok`.
public struct BasicCancelOk: Hashable, Sendable {
    public var consumerTag: Name

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

/// `basic.publish`. Precedes a published content.
public struct BasicPublish: Hashable, Sendable {
    public var exchange: Name
    public var routingKey: Name
    public var mandatory: Bool
    public var immediate: Bool

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

/// `basic.return`. Precedes a content that comes back.
public struct BasicReturn: Hashable, Sendable {
    public var replyCode: ReplyCode
    public var replyText: String
    public var exchange: Name
    public var routingKey: Name

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

/// `basic.deliver`. Precedes a content for a consumer.
public struct BasicDeliver: Hashable, Sendable {
    public var consumerTag: Name
    public var deliveryTag: UInt64
    public var redelivered: Bool
    public var exchange: Name
    public var routingKey: Name

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

/// `basic.get`. Asks for one message.
public struct BasicGet: Hashable, Sendable {
    public var queue: Name
    public var noAck: Bool

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

/// `basic.get-ok`. Precedes the content that was asked for.
public struct BasicGetOk: Hashable, Sendable {
    public var deliveryTag: UInt64
    public var redelivered: Bool
    public var exchange: Name
    public var routingKey: Name
    public var messageCount: UInt32

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

/// `basic.ack`. Settles a delivery; from the broker: confirms a publish. Tag 0 with `multiple` means all.
public struct BasicAck: Hashable, Sendable {
    public var deliveryTag: UInt64
    public var multiple: Bool

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

/// `basic.reject`. Refuses a delivery.
public struct BasicReject: Hashable, Sendable {
    public var deliveryTag: UInt64
    public var requeue: Bool

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

/// `basic.recover-async`. Deprecated form of recover, without an answer.
public struct BasicRecoverAsync: Hashable, Sendable {
    public var requeue: Bool

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

/// `basic.recover`. Asks for all unsettled deliveries again.
public struct BasicRecover: Hashable, Sendable {
    public var requeue: Bool

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

/// `basic.nack`. Refuses one or more deliveries; from the broker: a publish it could not take (RabbitMQ).
public struct BasicNack: Hashable, Sendable {
    public var deliveryTag: UInt64
    public var multiple: Bool
    public var requeue: Bool

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
