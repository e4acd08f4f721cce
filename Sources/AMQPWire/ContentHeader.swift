import NIOCore

/// The payload of a content header frame: the size of the body, and the message properties.
public struct ContentHeader: Hashable, Sendable {
    /// The class of content; basic is the only one.
    public static let basicClassID: UInt16 = 60

    /// The size of the body that follows in body frames, in bytes.
    public var bodySize: UInt64
    /// The message properties.
    public var properties: BasicProperties

    /// Creates a content header.
    public init(bodySize: UInt64, properties: BasicProperties = BasicProperties()) {
        self.bodySize = bodySize
        self.properties = properties
    }

    /// Parses the payload of a content header frame. Throws for a class other than basic, invalid property flags, and a
    /// payload that is too short or too long.
    public init(payload: ByteBuffer) throws(WireError) {
        var reader = PayloadReader(payload)
        let classID = try reader.short()
        guard classID == Self.basicClassID else { throw .unexpectedContentClass(classID) }
        _ = try reader.short()  // weight: unused, section 4.2.6.1
        bodySize = try reader.longLong()
        properties = try BasicProperties(from: &reader)
        guard reader.isAtEnd else { throw .trailingBytes(count: reader.remaining) }
    }

    /// Writes the payload. `extraHeader` is added at the end of the headers. Throws for strings or tables that are too
    /// long for AMQP.
    public func writePayload(
        to buffer: inout ByteBuffer,
        extraHeader: (key: String, value: FieldValue)? = nil
    ) throws(WireError) {
        buffer.writeMultipleIntegers(Self.basicClassID, UInt16(0), bodySize)
        try properties.write(to: &buffer, extraHeader: extraHeader)
    }
}
