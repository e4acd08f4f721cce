import NIOCore

/// A content header frame's payload: how long the body is, and the message's properties.
public struct ContentHeader: Hashable, Sendable {
    /// The class of the only content there is.
    public static let basicClassID: UInt16 = 60

    /// Bytes of body that follow in body frames.
    public var bodySize: UInt64
    public var properties: BasicProperties

    public init(bodySize: UInt64, properties: BasicProperties = BasicProperties()) {
        self.bodySize = bodySize
        self.properties = properties
    }

    public init(payload: ByteBuffer) throws(WireError) {
        var reader = PayloadReader(payload)
        let classID = try reader.short()
        guard classID == Self.basicClassID else { throw .unexpectedContentClass(classID) }
        _ = try reader.short()  // weight: unused, section 4.2.6.1
        bodySize = try reader.longLong()
        properties = try BasicProperties(from: &reader)
        guard reader.isAtEnd else { throw .trailingBytes(count: reader.remaining) }
    }

    /// Writes the payload, with one more header field when `extraHeader` is given.
    public func writePayload(
        to buffer: inout ByteBuffer,
        extraHeader: (key: String, value: FieldValue)? = nil
    ) throws(WireError) {
        buffer.writeMultipleIntegers(Self.basicClassID, UInt16(0), bodySize)
        try properties.write(to: &buffer, extraHeader: extraHeader)
    }
}
