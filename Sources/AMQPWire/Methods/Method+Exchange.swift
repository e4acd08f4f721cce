import NIOCore
import Names

// The methods of class `exchange` (40) that have arguments. Reserved arguments are written as empty and skipped when
// read (AMQP 0-9-1 specification, section 1.4; RabbitMQ extensions as in its protocol documentation).

/// `exchange.declare`. Creates an exchange, or with `passive` only checks that it exists.
public struct ExchangeDeclare: Hashable, Sendable {
    /// The name of the exchange.
    public var exchange: Name
    /// The exchange type, such as `direct`.
    public var type: Name
    /// Whether the method only checks that the entity exists.
    public var passive: Bool
    /// Whether it survives a restart of the broker.
    public var durable: Bool
    /// Whether the exchange is deleted with its last binding.
    public var autoDelete: Bool
    /// Whether only other exchanges can publish to it.
    public var isInternal: Bool
    /// Whether the peer sends no reply.
    public var noWait: Bool
    /// Optional arguments.
    public var arguments: FieldTable

    /// Creates the method.
    public init(
        exchange: Name = "",
        type: Name = "direct",
        passive: Bool = false,
        durable: Bool = false,
        autoDelete: Bool = false,
        isInternal: Bool = false,
        noWait: Bool = false,
        arguments: FieldTable = [:]
    ) {
        self.exchange = exchange
        self.type = type
        self.passive = passive
        self.durable = durable
        self.autoDelete = autoDelete
        self.isInternal = isInternal
        self.noWait = noWait
        self.arguments = arguments
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        _ = try reader.short()
        exchange = try reader.name()
        type = try reader.name()
        let bits = try reader.octet()
        passive = bits & 1 != 0
        durable = bits & 2 != 0
        autoDelete = bits & 4 != 0
        isInternal = bits & 8 != 0
        noWait = bits & 16 != 0
        arguments = try reader.table()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(0, as: UInt16.self)
        try buffer.writeName(exchange)
        try buffer.writeName(type)
        let bits: UInt8 =
            (passive ? 1 : 0) | (durable ? 2 : 0) | (autoDelete ? 4 : 0) | (isInternal ? 8 : 0) | (noWait ? 16 : 0)
        buffer.writeInteger(bits)
        try buffer.writeTable(arguments)
    }
}

/// `exchange.delete`. Deletes an exchange.
public struct ExchangeDelete: Hashable, Sendable {
    /// The name of the exchange.
    public var exchange: Name
    /// Whether to delete only if it has no bindings.
    public var ifUnused: Bool
    /// Whether the peer sends no reply.
    public var noWait: Bool

    /// Creates the method.
    public init(exchange: Name = "", ifUnused: Bool = false, noWait: Bool = false) {
        self.exchange = exchange
        self.ifUnused = ifUnused
        self.noWait = noWait
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        _ = try reader.short()
        exchange = try reader.name()
        let bits = try reader.octet()
        ifUnused = bits & 1 != 0
        noWait = bits & 2 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(0, as: UInt16.self)
        try buffer.writeName(exchange)
        let bits: UInt8 = (ifUnused ? 1 : 0) | (noWait ? 2 : 0)
        buffer.writeInteger(bits)
    }
}

/// `exchange.bind`. Binds an exchange to another exchange (RabbitMQ).
public struct ExchangeBind: Hashable, Sendable {
    /// The exchange that messages are routed to.
    public var destination: Name
    /// The exchange that messages come from.
    public var source: Name
    /// The routing key.
    public var routingKey: Name
    /// Whether the peer sends no reply.
    public var noWait: Bool
    /// Optional arguments.
    public var arguments: FieldTable

    /// Creates the method.
    public init(
        destination: Name = "",
        source: Name = "",
        routingKey: Name = "",
        noWait: Bool = false,
        arguments: FieldTable = [:]
    ) {
        self.destination = destination
        self.source = source
        self.routingKey = routingKey
        self.noWait = noWait
        self.arguments = arguments
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        _ = try reader.short()
        destination = try reader.name()
        source = try reader.name()
        routingKey = try reader.name()
        let bits = try reader.octet()
        noWait = bits & 1 != 0
        arguments = try reader.table()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(0, as: UInt16.self)
        try buffer.writeName(destination)
        try buffer.writeName(source)
        try buffer.writeName(routingKey)
        buffer.writeInteger(noWait ? 1 : 0, as: UInt8.self)
        try buffer.writeTable(arguments)
    }
}

/// `exchange.unbind`. Removes a binding between exchanges (RabbitMQ).
public struct ExchangeUnbind: Hashable, Sendable {
    /// The exchange that messages are routed to.
    public var destination: Name
    /// The exchange that messages come from.
    public var source: Name
    /// The routing key.
    public var routingKey: Name
    /// Whether the peer sends no reply.
    public var noWait: Bool
    /// Optional arguments.
    public var arguments: FieldTable

    /// Creates the method.
    public init(
        destination: Name = "",
        source: Name = "",
        routingKey: Name = "",
        noWait: Bool = false,
        arguments: FieldTable = [:]
    ) {
        self.destination = destination
        self.source = source
        self.routingKey = routingKey
        self.noWait = noWait
        self.arguments = arguments
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        _ = try reader.short()
        destination = try reader.name()
        source = try reader.name()
        routingKey = try reader.name()
        let bits = try reader.octet()
        noWait = bits & 1 != 0
        arguments = try reader.table()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(0, as: UInt16.self)
        try buffer.writeName(destination)
        try buffer.writeName(source)
        try buffer.writeName(routingKey)
        buffer.writeInteger(noWait ? 1 : 0, as: UInt8.self)
        try buffer.writeTable(arguments)
    }
}
