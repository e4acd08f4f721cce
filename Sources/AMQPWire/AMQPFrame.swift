import NIOCore

/// The kinds of frame and their octets (specification, section 4.2.3).
public enum FrameType: UInt8, Hashable, Sendable {
    case method = 1
    case header = 2
    case body = 3
    case heartbeat = 8
}

/// A frame cut to its size and checked at its end, its payload not yet parsed.
public struct RawFrame: Hashable, Sendable {
    /// Type, channel and size before the payload, and the end octet behind it.
    public static let overhead = 8
    /// The octet every frame ends in.
    public static let end: UInt8 = 0xCE

    /// Bytes of payload that fit into a frame of at most `frameMax` bytes; 0 is no limit.
    static func largestPayload(_ frameMax: UInt32) -> Int {
        frameMax == 0 ? Int(Int32.max) : max(1, Int(frameMax) - overhead)
    }

    public var type: FrameType
    public var channel: UInt16
    /// A slice of what was read.
    public var payload: ByteBuffer

    public init(type: FrameType, channel: UInt16, payload: ByteBuffer) {
        self.type = type
        self.channel = channel
        self.payload = payload
    }

    /// Parses the payload.
    public func parsed() throws(WireError) -> AMQPFrame {
        switch type {
        case .method: return .method(channel: channel, try Method(payload: payload))
        case .header: return .header(channel: channel, try ContentHeader(payload: payload))
        case .body: return .body(channel: channel, payload)
        case .heartbeat: return .heartbeat
        }
    }
}

/// A frame with its meaning.
public enum AMQPFrame: Hashable, Sendable {
    case method(channel: UInt16, Method)
    case header(channel: UInt16, ContentHeader)
    /// The body is a slice of what was read.
    case body(channel: UInt16, ByteBuffer)
    case heartbeat
}
