import AMQPWire
import NIOCore

/// A received message: its method, properties and body.
struct Content: Equatable {
    var method: Method
    var properties: BasicProperties
    /// A slice of the received bytes, unless the body came in several frames.
    var body: ByteBuffer
    /// The number of bytes at the end of the body that were not kept.
    var droppedBytes = 0
}

/// Assembles a method, a content header and body frames into a message (AMQP 0-9-1 specification, section 4.2.6). A
/// message is returned only when it is complete.
struct ContentAssembler: Equatable {
    private enum State: Equatable {
        case idle
        case awaitingHeader(Method)
        case awaitingBody(Method, BasicProperties, missing: UInt64, dropped: Int, ByteBuffer)
    }

    enum Action: Equatable {
        /// More frames are needed.
        case wait
        case complete(Content)
        /// A frame that is not allowed here: the peer's frames are out of order (505).
        case unexpected
        /// A message of this many bytes, which exceeds the limit.
        case tooLarge(UInt64)
    }

    /// The limits for the body of a message.
    struct Limits: Equatable {
        /// The largest accepted body, in bytes.
        var largest = UInt64(Int32.max)
        /// The number of bytes kept of a body; the rest is dropped as it arrives.
        var kept = Int.max
    }

    /// The largest capacity reserved before the bytes have arrived, whatever size the peer announces.
    private static let largestReservation = 1 << 20

    let limits: Limits
    private var state: State = .idle

    init(_ limits: Limits = Limits()) { self.limits = limits }

    /// Whether no message is in progress; during one no other method may arrive on the channel.
    var isIdle: Bool {
        if case .idle = state { true } else { false }
    }

    mutating func methodReceived(_ method: Method) -> Action {
        guard case .idle = state else { return .unexpected }
        state = .awaitingHeader(method)
        return .wait
    }

    mutating func headerReceived(_ header: ContentHeader) -> Action {
        guard case .awaitingHeader(let method) = state else { return .unexpected }
        if header.bodySize == 0 {
            state = .idle
            return .complete(Content(method: method, properties: header.properties, body: ByteBuffer()))
        }
        guard header.bodySize <= limits.largest else {
            state = .idle
            return .tooLarge(header.bodySize)
        }
        state = .awaitingBody(method, header.properties, missing: header.bodySize, dropped: 0, ByteBuffer())
        return .wait
    }

    /// Takes a body frame, or a part of one; the last part is passed after the frame's end was checked.
    mutating func bodyReceived(_ part: ByteBuffer) -> Action {
        guard case .awaitingBody(let method, let properties, let missing, var dropped, var body) = state else {
            return .unexpected
        }
        let size = UInt64(part.readableBytes)
        guard size <= missing else { return .unexpected }
        let kept = part.getSlice(
            at: part.readerIndex, length: min(part.readableBytes, max(0, limits.kept - body.readableBytes)))
        guard let kept else { return .unexpected }
        dropped += part.readableBytes - kept.readableBytes
        if size == missing, body.readableBytes == 0 {
            state = .idle
            return .complete(Content(method: method, properties: properties, body: kept, droppedBytes: dropped))
        }
        state = .idle  // releases this copy of the body, so that appending does not copy it
        if body.capacity == 0 {
            let reservation = min(missing, UInt64(min(Self.largestReservation, limits.kept)))
            body = ByteBufferAllocator().buffer(capacity: Int(reservation))
        }
        body.writeImmutableBuffer(kept)
        guard size == missing else {
            state = .awaitingBody(method, properties, missing: missing - size, dropped: dropped, body)
            return .wait
        }
        return .complete(Content(method: method, properties: properties, body: body, droppedBytes: dropped))
    }
}
