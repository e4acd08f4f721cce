import AMQPWire
import NIOCore
import Names
import Testing

@testable import BrokerOperations

@Suite struct SavedMessageTests {
    private let all: FieldTable = [
        "bool": true, "int8": .int8(-128), "uint8": .uint8(255), "int16": .int16(-32_768), "uint16": .uint16(65_535),
        "int32": .int32(.min), "uint32": .uint32(.max), "int64": .int64(.min), "float": .float(0.1),
        "double": .double(1e-300), "nan": .double(.nan), "inf": .float(-.infinity), "zero": .double(-0.0),
        "decimal": .decimal(scale: 3, value: -5), "string": "é\u{0}\n\"\\", "raw": .string(Name(bytes: [0xFF, 0x00])),
        "array": .array([1, "x", .void, .array([])]), "timestamp": .timestamp(.max),
        "table": .table(["deep": .table(["x": .bytes([])])]), "void": .void, "bytes": .bytes([0, 1, 255]),
    ]

    private func again(_ message: TakenMessage) throws -> TakenMessage {
        try SavedMessage(line: SavedMessage(message).line().utf8).message
    }

    @Test func everyTypeOfHeaderComesBackAsItWas() throws {
        var table = all
        // A repeated key, and keys that differ only in their bytes.
        table.entries += [
            .init(key: "bool", value: false), .init(key: "e\u{301}", value: 1), .init(key: "é", value: 2),
        ]
        table.entries.append(.init(key: Name(bytes: [0xC3]), value: "half a letter"))
        let properties = BasicProperties(headers: table)
        let back = try again(TakenMessage(routingKey: "k", properties: properties))
        let headers = try #require(back.properties.headers)
        #expect(headers.map(\.key) == table.map(\.key))
        // Equality of numbers does not hold for NaN, and holds for both zeros.
        #expect(headers.filter { $0.key != "nan" } == table.filter { $0.key != "nan" })
        guard case .double(let nan)? = headers["nan"], case .double(let zero)? = headers["zero"] else {
            Issue.record("\(headers)")
            return
        }
        #expect(nan.isNaN && zero.sign == .minus)
    }

    @Test func everyPropertyComesBackAsItWas() throws {
        let properties = BasicProperties(
            contentType: "text/plain", contentEncoding: "gzip", headers: [:], deliveryMode: 2, priority: 9,
            correlationID: "c", replyTo: "r", expiration: "60000", messageID: "m", timestamp: .max, type: "t",
            userID: "u", appID: "a", clusterID: "cl")
        for properties in [properties, BasicProperties(), BasicProperties(deliveryMode: 7)] {
            let message = TakenMessage(
                exchange: "e", routingKey: Name(bytes: [0xFE]), properties: properties,
                body: ByteBuffer(string: "héllo"),
                redelivered: true)
            #expect(try again(message) == message)
        }
    }

    @Test func anyBodyComesBackAsItWas() throws {
        for length in 0..<300 {
            // Of every second length bytes that are no text.
            let mask: UInt8 = length.isMultiple(of: 2) ? 0x7F : 0xFF
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) & mask }
            let message = TakenMessage(routingKey: "k", body: ByteBuffer(bytes: bytes))
            let line = try SavedMessage(message).line()
            #expect(!line.utf8.contains(UInt8(ascii: "\n")))
            #expect(try SavedMessage(line: line.utf8).message == message)
        }
    }

    @Test func theHeadersOfTheQueueAreLeftOut() throws {
        let message = TakenMessage(
            routingKey: "k", properties: BasicProperties(headers: ["x-delivery-count": 3, "x-stream-offset": 5]))
        #expect(SavedMessage(message).message.properties.headers == nil)
    }

    @Test func whatIsNoSavedMessageIsSaid() {
        let bad = [
            "": "it is not JSON of a saved message", "[]": nil, "{}": nil,
            #"{"exchange":"","body":""}"#: "the key routing_key is missing",
            #"{"exchange":"","routing_key":"k","body_base64":"*"}"#: nil,
            #"{"exchange":"","routing_key":"k","body":"","properties":{"priority":256}}"#: nil,
            #"{"exchange":"","routing_key":"k","body":"","headers":[{"key":"a"}]}"#: nil,
            #"{"exchange":"","routing_key":"k","body":"","headers":[{"key":"a","int8":200}]}"#: nil,
            #"{"exchange":"","routing_key":"k","body":"","headers":[{"key":"a","int8":1,"string":"x"}]}"#: nil,
            "{\"exchange\":\"\",\"routing_key\":\"\(String(repeating: "k", count: 256))\",\"body\":\"\"}": nil,
        ]
        for (line, words) in bad {
            let error = #expect(throws: SavedMessage.Malformed.self) { try SavedMessage(line: line.utf8) }
            if let words { #expect(error?.description == words) }
        }
    }

    @Test func deepTablesAreRefused() {
        let depth = 500
        let open = String(repeating: #"[{"key":"a","table":"#, count: depth)
        let close = String(repeating: "}]", count: depth)
        let line = #"{"exchange":"","routing_key":"k","body":"","headers":"# + open + "[]" + close + "}"
        #expect(throws: SavedMessage.Malformed.self) { try SavedMessage(line: line.utf8) }
    }
}
