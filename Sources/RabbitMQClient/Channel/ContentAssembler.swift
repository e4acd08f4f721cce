import AMQPWire
import NIOCore

/// A message as it arrived: the method before it, its properties, its body.
struct Content: Equatable {
    var method: Method
    var properties: BasicProperties
    /// A slice of what was read, unless the body came in several frames.
    var body: ByteBuffer
    /// Bytes at the body's end that were not kept.
    var droppedBytes = 0
}

/// Puts a method, a content header and body frames together (AMQP 0-9-1 specification, section 4.2.6). Nothing is handed
/// on before the last byte is there.
struct ContentAssembler: Equatable {
    private enum State: Equatable {
        case idle
        case awaitingHeader(Method)
        case awaitingBody(Method, BasicProperties, missing: UInt64, dropped: Int, ByteBuffer)
    }

    enum Action: Equatable {
        /// More frames must come.
        case wait
        case complete(Content)
        /// A frame that does not belong here: the peer mixed up its frames (505).
        case unexpected
        /// A message of so many bytes, more than is taken in.
        case tooLarge(UInt64)
    }

    /// What is taken in of a message's body.
    struct Limits: Equatable {
        /// Larger ones are refused, in bytes.
        var largest = UInt64(Int32.max)
        /// Of the body so many bytes are kept, and the rest is dropped as it comes.
        var kept = Int.max
    }

    /// No peer makes us reserve more than this before its bytes are here.
    private static let largestReservation = 1 << 20

    let limits: Limits
    private var state: State = .idle

    init(_ limits: Limits = Limits()) { self.limits = limits }

    /// Whether a message has begun and is not complete; no other method may come on the channel before it is.
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

    /// A body frame, or a part of one: the last part comes when the frame has ended as it should.
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
        state = .idle  // gives up this copy of the body, so that appending does not copy it
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
