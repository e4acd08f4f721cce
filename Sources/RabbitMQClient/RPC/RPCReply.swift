import AMQPWire
import NIOCore

/// The answer to a call.
public struct RPCReply: Sendable, Hashable {
    public var body: ByteBuffer
    public var properties: BasicProperties

    public init(_ body: ByteBuffer = ByteBuffer(), properties: BasicProperties = BasicProperties()) {
        self.body = body
        self.properties = properties
    }

    /// An answer of these bytes, such as `"text".utf8`.
    public init(_ body: some Sequence<UInt8>, properties: BasicProperties = BasicProperties()) {
        self.init(ByteBuffer(bytes: body), properties: properties)
    }
}
