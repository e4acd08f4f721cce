import NIOCore
import Testing

@testable import AMQPWire

@Suite struct FrameDecoderTests {
    private static func stream() throws -> ByteBuffer {
        var buffer = ByteBuffer()
        try buffer.writeContent(
            channel: 9,
            .basicDeliver(BasicDeliver(consumerTag: "c", deliveryTag: 5, exchange: "x", routingKey: "k")),
            properties: ContentCodecTests.full,
            body: ByteBuffer(repeating: 0xCE, count: 10_000),
            frameMax: 4096
        )
        buffer.writeHeartbeat()
        try buffer.writeFrame(channel: 9, .basicAck(BasicAck(deliveryTag: 5, multiple: true)))
        return buffer
    }

    @Test(arguments: [1, 2, 3, 7, 8, 100, 4095, 4096, 4097, 20_000])
    func anyCutOfTheStreamGivesTheSameFrames(size: Int) throws {
        var whole = FrameDecoder(frameMax: 4096)
        whole.append(try Self.stream())
        var expected: [RawFrame] = []
        while let frame = try whole.next() { expected.append(frame) }
        #expect(expected.map(\.type) == [.method, .header, .body, .body, .body, .heartbeat, .method])

        var decoder = FrameDecoder(frameMax: 4096)
        var rest = try Self.stream()
        var frames: [RawFrame] = []
        while rest.readableBytes > 0, let part = rest.readSlice(length: min(size, rest.readableBytes)) {
            decoder.append(part)
            while let frame = try decoder.next() { frames.append(frame) }
        }
        #expect(frames == expected)
        #expect(decoder.bufferedBytes == 0)
    }

    @Test func theLimitCountsTheWholeFrame() throws {
        var buffer = ByteBuffer()
        buffer.writeFrame(type: 3, channel: 1, payload: ByteBuffer(repeating: 1, count: 92))
        var decoder = FrameDecoder(frameMax: 100)
        decoder.append(buffer)
        #expect(try decoder.next()?.payload.readableBytes == 92)

        decoder = FrameDecoder(frameMax: 99)
        // The header alone tells it: nothing is awaited or stored for a frame that is too large.
        decoder.append(try #require(buffer.getSlice(at: 0, length: 7)))
        #expect(throws: WireError.frameTooLarge(size: 100, limit: 99)) { try decoder.next() }
        decoder.append(buffer)
        #expect(throws: WireError.frameTooLarge(size: 100, limit: 99)) { try decoder.next() }
        decoder = FrameDecoder(frameMax: 0)
        decoder.append(buffer)
        #expect(try decoder.next() != nil)
    }

    @Test func wrongFramesAreTypedErrors() {
        func error(_ hex: String) -> WireError? {
            var decoder = FrameDecoder()
            decoder.append(ByteBuffer(hex: "08000000000000ce" + hex))
            do {
                while try decoder.next() != nil {}
                return nil
            } catch {
                return error
            }
        }
        #expect(error("03000100000001aacd") == .wrongFrameEnd(0xCD))
        #expect(error("04000100000001aace") == .unknownFrameType(4))
        #expect(error("08000100000000ce") == .invalidHeartbeat)
        #expect(error("08000000000001aace") == .invalidHeartbeat)
        #expect(error("0300010000") == nil)
        for wrong in [
            WireError.wrongFrameEnd(0), .unknownFrameType(4), .invalidHeartbeat, .frameTooLarge(size: 1, limit: 0),
        ] {
            #expect(wrong.replyCode == .frameError)
        }
    }

    @Test func aProtocolHeaderInAnswerIsTold() {
        var decoder = FrameDecoder()
        decoder.append(ByteBuffer(bytes: Array("AMQP".utf8) + [3, 1, 0, 0]))
        #expect(throws: WireError.protocolHeader(ProtocolHeader(id: 3, major: 1, minor: 0, revision: 0))) {
            try decoder.next()
        }
        decoder = FrameDecoder()
        decoder.append(ByteBuffer(string: "HTTP/1.1 400"))
        #expect(throws: WireError.notAMQP) { try decoder.next() }
    }

    @Test func protocolHeadersReadAndWrite() throws {
        var buffer = ByteBuffer()
        buffer.writeProtocolHeader()
        #expect(buffer == ByteBuffer(hex: "414d515000000901"))
        var part = try #require(buffer.getSlice(at: 0, length: 5))
        #expect(try ProtocolHeader.read(from: &part) == nil)
        #expect(try ProtocolHeader.read(from: &buffer) == .amqp091)
        #expect(buffer.readableBytes == 0)
    }

    @Test func aSliceIsNotChangedByWhatComesAfter() throws {
        var decoder = FrameDecoder()
        var first = ByteBuffer()
        first.writeFrame(type: 3, channel: 1, payload: ByteBuffer(string: "first"))
        first.writeBytes([3, 0, 1])
        decoder.append(first)
        let body = try #require(try decoder.next()).payload
        decoder.append(ByteBuffer(hex: "00000005" + "4242424242" + "ce"))
        #expect(try decoder.next()?.payload == ByteBuffer(string: "BBBBB"))
        #expect(String(buffer: body) == "first")
    }
}
