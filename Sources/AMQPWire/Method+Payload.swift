import NIOCore

extension Method {
    /// Reads a method frame's payload: class, method and arguments, to the last byte.
    ///
    /// Throws 540 for a method that does not exist, 501 for arguments that end early or leave bytes over, 502 for a
    /// field of no known type.
    public init(payload: ByteBuffer) throws(WireError) {
        var reader = PayloadReader(payload)
        let id = MethodID(classID: try reader.short(), methodID: try reader.short())
        try self.init(id, from: &reader)
        guard reader.isAtEnd else { throw .trailingBytes(count: reader.remaining) }
    }

    /// Writes a method frame's payload: class, method and arguments.
    ///
    /// Throws when a string or table is longer than AMQP can say; the buffer then holds a part of it.
    public func writePayload(to buffer: inout ByteBuffer) throws(WireError) {
        let id = self.id
        buffer.writeInteger(id.classID)
        buffer.writeInteger(id.methodID)
        try writeArguments(to: &buffer)
    }

    /// The AMQP name, such as `queue.declare-ok`.
    public var name: String { id.name ?? "" }
}
