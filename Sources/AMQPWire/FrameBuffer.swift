import NIOCore

/// Frames to be sent. Large bodies are kept separately and not copied.
public struct FrameBuffer: Sendable {
    /// All bytes except the large bodies. Append frames here.
    public var bytes = ByteBuffer()
    /// The large bodies, each with the index in `bytes` before which it belongs.
    private var bodies: [(index: Int, body: ByteBuffer)] = []
    private var bodyBytes = 0

    /// The size from which bodies are not copied, in bytes.
    public static let largeBody = 65_536

    /// Creates an empty buffer.
    public init() {}

    /// The total number of bytes.
    public var readableBytes: Int { bytes.readableBytes + bodyBytes }

    /// Whether there are large bodies in addition to `bytes`.
    public var hasBodies: Bool { !bodies.isEmpty }

    /// All bytes in order, as buffers to be written one after the other.
    public var pieces: [ByteBuffer] {
        var pieces: [ByteBuffer] = []
        pieces.reserveCapacity(2 * bodies.count + 1)
        var start = bytes.readerIndex
        func add(upTo end: Int) {
            if end > start, let piece = bytes.getSlice(at: start, length: end - start) { pieces.append(piece) }
            start = end
        }
        for (index, body) in bodies {
            add(upTo: index)
            pieces.append(body)
        }
        add(upTo: bytes.writerIndex)
        return pieces
    }

    /// Removes everything and reserves the given capacity, in bytes. The memory is reused if it is uniquely referenced.
    public mutating func clear(minimumCapacity: Int) {
        bytes.clear(minimumCapacity: minimumCapacity)
        removeBodies()
    }

    /// Removes the large bodies.
    public mutating func removeBodies() {
        guard !bodies.isEmpty else { return }
        bodies.removeAll()
        bodyBytes = 0
    }

    /// Writes a method with content, the content header, and the body. Leaves the buffer unchanged if it throws.
    public mutating func writeContent(
        channel: UInt16,
        _ method: Method,
        properties: BasicProperties,
        body: ByteBuffer,
        frameMax: UInt32,
        extraHeader: (key: String, value: FieldValue)? = nil
    ) throws(WireError) {
        let header = ContentHeader(bodySize: UInt64(body.readableBytes), properties: properties)
        try bytes.writeContentHead(channel: channel, method, header, frameMax: frameMax, extraHeader: extraHeader)
        writeBodyFrames(channel: channel, body: body, frameMax: frameMax)
    }

    /// Writes a body in frames of at most `frameMax` bytes, as `ByteBuffer.writeBodyFrames` does.
    public mutating func writeBodyFrames(channel: UInt16, body: ByteBuffer, frameMax: UInt32) {
        guard body.readableBytes >= Self.largeBody else {
            return bytes.writeBodyFrames(channel: channel, body: body, frameMax: frameMax)
        }
        let limit = RawFrame.largestPayload(frameMax)
        var rest = body
        while rest.readableBytes > 0, let part = rest.readSlice(length: min(limit, rest.readableBytes)) {
            let size = UInt32(truncatingIfNeeded: part.readableBytes)
            bytes.writeMultipleIntegers(FrameType.body.rawValue, channel, size)
            bodies.append((bytes.writerIndex, part))
            bodyBytes += part.readableBytes
            bytes.writeInteger(RawFrame.end)
        }
    }
}
