import NIOCore

// The methods of class `confirm` (85) that carry arguments. Reserved arguments are written as empty and
// skipped when read (AMQP 0-9-1 specification, section 1.4; RabbitMQ extensions as its protocol documentation has them).

/// `confirm.select`. Switches publisher confirms on (RabbitMQ).
public struct ConfirmSelect: Hashable, Sendable {
    public var noWait: Bool

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
