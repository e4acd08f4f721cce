import NIOCore
import Names
import SeededSupport
import Testing

@testable import AMQPWire

/// What is recognized quickly is what the decoder would have found frame by frame.
@Suite struct FastPathFrameTests {
    private static let keyed = BasicDeliver(
        consumerTag: "tag", deliveryTag: 7, redelivered: true, exchange: "täglich", routingKey: "orders.new")

    private func content(
        _ deliver: BasicDeliver = Self.keyed, properties: BasicProperties = BasicProperties(), body: String = "hello",
        channel: UInt16 = 3, frameMax: UInt32 = 4096
    ) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        try buffer.writeContent(
            channel: channel, .basicDeliver(deliver), properties: properties, body: ByteBuffer(string: body),
            frameMax: frameMax)
        return buffer
    }

    private func read(_ bytes: ByteBuffer, frameMax: UInt32 = 4096, quick: Bool) -> ([AMQPFrame], WireError?) {
        read([bytes], frameMax: frameMax, quick: quick)
    }

    /// All that a stream holds that comes in pieces, as frames, and how it ends; with `quick` as a client reads it.
    private func read(_ bytes: [ByteBuffer], frameMax: UInt32, quick: Bool) -> ([AMQPFrame], WireError?) {
        var decoder = FrameDecoder(frameMax: frameMax)
        var pieces = bytes[...]
        var frames: [AMQPFrame] = []
        var parts = ByteBuffer()
        do throws(WireError) {
            while true {
                switch quick ? decoder.nextFastPath() : nil {
                case .ack(let channel, let tag, let multiple):
                    frames.append(.method(channel: channel, .basicAck(BasicAck(deliveryTag: tag, multiple: multiple))))
                    continue
                case .delivery(let delivery):
                    let deliver = BasicDeliver(
                        consumerTag: delivery.names.consumerTag, deliveryTag: delivery.deliveryTag,
                        redelivered: delivery.redelivered, exchange: delivery.names.exchange,
                        routingKey: delivery.names.routingKey)
                    let size = UInt64(delivery.body.readableBytes)
                    frames.append(.method(channel: delivery.channel, .basicDeliver(deliver)))
                    frames.append(
                        .header(
                            channel: delivery.channel, ContentHeader(bodySize: size, properties: delivery.properties)))
                    if size > 0 { frames.append(.body(channel: delivery.channel, delivery.body)) }
                    continue
                case nil: break
                }
                if quick, let part = try decoder.nextPart() {
                    parts.writeImmutableBuffer(part.bytes)
                    if part.isLast {
                        frames.append(.body(channel: part.channel, parts))
                        parts = ByteBuffer()
                    }
                    continue
                }
                guard let frame = try decoder.next() else {
                    guard let more = pieces.popFirst() else { return (frames, nil) }
                    decoder.append(more)
                    continue
                }
                frames.append(try frame.parsed())
            }
        } catch {
            return (frames, error)
        }
    }

    @Test func deliveriesAndAcksAreRecognizedWhole() throws {
        var stream = try content()
        stream.writeImmutableBuffer(try content(body: ""))
        try stream.writeFrame(channel: 9, .basicAck(BasicAck(deliveryTag: .max, multiple: true)))
        var decoder = FrameDecoder()
        decoder.append(stream)
        guard case .delivery(let first) = decoder.nextFastPath(), case .delivery(let second) = decoder.nextFastPath(),
            case .ack(9, .max, true) = decoder.nextFastPath()
        else {
            Issue.record("not recognized")
            return
        }
        #expect(first.channel == 3 && first.deliveryTag == 7 && first.redelivered)
        #expect(first.names.consumerTag == "tag" && first.names.exchange == "täglich")
        #expect(first.names.routingKey == "orders.new")
        #expect(String(buffer: first.body) == "hello" && second.body.readableBytes == 0)
        #expect(first.names === second.names, "the same names are one object")
        #expect(decoder.nextFastPath() == nil && decoder.bufferedBytes == 0)
    }

    @Test func namesAndPropertiesThatChangeAreSeen() throws {
        let properties = BasicProperties(headers: ["n": 1], deliveryMode: 2, messageID: "m")
        var stream = ByteBuffer()
        for (deliver, properties) in [
            (Self.keyed, properties), (Self.keyed, properties), (Self.keyed, BasicProperties()),
            (
                BasicDeliver(consumerTag: "tag", deliveryTag: 8, exchange: "täglich", routingKey: "orders.old"),
                properties
            ),
            (BasicDeliver(consumerTag: "other", deliveryTag: 9), BasicProperties(messageID: "n")),
            (BasicDeliver(consumerTag: "", deliveryTag: 9, exchange: "", routingKey: ""), BasicProperties()),
        ] {
            stream.writeImmutableBuffer(try content(deliver, properties: properties))
        }
        let (frames, error) = read(stream, quick: true)
        #expect(error == nil && frames.count == 18)
        #expect(frames == read(stream, quick: false).0)
    }

    @Test func whatIsNotWholeOrNotOneFrameIsLeftToTheDecoder() throws {
        let whole = try content()
        for length in 0..<whole.readableBytes {
            var decoder = FrameDecoder()
            decoder.append(try #require(whole.getSlice(at: 0, length: length)))
            #expect(decoder.nextFastPath() == nil)
            #expect(decoder.bufferedBytes == length, "nothing was taken")
        }
        // The body is in three frames.
        let large = try content(body: String(repeating: "x", count: 10_000))
        let (frames, error) = read(large, quick: true)
        #expect(error == nil && frames.count == 5 && frames == read(large, quick: false).0)
        var decoder = FrameDecoder()
        decoder.append(large)
        #expect(decoder.nextFastPath() == nil)
    }

    @Test func largeBodiesComeInParts() throws {
        let body = String(repeating: "0123456789", count: 10_000)
        var stream = try content(body: body, frameMax: 40_000)
        stream.writeImmutableBuffer(try content(body: "small"))
        let whole = read([stream], frameMax: 40_000, quick: false)
        #expect(whole.0.count == 8 && whole.1 == nil)
        var random = SeededRandom(seed: 5)
        for _ in 0..<200 {
            var rest = stream
            var pieces: [ByteBuffer] = []
            while rest.readableBytes > 0 {
                // Also cut right before and behind end octets.
                let size = [1, 7, 8, 39_992, Int.random(in: 1...60_000, using: &random)].randomElement(using: &random)
                let piece = rest.readSlice(length: min(size ?? 1, rest.readableBytes))
                pieces.append(try #require(piece))
            }
            #expect(read(pieces, frameMax: 40_000, quick: true) == whole)
        }
        var decoder = FrameDecoder(frameMax: 40_000)
        let header = try #require(stream.getSlice(at: 0, length: 500))
        decoder.append(header)
        _ = try decoder.next()
        _ = try decoder.next()
        let part = try decoder.nextPart()
        let first = try #require(part)
        #expect(!first.isLast && first.channel == 3 && first.bytes.readableBytes > 0)
        let nothing = (try decoder.nextPart() == nil, try decoder.next() == nil, decoder.nextFastPath() == nil)
        #expect(nothing == (true, true, true))
    }

    @Test func aPartedFrameThatEndsWronglyIsAnError() throws {
        var stream = try content(body: String(repeating: "x", count: 30_000), frameMax: 0)
        stream.setInteger(0xCD, at: stream.writerIndex - 1, as: UInt8.self)
        let half = try #require(stream.getSlice(at: 0, length: 20_000))
        let rest = try #require(stream.getSlice(at: 20_000, length: stream.readableBytes - 20_000))
        let (frames, error) = read([half, rest], frameMax: 0, quick: true)
        #expect(frames.count == 2 && error == .wrongFrameEnd(0xCD))
        #expect(read([half, rest], frameMax: 20_000, quick: true).1 == .frameTooLarge(size: 30_008, limit: 20_000))
    }

    /// Deliveries with a few octets changed anywhere end as they do without the short cut, in frames and in errors.
    @Test func damagedBytesAreReadAsTheyAreFrameByFrame() throws {
        var random = SeededRandom(seed: 11)
        var pieces: [ByteBuffer] = [
            try content(), try content(body: ""),
            try content(
                properties: BasicProperties(
                    contentType: "text/plain", headers: ["k": ["nested": true]], deliveryMode: 2, expiration: "7")),
            try content(body: String(repeating: "y", count: 5000)),
        ]
        for method in [
            Method.basicAck(BasicAck(deliveryTag: 3)), .basicNack(BasicNack(deliveryTag: 4)), .queueBindOk,
        ] {
            var frame = ByteBuffer()
            try frame.writeFrame(channel: 3, method)
            pieces.append(frame)
        }
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let piece = try #require(pieces.randomElement(using: &random))
                bytes += Array(piece.readableBytesView)
            }
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let index = Int.random(in: 0..<min(bytes.count, 200), using: &random)
                bytes[index] =
                    Bool.random(using: &random) ? UInt8.random(in: 0...255, using: &random) : bytes[index] ^ 1
            }
            if Int.random(in: 0..<4, using: &random) == 0 {
                bytes.removeLast(min(bytes.count, Int.random(in: 0..<20, using: &random)))
            }
            let frameMax = UInt32.random(in: 0..<3, using: &random) == 0 ? UInt32(4000) : 8192
            let quick = read(ByteBuffer(bytes: bytes), frameMax: frameMax, quick: true)
            let slow = read(ByteBuffer(bytes: bytes), frameMax: frameMax, quick: false)
            #expect(quick == slow)
        }
    }
}

