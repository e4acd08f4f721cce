import NIOCore

/// Cuts a stream of bytes into frames: takes a frame's size, checks its limit and its end octet, and only then lets its
/// payload be parsed. A stream that went wrong stays wrong: the same error comes again.
public struct FrameDecoder: Sendable {
    /// The largest frame accepted, header and end octet included; 0 is no limit.
    public var frameMax: UInt32
    var buffer = ByteBuffer()
    private(set) var failure: WireError?
    var fastPath = FastPathMemory()
    var begun: Begun?
    private var isAtStart = true
    private var hasHandedOutSlices = false

    /// Before `connection.tune` no limit is agreed on; 128 KiB hold any `connection.start`.
    public init(frameMax: UInt32 = 131_072) {
        self.frameMax = frameMax
    }

    /// Bytes received that are not a whole frame yet, or not asked for.
    public var bufferedBytes: Int { buffer.readableBytes }

    /// Takes what was read. When nothing is left over from before, nothing is copied.
    public mutating func append(_ bytes: ByteBuffer) {
        guard buffer.readableBytes > 0 else {
            buffer = bytes
            hasHandedOutSlices = true  // the reader may keep and reuse what it gave us
            return
        }
        guard hasHandedOutSlices || buffer.writableBytes < bytes.readableBytes else {
            buffer.writeImmutableBuffer(bytes)
            return
        }
        // Earlier frames' bodies share the storage: copy the rest alone, with room for the frame that it begins.
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

    /// Bytes at the front were understood and are done with; slices of them may have been handed out.
    mutating func passed(_ length: Int) {
        buffer.moveReaderIndex(forwardBy: length)
        isAtStart = false
        hasHandedOutSlices = true
    }

    /// The next whole frame, or nil until more bytes come.
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
