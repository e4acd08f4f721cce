import NIOCore

/// A piece of a large body frame that has not come whole yet, so that its bytes need not be gathered first.
public struct BodyPart: Sendable {
    public var channel: UInt16
    /// A slice of what was read.
    public var bytes: ByteBuffer
    /// Whether the frame ends with it, as it should: its end octet has been seen.
    public var isLast: Bool
}

extension FrameDecoder {
    /// A body frame that is handed out in parts.
    struct Begun: Sendable {
        var channel: UInt16
        /// Bytes of its payload that were not handed out yet.
        var missing: Int
    }

    /// Smaller frames are not worth it.
    private static let leastPartedFrame = 16_384

    /// What has come of a large body frame, or of the rest of one; nil when there is none or nothing more of it, and what
    /// comes next is to be asked of `next()`, which has nothing while a frame is under way.
    public mutating func nextPart() throws(WireError) -> BodyPart? {
        if let failure { throw failure }
        do {
            return try begun == nil ? firstPart() : furtherPart()
        } catch {
            fail(error)
            throw error
        }
    }

    private mutating func firstPart() throws(WireError) -> BodyPart? {
        guard buffer.readableBytes > 7,
            let (type, channel, size) = buffer.peekMultipleIntegers(as: (UInt8, UInt16, UInt32).self),
            type == FrameType.body.rawValue
        else { return nil }
        let total = UInt64(size) + UInt64(RawFrame.overhead)
        guard total >= UInt64(Self.leastPartedFrame), UInt64(buffer.readableBytes) < total,
            let missing = Int(exactly: size)
        else { return nil }
        guard frameMax == 0 || total <= UInt64(frameMax) else { throw .frameTooLarge(size: total, limit: frameMax) }
        begun = Begun(channel: channel, missing: missing)
        passed(7)
        return try furtherPart()
    }

    private mutating func furtherPart() throws(WireError) -> BodyPart? {
        guard var part = begun, buffer.readableBytes > 0 else { return nil }
        let length = min(part.missing, buffer.readableBytes)
        guard let bytes = buffer.getSlice(at: buffer.readerIndex, length: length) else { return nil }
        // The last of it waits for the end octet.
        if length == part.missing {
            guard let end = buffer.getInteger(at: buffer.readerIndex + length, as: UInt8.self) else { return nil }
            guard end == RawFrame.end else { throw .wrongFrameEnd(end) }
            begun = nil
            passed(length + 1)
            return BodyPart(channel: part.channel, bytes: bytes, isLast: true)
        }
        part.missing -= length
        begun = part
        passed(length)
        return BodyPart(channel: part.channel, bytes: bytes, isLast: false)
    }
}
