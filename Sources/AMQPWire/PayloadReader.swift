import NIOCore
import Names

/// Reads AMQP data types from one payload, within its bounds.
struct PayloadReader {
    private var buffer: ByteBuffer
    private let depth: Int

    init(_ payload: ByteBuffer) {
        buffer = payload
        depth = 0
    }

    private init(_ payload: ByteBuffer, depth: Int) {
        buffer = payload
        self.depth = depth
    }

    var remaining: Int { buffer.readableBytes }
    var isAtEnd: Bool { buffer.readableBytes == 0 }

    mutating func octet() throws(WireError) -> UInt8 {
        guard let value = buffer.readInteger(as: UInt8.self) else { throw .truncated }
        return value
    }

    mutating func short() throws(WireError) -> UInt16 {
        guard let value = buffer.readInteger(as: UInt16.self) else { throw .truncated }
        return value
    }

    mutating func long() throws(WireError) -> UInt32 {
        guard let value = buffer.readInteger(as: UInt32.self) else { throw .truncated }
        return value
    }

    mutating func longLong() throws(WireError) -> UInt64 {
        guard let value = buffer.readInteger(as: UInt64.self) else { throw .truncated }
        return value
    }

    /// Reads a short string as a name: all of its bytes, UTF-8 or not.
    mutating func name() throws(WireError) -> Name {
        let length = Int(try octet())
        guard length <= buffer.readableBytes else { throw .truncated }
        defer { buffer.moveReaderIndex(forwardBy: length) }
        return buffer.withUnsafeReadableBytes { Name(bytes: UnsafeRawBufferPointer(rebasing: $0.prefix(length))) }
    }

    /// Reads a short string as text for display. Bytes that are not UTF-8 become U+FFFD; they are not an error.
    mutating func shortString() throws(WireError) -> String {
        let length = Int(try octet())
        guard let value = buffer.readString(length: length) else { throw .truncated }
        return value
    }

    mutating func longString() throws(WireError) -> String {
        let length = Int(try long())
        guard let value = buffer.readString(length: length) else { throw .truncated }
        return value
    }

    mutating func longBytes() throws(WireError) -> [UInt8] {
        let length = Int(try long())
        guard let value = buffer.readBytes(length: length) else { throw .truncated }
        return value
    }

    mutating func table() throws(WireError) -> FieldTable {
        var entries = try nested()
        return try FieldTable(entriesFrom: &entries)
    }

    /// Returns a reader of the table or array whose length comes next.
    mutating func nested() throws(WireError) -> PayloadReader {
        guard depth < FieldTable.maximumDepth else { throw .nestingTooDeep }
        let length = Int(try long())
        guard let slice = buffer.readSlice(length: length) else { throw .truncated }
        return PayloadReader(slice, depth: depth + 1)
    }
}
