import NIOCore

// Writing frames. A function that throws leaves the buffer unchanged.
extension ByteBuffer {
    /// Writes a frame around a payload. Nothing is checked, so that a test peer can send anything.
    public mutating func writeFrame(type: UInt8, channel: UInt16, payload: ByteBuffer, end: UInt8 = RawFrame.end) {
        writeMultipleIntegers(type, channel, UInt32(truncatingIfNeeded: payload.readableBytes))
        writeImmutableBuffer(payload)
        writeInteger(end)
    }

    /// Writes a received frame unchanged.
    public mutating func writeFrame(_ frame: RawFrame) {
        writeFrame(type: frame.type.rawValue, channel: frame.channel, payload: frame.payload)
    }

    /// Writes a heartbeat frame.
    public mutating func writeHeartbeat() {
        writeMultipleIntegers(FrameType.heartbeat.rawValue, UInt16(0), UInt32(0), RawFrame.end)
    }

    /// Writes a method frame. Throws an error with code 501 if it would be larger than `frameMax` bytes, including the
    /// eight bytes of framing; 0 is unlimited.
    public mutating func writeFrame(channel: UInt16, _ method: Method, frameMax: UInt32 = 0) throws(WireError) {
        let start = writerIndex
        do {
            let lengthIndex = beginFrame(.method, channel: channel)
            try method.writePayload(to: &self)
            try endFrame(lengthIndex)
            try checkSize(from: start, frameMax: frameMax)
        } catch {
            moveWriterIndex(to: start)
            throw error
        }
    }

    /// Writes a content header frame. Throws an error with code 501 if it would be larger than `frameMax` bytes: a
    /// header must fit into one frame (specification, section 4.2.6.1).
    public mutating func writeFrame(
        channel: UInt16,
        _ header: ContentHeader,
        frameMax: UInt32 = 0,
        extraHeader: (key: String, value: FieldValue)? = nil
    ) throws(WireError) {
        let start = writerIndex
        do {
            let lengthIndex = beginFrame(.header, channel: channel)
            try header.writePayload(to: &self, extraHeader: extraHeader)
            try endFrame(lengthIndex)
            try checkSize(from: start, frameMax: frameMax)
        } catch {
            moveWriterIndex(to: start)
            throw error
        }
    }

    /// Writes a body in frames of at most `frameMax` bytes, including their eight bytes of framing; 0 is unlimited. An
    /// empty body has no frame (specification, section 4.2.6.2).
    public mutating func writeBodyFrames(channel: UInt16, body: ByteBuffer, frameMax: UInt32) {
        let limit = RawFrame.largestPayload(frameMax)
        guard body.readableBytes > limit else {
            if body.readableBytes > 0 { writeFrame(type: FrameType.body.rawValue, channel: channel, payload: body) }
            return
        }
        var rest = body
        while rest.readableBytes > 0, let part = rest.readSlice(length: min(limit, rest.readableBytes)) {
            writeFrame(type: FrameType.body.rawValue, channel: channel, payload: part)
        }
    }

    /// Writes a method with content, the content header, and the body. Leaves the buffer unchanged if it throws.
    public mutating func writeContent(
        channel: UInt16,
        _ method: Method,
        properties: BasicProperties,
        body: ByteBuffer,
        frameMax: UInt32,
        extraHeader: (key: String, value: FieldValue)? = nil
    ) throws(WireError) {
        let header = ContentHeader(bodySize: UInt64(body.readableBytes), properties: properties)
        try writeContentHead(channel: channel, method, header, frameMax: frameMax, extraHeader: extraHeader)
        writeBodyFrames(channel: channel, body: body, frameMax: frameMax)
    }

    /// Writes both frames, or nothing if it throws.
    mutating func writeContentHead(
        channel: UInt16, _ method: Method, _ header: ContentHeader, frameMax: UInt32,
        extraHeader: (key: String, value: FieldValue)? = nil
    ) throws(WireError) {
        let start = writerIndex
        do {
            try writeFrame(channel: channel, method, frameMax: frameMax)
            try writeFrame(channel: channel, header, frameMax: frameMax, extraHeader: extraHeader)
        } catch {
            moveWriterIndex(to: start)
            throw error
        }
    }

    private func checkSize(from start: Int, frameMax: UInt32) throws(WireError) {
        let size = writerIndex - start
        if frameMax > 0, size > Int(frameMax) { throw .frameTooLarge(size: UInt64(size), limit: frameMax) }
    }

    private mutating func beginFrame(_ type: FrameType, channel: UInt16) -> Int {
        writeMultipleIntegers(type.rawValue, channel)
        let lengthIndex = writerIndex
        writeInteger(0, as: UInt32.self)
        return lengthIndex
    }

    private mutating func endFrame(_ lengthIndex: Int) throws(WireError) {
        try patchLength(at: lengthIndex)
        writeInteger(RawFrame.end)
    }
}
