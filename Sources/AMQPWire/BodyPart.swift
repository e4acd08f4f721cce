import NIOCore

/// A part of a large body frame that has not arrived completely, so that its bytes need not be collected first.
public struct BodyPart: Sendable {
    /// The channel number.
    public var channel: UInt16
    /// The bytes of this part, a slice of the received buffer.
    public var bytes: ByteBuffer
    /// Whether the frame ends with this part; its end octet was checked.
    public var isLast: Bool
}

extension FrameDecoder {
    /// A body frame that is being returned in parts.
    struct Begun: Sendable {
        var channel: UInt16
        /// The number of payload bytes that were not returned yet.
        var missing: Int
    }

    /// Smaller frames are not split.
    private static let leastPartedFrame = 16_384

    /// Returns the received bytes of a large body frame, or of the rest of one. Returns nil if there are none; then
    /// call `next()`, which returns nothing while a frame is in progress. Throws as `next()` does.
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
        // The last part waits for the end octet.
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
