import AMQPWire
import NIOCore

/// Finds the frames in one direction of a session without taking them out: what passes on is cut from what was read, as much
/// of it together as possible, and is not copied.
struct FrameScanner {
    /// A frame as it lies in the buffer.
    struct Slice: Equatable {
        var type: UInt8
        var channel: UInt16
        /// Bytes of its payload.
        var size: Int
        /// Where the payload begins in the buffer.
        var payloadIndex: Int
    }

    enum Found: Equatable {
        /// A whole one.
        case frame(Slice)
        /// The head of one that is too large to be kept; `part`s follow.
        case large(Slice)
        /// Bytes of a large one; whether they are its last.
        case part(size: Int, isLast: Bool)
        /// What follows is not in frames.
        case rubbish
    }

    /// Larger frames than this are passed on in parts.
    static let largestKept = 1 << 18
    /// The same before the login is answered: AMQP lets no frame be larger than 4,096 bytes then (section 4.2.3), RabbitMQ
    /// from 4.1 on 8,192, and more where it is told so. What is larger is the broker's to refuse.
    static let largestKeptEarly = 1 << 14

    var isEarly = true
    private var largest: Int { isEarly ? Self.largestKeptEarly : Self.largestKept }

    private(set) var buffer = ByteBuffer()
    /// Where what was not looked at begins.
    private(set) var cursor = 0
    /// Where what was looked at and neither passed on nor dropped begins.
    private var start = 0
    /// Bytes of a large frame that are still to come.
    private(set) var rest = 0
    /// Nobody else has the buffer's memory.
    private var isOwn = false

    /// Bytes that wait for the rest of their frame.
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

    /// The next thing found; nil when more bytes are needed.
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

    /// What was found and is to be passed on, up to an index; nil when there is nothing.
    mutating func take(upTo index: Int) -> ByteBuffer? {
        guard index > start, let slice = buffer.getSlice(at: start, length: index - start) else { return nil }
        start = index
        isOwn = false
        return slice
    }

    /// What was found is not to be passed on.
    mutating func drop() { start = cursor }

    /// What was found is to be found again.
    mutating func rewind(to index: Int) {
        cursor = index
        rest = 0
    }

    /// All that is left, looked at or not.
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
