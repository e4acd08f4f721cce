import AMQPWire
import NIOCore

/// The reply to a call.
public struct RPCReply: Sendable, Hashable {
    /// The body.
    public var body: ByteBuffer
    /// The message properties.
    public var properties: BasicProperties

    /// Creates a reply.
    public init(_ body: ByteBuffer = ByteBuffer(), properties: BasicProperties = BasicProperties()) {
        self.body = body
        self.properties = properties
    }

    /// Creates a reply from bytes, such as `"text".utf8`.
    public init(_ body: some Sequence<UInt8>, properties: BasicProperties = BasicProperties()) {
        self.init(ByteBuffer(bytes: body), properties: properties)
    }
}
