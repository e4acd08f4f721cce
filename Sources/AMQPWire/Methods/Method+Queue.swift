import NIOCore
import Names

// The methods of class `queue` (50) that have arguments. Reserved arguments are written as empty and skipped when read
// (AMQP 0-9-1 specification, section 1.4; RabbitMQ extensions as in its protocol documentation).

/// `queue.declare`. Creates a queue (with an empty name the broker chooses one), or with `passive` only checks that it
/// exists.
public struct QueueDeclare: Hashable, Sendable {
    /// The name of the queue; with an empty one the broker chooses.
    public var queue: Name
    /// Whether the method only checks that the entity exists.
    public var passive: Bool
    /// Whether it survives a restart of the broker.
    public var durable: Bool
    /// Whether only this connection may use the queue; it is deleted with the connection.
    public var exclusive: Bool
    /// Whether the queue is deleted with its last consumer.
    public var autoDelete: Bool
    /// Whether the peer sends no reply.
    public var noWait: Bool
    /// Optional arguments.
    public var arguments: FieldTable

    /// Creates the method.
    public init(
        queue: Name = "",
        passive: Bool = false,
        durable: Bool = false,
        exclusive: Bool = false,
        autoDelete: Bool = false,
        noWait: Bool = false,
        arguments: FieldTable = [:]
    ) {
        self.queue = queue
        self.passive = passive
        self.durable = durable
        self.exclusive = exclusive
        self.autoDelete = autoDelete
        self.noWait = noWait
        self.arguments = arguments
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        _ = try reader.short()
        queue = try reader.name()
        let bits = try reader.octet()
        passive = bits & 1 != 0
        durable = bits & 2 != 0
        exclusive = bits & 4 != 0
        autoDelete = bits & 8 != 0
        noWait = bits & 16 != 0
        arguments = try reader.table()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(0, as: UInt16.self)
        try buffer.writeName(queue)
        let bits: UInt8 =
            (passive ? 1 : 0) | (durable ? 2 : 0) | (exclusive ? 4 : 0) | (autoDelete ? 8 : 0) | (noWait ? 16 : 0)
        buffer.writeInteger(bits)
        try buffer.writeTable(arguments)
    }
}

/// `queue.declare-ok`. Returns the name of the queue, its ready messages and its consumers.
public struct QueueDeclareOk: Hashable, Sendable {
    /// The name of the queue.
    public var queue: Name
    /// The number of messages ready for delivery.
    public var messageCount: UInt32
    /// The number of consumers.
    public var consumerCount: UInt32

    /// Creates the method.
    public init(queue: Name = "", messageCount: UInt32 = 0, consumerCount: UInt32 = 0) {
        self.queue = queue
        self.messageCount = messageCount
        self.consumerCount = consumerCount
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        queue = try reader.name()
        messageCount = try reader.long()
        consumerCount = try reader.long()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        try buffer.writeName(queue)
        buffer.writeInteger(messageCount)
        buffer.writeInteger(consumerCount)
    }
}

/// `queue.bind`. Binds a queue to an exchange.
public struct QueueBind: Hashable, Sendable {
    /// The name of the queue.
    public var queue: Name
    /// The name of the exchange.
    public var exchange: Name
    /// The routing key.
    public var routingKey: Name
    /// Whether the peer sends no reply.
    public var noWait: Bool
    /// Optional arguments.
    public var arguments: FieldTable

    /// Creates the method.
    public init(
        queue: Name = "",
        exchange: Name = "",
        routingKey: Name = "",
        noWait: Bool = false,
        arguments: FieldTable = [:]
    ) {
        self.queue = queue
        self.exchange = exchange
        self.routingKey = routingKey
        self.noWait = noWait
        self.arguments = arguments
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        _ = try reader.short()
        queue = try reader.name()
        exchange = try reader.name()
        routingKey = try reader.name()
        let bits = try reader.octet()
        noWait = bits & 1 != 0
        arguments = try reader.table()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(0, as: UInt16.self)
        try buffer.writeName(queue)
        try buffer.writeName(exchange)
        try buffer.writeName(routingKey)
        buffer.writeInteger(noWait ? 1 : 0, as: UInt8.self)
        try buffer.writeTable(arguments)
    }
}

/// `queue.purge`. Deletes all ready messages of a queue.
public struct QueuePurge: Hashable, Sendable {
    /// The name of the queue.
    public var queue: Name
    /// Whether the peer sends no reply.
    public var noWait: Bool

    /// Creates the method.
    public init(queue: Name = "", noWait: Bool = false) {
        self.queue = queue
        self.noWait = noWait
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        _ = try reader.short()
        queue = try reader.name()
        let bits = try reader.octet()
        noWait = bits & 1 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(0, as: UInt16.self)
        try buffer.writeName(queue)
        buffer.writeInteger(noWait ? 1 : 0, as: UInt8.self)
    }
}

/// `queue.purge-ok`. Returns the number of deleted messages.
public struct QueuePurgeOk: Hashable, Sendable {
    /// The number of messages deleted.
    public var messageCount: UInt32

    /// Creates the method.
    public init(messageCount: UInt32 = 0) {
        self.messageCount = messageCount
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        messageCount = try reader.long()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(messageCount)
    }
}

/// `queue.delete`. Deletes a queue.
public struct QueueDelete: Hashable, Sendable {
    /// The name of the queue.
    public var queue: Name
    /// Whether to delete only if it has no consumers.
    public var ifUnused: Bool
    /// Whether to delete only if it has no messages.
    public var ifEmpty: Bool
    /// Whether the peer sends no reply.
    public var noWait: Bool

    /// Creates the method.
    public init(queue: Name = "", ifUnused: Bool = false, ifEmpty: Bool = false, noWait: Bool = false) {
        self.queue = queue
        self.ifUnused = ifUnused
        self.ifEmpty = ifEmpty
        self.noWait = noWait
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        _ = try reader.short()
        queue = try reader.name()
        let bits = try reader.octet()
        ifUnused = bits & 1 != 0
        ifEmpty = bits & 2 != 0
        noWait = bits & 4 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(0, as: UInt16.self)
        try buffer.writeName(queue)
        let bits: UInt8 = (ifUnused ? 1 : 0) | (ifEmpty ? 2 : 0) | (noWait ? 4 : 0)
        buffer.writeInteger(bits)
    }
}

/// `queue.delete-ok`. Returns the number of messages deleted with the queue.
public struct QueueDeleteOk: Hashable, Sendable {
    /// The number of messages deleted with the queue.
    public var messageCount: UInt32

    /// Creates the method.
    public init(messageCount: UInt32 = 0) {
        self.messageCount = messageCount
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        messageCount = try reader.long()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(messageCount)
    }
}

/// `queue.unbind`. Removes a queue's binding.
public struct QueueUnbind: Hashable, Sendable {
    /// The name of the queue.
    public var queue: Name
    /// The name of the exchange.
    public var exchange: Name
    /// The routing key.
    public var routingKey: Name
    /// Optional arguments.
    public var arguments: FieldTable

    /// Creates the method.
    public init(queue: Name = "", exchange: Name = "", routingKey: Name = "", arguments: FieldTable = [:]) {
        self.queue = queue
        self.exchange = exchange
        self.routingKey = routingKey
        self.arguments = arguments
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        _ = try reader.short()
        queue = try reader.name()
        exchange = try reader.name()
        routingKey = try reader.name()
        arguments = try reader.table()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(0, as: UInt16.self)
        try buffer.writeName(queue)
        try buffer.writeName(exchange)
        try buffer.writeName(routingKey)
        try buffer.writeTable(arguments)
    }
}
