import NIOCore
import Names

/// What goes before the body of a `basic.publish`, written once for any number of messages that differ in their bodies
/// alone.
public struct PublishTemplate: Sendable {
    private let channel: UInt16
    private let publish: BasicPublish
    private let properties: BasicProperties
    /// Method and header frame; empty until they are wanted.
    private var bytes: [UInt8] = []

    /// Where the size of the body stands in `bytes`.
    private var sizeOffset: Int { 7 + methodSize + 1 + 7 + 4 }
    /// Bytes of the method's payload.
    private let methodSize: Int

    public init(channel: UInt16, _ publish: BasicPublish, properties: BasicProperties) {
        self.channel = channel
        self.publish = publish
        self.properties = properties
        methodSize = 9 + publish.exchange.count + publish.routingKey.count
    }

    /// Whether it is for such a message. Properties are the same when they are copies of one another; equal ones that were
    /// made apart are not looked into.
    public func fits(exchange: Name, routingKey: Name, mandatory: Bool, properties: BasicProperties) -> Bool {
        publish.routingKey == routingKey && publish.exchange == exchange && publish.mandatory == mandatory
            && self.properties.isCopy(of: properties)
    }

    /// Writes the method, the content header, and the body, in frames as `FrameBuffer.writeContent` does, and leaves
    /// everything as it was when it throws.
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
