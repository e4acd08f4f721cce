import NIOCore
import Names

// The methods of class `access` (30) that have arguments. Reserved arguments are written as empty and skipped when read
// (AMQP 0-9-1 specification, section 1.4; RabbitMQ extensions as in its protocol documentation).

/// `access.request`. Requests access to a realm: deprecated; RabbitMQ replies with ticket 1.
public struct AccessRequest: Hashable, Sendable {
    /// The name of the realm.
    public var realm: Name
    /// Whether exclusive access is requested.
    public var exclusive: Bool
    /// Whether passive access is requested.
    public var passive: Bool
    /// Whether active access is requested.
    public var active: Bool
    /// Whether write access is requested.
    public var write: Bool
    /// Whether read access is requested.
    public var read: Bool

    /// Creates the method.
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

/// `access.request-ok`. Returns an access ticket, which is no longer used.
public struct AccessRequestOk: Hashable, Sendable {
    /// The access ticket.
    public var ticket: UInt16

    /// Creates the method.
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
