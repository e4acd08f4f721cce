import NIOCore
import Names

/// The encoded frames before the body of a `basic.publish`, reused for messages that differ only in their bodies.
public struct PublishTemplate: Sendable {
    private let channel: UInt16
    private let publish: BasicPublish
    private let properties: BasicProperties
    /// The method and header frames; empty until they are needed.
    private var bytes: [UInt8] = []

    /// The offset of the body size in `bytes`.
    private var sizeOffset: Int { 7 + methodSize + 1 + 7 + 4 }
    /// The size of the method's payload, in bytes.
    private let methodSize: Int

    /// Creates a template for messages like this one.
    public init(channel: UInt16, _ publish: BasicPublish, properties: BasicProperties) {
        self.channel = channel
        self.publish = publish
        self.properties = properties
        methodSize = 9 + publish.exchange.count + publish.routingKey.count
    }

    /// Returns whether the template can be used for such a message. Properties match only if they are copies of one
    /// another; equal properties that were created separately are not compared.
    public func fits(exchange: Name, routingKey: Name, mandatory: Bool, properties: BasicProperties) -> Bool {
        publish.routingKey == routingKey && publish.exchange == exchange && publish.mandatory == mandatory
            && self.properties.isCopy(of: properties)
    }

    /// Writes the method, the content header, and the body in frames, as `FrameBuffer.writeContent` does. Leaves the
    /// buffer unchanged if it throws.
    public mutating func writeContent(
        body: ByteBuffer, frameMax: UInt32, to buffer: inout FrameBuffer
    ) throws(WireError) {
        if bytes.isEmpty {
            var whole = ByteBuffer()
            try whole.writeContentHead(
                channel: channel, .basicPublish(publish), ContentHeader(bodySize: 0, properties: properties),
                frameMax: frameMax)
            bytes = Array(whole.readableBytesView)
        }
        let size = body.readableBytes
        guard size > 0, size < FrameBuffer.largeBody, size <= RawFrame.largestPayload(frameMax) else {
            let start = buffer.bytes.writerIndex
            buffer.bytes.writeBytes(bytes)
            buffer.bytes.setInteger(UInt64(size), at: start + sizeOffset)
            buffer.writeBodyFrames(channel: channel, body: body, frameMax: frameMax)
            return
        }
        let total = bytes.count + RawFrame.overhead + size
        buffer.bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: total) { target in
            bytes.withUnsafeBytes { target.copyMemory(from: $0) }
            target.storeBytes(of: UInt64(size).bigEndian, toByteOffset: sizeOffset, as: UInt64.self)
            target[bytes.count] = FrameType.body.rawValue
            target.storeBytes(of: channel.bigEndian, toByteOffset: bytes.count + 1, as: UInt16.self)
            target.storeBytes(of: UInt32(size).bigEndian, toByteOffset: bytes.count + 3, as: UInt32.self)
            body.withUnsafeReadableBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: target[(bytes.count + 7)...]).copyMemory(from: source)
            }
            target[total - 1] = RawFrame.end
            return total
        }
    }
}