/// A template writes what would have been written without it.
@Suite struct PublishTemplateTests {
    @Test(arguments: [0, 1, 100, 4088, 4089, 10_000, 65_535, 65_536, 300_000], [UInt32(4096), 131_072, 0])
    func frames(size: Int, frameMax: UInt32) throws {
        let publish = BasicPublish(exchange: "exchange", routingKey: "päth", mandatory: true)
        let properties = BasicProperties(headers: ["a": 1], deliveryMode: 2)
        var template = PublishTemplate(channel: 258, publish, properties: properties)
        let body = ByteBuffer(bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0) })
        var written = FrameBuffer()
        written.bytes.writeString("before")
        var expected = ByteBuffer(string: "before")
        for _ in 0..<3 {
            try template.writeContent(body: body, frameMax: frameMax, to: &written)
            try expected.writeContent(
                channel: 258, .basicPublish(publish), properties: properties, body: body, frameMax: frameMax)
        }
        try written.writeContent(
            channel: 3, .basicPublish(publish), properties: properties, body: body, frameMax: frameMax)
        try expected.writeContent(
            channel: 3, .basicPublish(publish), properties: properties, body: body, frameMax: frameMax)
        #expect(written.readableBytes == expected.readableBytes)
        #expect(written.hasBodies == (size >= FrameBuffer.largeBody))
        var sent = ByteBuffer()
        for piece in written.pieces { sent.writeImmutableBuffer(piece) }
        #expect(sent == expected)
        written.clear(minimumCapacity: 100)
        #expect(written.readableBytes == 0 && written.pieces.isEmpty)
    }

    @Test func fitsWhatIsTheSameOnly() {
        let properties = BasicProperties(deliveryMode: 2)
        let template = PublishTemplate(
            channel: 1, BasicPublish(exchange: "e", routingKey: "k"), properties: properties)
        func fits(_ exchange: Name, _ key: Name, _ mandatory: Bool, _ properties: BasicProperties) -> Bool {
            template.fits(exchange: exchange, routingKey: key, mandatory: mandatory, properties: properties)
        }
        #expect(fits("e", "k", false, properties))
        #expect(!fits("e", "l", false, properties) && !fits("f", "k", false, properties))
        #expect(!fits("e", "k", true, properties) && !fits("e", "k", false, BasicProperties()))
        var changed = properties
        changed.priority = 3
        #expect(!fits("e", "k", false, changed))
        let plain = PublishTemplate(channel: 1, BasicPublish(), properties: BasicProperties())
        #expect(plain.fits(exchange: "", routingKey: "", mandatory: false, properties: BasicProperties()))
    }

    @Test func whatDoesNotFitAMQPLeavesTheBufferAsItWas() {
        var template = PublishTemplate(
            channel: 1, BasicPublish(routingKey: Name(String(repeating: "k", count: 256))),
            properties: BasicProperties())
        var buffer = FrameBuffer()
        buffer.bytes.writeString("before")
        #expect(throws: WireError.shortStringTooLong(bytes: 256)) {
            try template.writeContent(body: ByteBuffer(), frameMax: 0, to: &buffer)
        }
        #expect(buffer.pieces == [ByteBuffer(string: "before")])
    }
}
