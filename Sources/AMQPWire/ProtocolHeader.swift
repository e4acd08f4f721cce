import NIOCore

/// The eight bytes that a client sends first on a connection (specification, section 4.2.2).
public struct ProtocolHeader: Hashable, Sendable {
    /// The protocol id; 0 for AMQP 0-9-1.
    public var id: UInt8
    /// The major version.
    public var major: UInt8
    /// The minor version.
    public var minor: UInt8
    /// The revision.
    public var revision: UInt8

    /// Creates a protocol header.
    public init(id: UInt8, major: UInt8, minor: UInt8, revision: UInt8) {
        self.id = id
        self.major = major
        self.minor = minor
        self.revision = revision
    }

    /// The header of AMQP 0-9-1.
    public static let amqp091 = ProtocolHeader(id: 0, major: 0, minor: 9, revision: 1)

    /// Reads a header from the start of `buffer`. Returns nil while fewer than eight bytes have arrived and they can
    /// begin a header. Throws `.notAMQP` otherwise.
    public static func read(from buffer: inout ByteBuffer) throws(WireError) -> ProtocolHeader? {
        guard buffer.readableBytesView.prefix(4).elementsEqual("AMQP".utf8.prefix(buffer.readableBytes)) else {
            throw .notAMQP
        }
        guard buffer.readableBytes >= 8 else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        guard let (id, major, minor, revision) = buffer.readMultipleIntegers(as: (UInt8, UInt8, UInt8, UInt8).self)
        else {
            return nil
        }
        return ProtocolHeader(id: id, major: major, minor: minor, revision: revision)
    }
}

extension ProtocolHeader: CustomStringConvertible {
    /// The version, such as `AMQP 0-0-9-1`.
    public var description: String { "AMQP \(id)-\(major)-\(minor)-\(revision)" }
}

extension ByteBuffer {
    /// Writes a protocol header.
    public mutating func writeProtocolHeader(_ header: ProtocolHeader = .amqp091) {
        writeStaticString("AMQP")
        writeMultipleIntegers(header.id, header.major, header.minor, header.revision)
    }
}
