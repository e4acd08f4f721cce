import NIOCore
import Names

// The methods of class `access` (30) that carry arguments. Reserved arguments are written as empty and
// skipped when read (AMQP 0-9-1 specification, section 1.4; RabbitMQ extensions as its protocol documentation has them).

/// `access.request`. Asks for access to a realm: deprecated, and answered by RabbitMQ with ticket 1.
public struct AccessRequest: Hashable, Sendable {
    public var realm: Name
    public var exclusive: Bool
    public var passive: Bool
    public var active: Bool
    public var write: Bool
    public var read: Bool

    public init(
        realm: Name = "/data",
        exclusive: Bool = false,
        passive: Bool = false,
        active: Bool = false,
        write: Bool = false,
        read: Bool = false
    ) {
        self.realm = realm
        self.exclusive = exclusive
        self.passive = passive
        self.active = active
        self.write = write
        self.read = read
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        realm = try reader.name()
        let bits = try reader.octet()
        exclusive = bits & 1 != 0
        passive = bits & 2 != 0
        active = bits & 4 != 0
        write = bits & 8 != 0
        read = bits & 16 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        try buffer.writeName(realm)
        let bits: UInt8 = (exclusive ? 1 : 0) | (passive ? 2 : 0) | (active ? 4 : 0) | (write ? 8 : 0) | (read ? 16 : 0)
        buffer.writeInteger(bits)
    }
}

/// `access.request-ok`. A ticket, which nothing asks for any more.
public struct AccessRequestOk: Hashable, Sendable {
    public var ticket: UInt16

    public init(ticket: UInt16 = 1) {
        self.ticket = ticket
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        ticket = try reader.short()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(ticket)
    }
}
