import NIOCore

extension Method {
    /// Parses the payload of a method frame: class, method and all arguments.
    ///
    /// Throws an error with code 540 for an unknown method, 501 for arguments that are too short or too long, 502 for a
    /// field of unknown type.
    public init(payload: ByteBuffer) throws(WireError) {
        var reader = PayloadReader(payload)
        let id = MethodID(classID: try reader.short(), methodID: try reader.short())
        try self.init(id, from: &reader)
        guard reader.isAtEnd else { throw .trailingBytes(count: reader.remaining) }
    }

    /// Writes the payload of a method frame: class, method and arguments.
    ///
    /// Throws if a string or table is longer than AMQP allows; the buffer then contains a part of the payload.
    public func writePayload(to buffer: inout ByteBuffer) throws(WireError) {
        let id = self.id
        buffer.writeInteger(id.classID)
        buffer.writeInteger(id.methodID)
        try writeArguments(to: &buffer)
    }

    /// The AMQP name, such as `queue.declare-ok`.
    public var name: String { id.name ?? "" }
}
