import NIOCore

// The methods of class `confirm` (85) that have arguments. Reserved arguments are written as empty and skipped when
// read (AMQP 0-9-1 specification, section 1.4; RabbitMQ extensions as in its protocol documentation).

/// `confirm.select`. Enables publisher confirms (RabbitMQ).
public struct ConfirmSelect: Hashable, Sendable {
    /// Whether the peer sends no reply.
    public var noWait: Bool

    /// Creates the method.
    public init(noWait: Bool = false) {
        self.noWait = noWait
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        let bits = try reader.octet()
        noWait = bits & 1 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(noWait ? 1 : 0, as: UInt8.self)
    }
}
