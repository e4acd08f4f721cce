import NIOCore

/// Splits a stream of bytes into frames. It checks a frame's size against the limit, and its end octet, before the
/// payload is parsed. After an error every further call throws the same error.
public struct FrameDecoder: Sendable {
    /// The maximum frame size, including header and end octet, in bytes; 0 is unlimited.
    public var frameMax: UInt32
    var buffer = ByteBuffer()
    private(set) var failure: WireError?
    var fastPath = FastPathMemory()
    var begun: Begun?
    private var isAtStart = true
    private var hasHandedOutSlices = false

    /// Creates a decoder. Before `connection.tune` no limit is negotiated; the default of 128 KiB is enough for any
    /// `connection.start`.
    public init(frameMax: UInt32 = 131_072) {
        self.frameMax = frameMax
    }

    /// The number of bytes received that are not yet a complete frame, or not yet returned.
    public var bufferedBytes: Int { buffer.readableBytes }

    /// Appends received bytes. Nothing is copied if no bytes are left over from before.
    public mutating func append(_ bytes: ByteBuffer) {
        guard buffer.readableBytes > 0 else {
            buffer = bytes
            hasHandedOutSlices = true  // the caller may keep and reuse the buffer
            return
        }
        guard hasHandedOutSlices || buffer.writableBytes < bytes.readableBytes else {
            buffer.writeImmutableBuffer(bytes)
            return
        }
        // Bodies of earlier frames share the storage: only the rest is copied, with capacity for the frame that it
        // begins.
        let needed = max(buffer.readableBytes + bytes.readableBytes, min(pendingFrameSize, 1 << 20))
        var joined = ByteBufferAllocator().buffer(capacity: needed)
        joined.writeImmutableBuffer(buffer)
        joined.writeImmutableBuffer(bytes)
        buffer = joined
        hasHandedOutSlices = false
    }

    private var pendingFrameSize: Int {
        buffer.getInteger(at: buffer.readerIndex + 3, as: UInt32.self).map { Int($0) + RawFrame.overhead } ?? 0
    }

    /// Skips bytes that were processed; slices of them may have been returned.
    mutating func passed(_ length: Int) {
        buffer.moveReaderIndex(forwardBy: length)
        isAtStart = false
        hasHandedOutSlices = true
    }

    /// Returns the next complete frame, or nil until more bytes arrive. Throws an error of the framing: wrong size,
    /// type or end octet, or bytes that are not AMQP.
    public mutating func next() throws(WireError) -> RawFrame? {
        if let failure { throw failure }
        guard begun == nil else { return nil }
        do {
            return try cut()
        } catch {
            fail(error)
            throw error
        }
    }

    mutating func fail(_ error: WireError) {
        failure = error
        buffer = ByteBuffer()
    }

    private mutating func cut() throws(WireError) -> RawFrame? {
        guard let typeOctet = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) else { return nil }
        guard let type = FrameType(rawValue: typeOctet) else {
            guard isAtStart else { throw .unknownFrameType(typeOctet) }
            guard let header = try ProtocolHeader.read(from: &buffer) else { return nil }
            throw .protocolHeader(header)
        }
        guard let channel = buffer.getInteger(at: buffer.readerIndex + 1, as: UInt16.self),
            let size = buffer.getInteger(at: buffer.readerIndex + 3, as: UInt32.self)
        else { return nil }
        let total = UInt64(size) + UInt64(RawFrame.overhead)
        guard frameMax == 0 || total <= UInt64(frameMax) else {
            throw .frameTooLarge(size: total, limit: frameMax)
        }
        guard let length = Int(exactly: total), buffer.readableBytes >= length else { return nil }
        guard let end = buffer.getInteger(at: buffer.readerIndex + length - 1, as: UInt8.self) else { return nil }
        guard end == RawFrame.end else { throw .wrongFrameEnd(end) }
        guard let payload = buffer.getSlice(at: buffer.readerIndex + 7, length: Int(size)) else { return nil }
        if type == .heartbeat, size != 0 || channel != 0 { throw .invalidHeartbeat }
        passed(length)
        return RawFrame(type: type, channel: channel, payload: payload)
    }
}
