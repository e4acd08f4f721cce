import AMQPWire
import NIOCore

/// Finds the frames in one direction of a session without extracting them. What passes on is sliced from the received
/// buffer in pieces as large as possible, and is not copied.
struct FrameScanner {
    /// The position of a frame in the buffer.
    struct Slice: Equatable {
        var type: UInt8
        var channel: UInt16
        /// The size of the payload in bytes.
        var size: Int
        /// The index at which the payload begins in the buffer.
        var payloadIndex: Int
    }

    enum Found: Equatable {
        /// A complete frame.
        case frame(Slice)
        /// The header of a frame that is too large to be buffered; `part`s follow.
        case large(Slice)
        /// Bytes of a large frame, and whether they are its last.
        case part(size: Int, isLast: Bool)
        /// The following bytes are not frames.
        case rubbish
    }

    /// The largest frame that is buffered; a larger one is passed on in parts.
    static let largestKept = 1 << 18
    /// The same limit before the login is answered. AMQP allows frames of up to 4,096 bytes then (section 4.2.3),
    /// RabbitMQ from 4.1 on 8,192, and more if so configured. Refusing a larger frame is left to the broker.
    static let largestKeptEarly = 1 << 14

    var isEarly = true
    private var largest: Int { isEarly ? Self.largestKeptEarly : Self.largestKept }

    private(set) var buffer = ByteBuffer()
    /// The index of the first byte that has not been examined.
    private(set) var cursor = 0
    /// The index of the first byte that has been neither passed on nor dropped.
    private var start = 0
    /// The number of bytes of a large frame that are still to come.
    private(set) var rest = 0
    /// Whether no other reference to the buffer's memory exists.
    private var isOwn = false

    /// The number of bytes that wait for the rest of their frame.
    var pendingBytes: Int { buffer.writerIndex - start }

    var isInLargeFrame: Bool { rest > 0 }

    mutating func append(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        if buffer.writerIndex == start {
            buffer = bytes
            isOwn = false
            (start, cursor) = (bytes.readerIndex, bytes.readerIndex)
            return
        }
        if isOwn, buffer.writableBytes >= bytes.readableBytes {
            buffer.writeImmutableBuffer(bytes)
            return
        }
        let left = buffer.writerIndex - start
        let expected = buffer.getInteger(at: cursor + 3, as: UInt32.self).map { Int($0) + RawFrame.overhead } ?? 0
        var joined = ByteBuffer()
        joined.reserveCapacity(max(left + bytes.readableBytes, min(expected, largest)))
        if let old = buffer.getSlice(at: start, length: left) { joined.writeImmutableBuffer(old) }
        joined.writeImmutableBuffer(bytes)
        cursor -= start
        start = 0
        buffer = joined
        isOwn = true
    }

    /// Returns the next item found; nil if more bytes are needed.
    mutating func next() -> Found? {
        let available = buffer.writerIndex - cursor
        if rest > 0 {
            guard available > 0 else { return nil }
            let size = min(rest, available)
            rest -= size
            cursor += size
            return .part(size: size, isLast: rest == 0)
        }
        guard available > 0, let type = buffer.getInteger(at: cursor, as: UInt8.self) else { return nil }
        guard FrameType(rawValue: type) != nil else { return .rubbish }
        guard available >= 7, let channel = buffer.getInteger(at: cursor + 1, as: UInt16.self),
            let size = buffer.getInteger(at: cursor + 3, as: UInt32.self).map({ Int($0) })
        else { return nil }
        let frame = Slice(type: type, channel: channel, size: size, payloadIndex: cursor + 7)
        let total = size + RawFrame.overhead
        if total > largest {
            cursor += 7
            rest = total - 7
            return .large(frame)
        }
        guard available >= total else { return nil }
        guard buffer.getInteger(at: cursor + total - 1, as: UInt8.self) == RawFrame.end else { return .rubbish }
        cursor += total
        return .frame(frame)
    }

    /// Returns what was found and is to be passed on, up to an index; nil if there is nothing.
    mutating func take(upTo index: Int) -> ByteBuffer? {
        guard index > start, let slice = buffer.getSlice(at: start, length: index - start) else { return nil }
        start = index
        isOwn = false
        return slice
    }

    /// Drops what was found.
    mutating func drop() { start = cursor }

    /// Moves back so that what was found is found again.
    mutating func rewind(to index: Int) {
        cursor = index
        rest = 0
    }

    /// Returns everything that is left, examined or not.
    mutating func takeAll() -> ByteBuffer? {
        cursor = buffer.writerIndex
        return take(upTo: cursor)
    }

    func payload(of frame: Slice) -> ByteBuffer {
        buffer.getSlice(at: frame.payloadIndex, length: frame.size) ?? ByteBuffer()
    }

    func integer<Integer: FixedWidthInteger>(of frame: Slice, at offset: Int, as: Integer.Type = Integer.self)
        -> Integer?
    {
        guard offset + MemoryLayout<Integer>.size <= frame.size else { return nil }
        return buffer.getInteger(at: frame.payloadIndex + offset)
    }

    func method(of frame: Slice) -> MethodID? {
        guard frame.type == FrameType.method.rawValue, let classID: UInt16 = integer(of: frame, at: 0),
            let methodID: UInt16 = integer(of: frame, at: 2)
        else { return nil }
        return MethodID(classID: classID, methodID: methodID)
    }
}
