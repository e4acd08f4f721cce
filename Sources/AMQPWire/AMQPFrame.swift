import NIOCore

/// The types of frames (specification, section 4.2.3). The raw value is the type octet.
public enum FrameType: UInt8, Hashable, Sendable {
    /// A method frame.
    case method = 1
    /// A content header frame.
    case header = 2
    /// A content body frame.
    case body = 3
    /// A heartbeat frame.
    case heartbeat = 8
}

/// A complete frame whose size and end octet were checked and whose payload is not yet parsed.
public struct RawFrame: Hashable, Sendable {
    /// The size of a frame without its payload, in bytes: type, channel and size before the payload, and the end octet.
    public static let overhead = 8
    /// The octet that ends every frame.
    public static let end: UInt8 = 0xCE

    /// Returns the largest payload of a frame of at most `frameMax` bytes; 0 is unlimited.
    static func largestPayload(_ frameMax: UInt32) -> Int {
        frameMax == 0 ? Int(Int32.max) : max(1, Int(frameMax) - overhead)
    }

    /// The frame type.
    public var type: FrameType
    /// The channel number; 0 for the connection.
    public var channel: UInt16
    /// The payload, a slice of the received buffer.
    public var payload: ByteBuffer

    /// Creates a frame.
    public init(type: FrameType, channel: UInt16, payload: ByteBuffer) {
        self.type = type
        self.channel = channel
        self.payload = payload
    }

    /// Parses the payload. Throws as `Method.init(payload:)` and `ContentHeader.init(payload:)` do.
    public func parsed() throws(WireError) -> AMQPFrame {
        switch type {
        case .method: return .method(channel: channel, try Method(payload: payload))
        case .header: return .header(channel: channel, try ContentHeader(payload: payload))
        case .body: return .body(channel: channel, payload)
        case .heartbeat: return .heartbeat
        }
    }
}

/// A parsed frame.
public enum AMQPFrame: Hashable, Sendable {
    /// A method.
    case method(channel: UInt16, Method)
    /// A content header.
    case header(channel: UInt16, ContentHeader)
    /// A part of a message body, a slice of the received buffer.
    case body(channel: UInt16, ByteBuffer)
    /// A heartbeat.
    case heartbeat
}
