import NIOCore
import Testing

@testable import AMQPWire

@Suite struct ContentCodecTests {
    static let full = BasicProperties(
        contentType: "text/plain",
        contentEncoding: "gzip",
        headers: ["k": "v", "n": .int8(1)],
        deliveryMode: 2,
        priority: 9,
        correlationID: "correlation",
        replyTo: "reply",
        expiration: "60000",
        messageID: "message",
        timestamp: 1_700_000_000,
        type: "type",
        userID: "user",
        appID: "app",
        clusterID: "cluster"
    )

    @Test(arguments: Fixture.of(.header))
    func readsAndWritesThePropertiesThatPamqpWrites(_ fixture: Fixture) throws {
        var decoder = FrameDecoder()
        decoder.append(fixture.bytes)
        guard case .header(7, let header) = try #require(try decoder.next()).parsed() else {
            Issue.record("not a header")
            return
        }
        #expect(header.bodySize == 123_456_789)
        #expect(header.properties == Self.expected(fixture.name))
        var written = ByteBuffer()
        try written.writeFrame(channel: 7, header)
        #expect(written == fixture.bytes)
    }

    /// The properties of that label in the fixtures' script.
    private static func expected(_ label: String) -> BasicProperties {
        let setters: [(String, (inout BasicProperties) -> Void)] = [
            ("content_type", { $0.contentType = full.contentType }),
            ("content_encoding", { $0.contentEncoding = full.contentEncoding }),
            ("headers", { $0.headers = full.headers }),
            ("delivery_mode", { $0.deliveryMode = full.deliveryMode }),
            ("priority", { $0.priority = full.priority }),
            ("correlation_id", { $0.correlationID = full.correlationID }),
            ("reply_to", { $0.replyTo = full.replyTo }),
            ("expiration", { $0.expiration = full.expiration }),
            ("message_id", { $0.messageID = full.messageID }),
            ("timestamp", { $0.timestamp = full.timestamp }),
            ("message_type", { $0.type = full.type }),
            ("user_id", { $0.userID = full.userID }),
            ("app_id", { $0.appID = full.appID }),
            ("cluster_id", { $0.clusterID = full.clusterID }),
        ]
        var properties = BasicProperties()
        let count = label.hasPrefix("first-") ? Int(label.dropFirst(6)) ?? 0 : label == "all" ? 14 : 0
        for (index, (name, set)) in setters.enumerated() where index < count || name == label { set(&properties) }
        return properties
    }

    @Test func propertiesAreValues() {
        var copy = Self.full
        copy.messageID = "other"
        #expect(Self.full.messageID == "message")
        #expect(copy != Self.full)
        #expect(BasicProperties().isEmpty && BasicProperties() == BasicProperties(contentType: nil))
        #expect(BasicProperties().hashValue == BasicProperties(contentType: nil).hashValue)
    }

    @Test func anExtraHeaderJoinsTheOthers() throws {
        var payload = ByteBuffer()
        let header = ContentHeader(bodySize: 1, properties: BasicProperties(headers: ["a": 1]))
        try header.writePayload(to: &payload, extraHeader: ("b", 2))
        #expect(try ContentHeader(payload: payload).properties.headers == ["a": 1, "b": 2])
        payload.clear()
        try ContentHeader(bodySize: 1).writePayload(to: &payload, extraHeader: ("b", 2))
        #expect(try ContentHeader(payload: payload).properties.headers == ["b": 2])
    }

    @Test func wrongHeadersAreTypedErrors() {
        #expect(throws: WireError.unexpectedContentClass(61)) {
            try ContentHeader(payload: ByteBuffer(hex: "003d000000000000000000000000"))
        }
        #expect(throws: WireError.invalidPropertyFlags(1)) {
            try ContentHeader(payload: ByteBuffer(hex: "003c000000000000000000000001"))
        }
        #expect(throws: WireError.truncated) {
            try ContentHeader(payload: ByteBuffer(hex: "003c000000000000000000008000"))
        }
    }

    @Test(arguments: [(0, 0), (1, 1), (92, 1), (93, 2), (184, 2), (185, 3)])
    func bodiesAreCutToTheFrameLimit(size: Int, frames: Int) throws {
        var buffer = ByteBuffer()
        let body = ByteBuffer(bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0) })
        buffer.writeBodyFrames(channel: 3, body: body, frameMax: 100)
        var decoder = FrameDecoder(frameMax: 100)
        decoder.append(buffer)
        var joined = ByteBuffer()
        var count = 0
        while let frame = try decoder.next() {
            #expect(frame.type == .body && frame.channel == 3)
            joined.writeImmutableBuffer(frame.payload)
            count += 1
        }
        #expect(count == frames)
        #expect(joined == body)
    }
}
