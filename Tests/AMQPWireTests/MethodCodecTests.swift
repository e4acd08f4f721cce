import NIOCore
import Names
import Testing

@testable import AMQPWire

@Suite struct MethodCodecTests {
    @Test func theFixturesHoldAllThatPamqpKnows() {
        #expect(Set(Fixture.of(.method).map(\.name)).count == 64)
        #expect(Fixture.of(.header).count == 28)
    }

    @Test(arguments: Fixture.of(.method))
    func readsAndWritesWhatPamqpWrites(_ fixture: Fixture) throws {
        var decoder = FrameDecoder()
        decoder.append(fixture.bytes)
        let raw = try #require(try decoder.next())
        #expect(raw.channel == fixture.channel)
        guard case .method(_, let method) = try raw.parsed() else {
            Issue.record("not a method")
            return
        }
        #expect(method.name == Self.amqpName(fixture.name))

        var written = ByteBuffer()
        try written.writeFrame(channel: raw.channel, method)
        #expect(written == fixture.bytes)

        let fields = Self.fields(method)
        #expect(Set(fields.keys) == Set(fixture.arguments.keys.map(Self.swiftName)))
        for (name, value) in fixture.arguments where value != "table" {
            #expect(fields[Self.swiftName(name)] == value, "\(name)")
        }
    }

    @Test func knowsAll66Methods() throws {
        #expect(MethodID.all.count == 66)
        #expect(Set(MethodID.all).count == 66)
        #expect(MethodID.all.allSatisfy { $0.name != nil })
        #expect(MethodID(classID: 40, methodID: 51).name == "exchange.unbind-ok")
        #expect(MethodID(classID: 10, methodID: 70).name == "connection.update-secret")
        #expect(MethodID(classID: 10, methodID: 71).name == "connection.update-secret-ok")
        #expect(MethodID(classID: 40, methodID: 41).name == nil)
    }

    /// access.request and -ok, which pamqp does not know: bytes by hand from the specification, section 1.5 of its XML.
    @Test func accessMethodsByHand() throws {
        let request = Method.accessRequest(AccessRequest(realm: "/data", exclusive: true, write: true))
        var buffer = ByteBuffer()
        try request.writePayload(to: &buffer)
        #expect(buffer == ByteBuffer(hex: "001e000a" + "052f64617461" + "09"))
        #expect(try Method(payload: buffer) == request)

        let ok = Method.accessRequestOk(AccessRequestOk(ticket: 513))
        buffer.clear()
        try ok.writePayload(to: &buffer)
        #expect(buffer == ByteBuffer(hex: "001e000b" + "0201"))
        #expect(try Method(payload: buffer) == ok)
    }

    @Test func wrongPayloadsAreTypedErrors() throws {
        #expect(throws: WireError.unknownMethod(MethodID(classID: 60, methodID: 99))) {
            try Method(payload: ByteBuffer(hex: "003c0063"))
        }
        #expect(throws: WireError.truncated) { try Method(payload: ByteBuffer(hex: "003c0050000000")) }
        #expect(throws: WireError.truncated) { try Method(payload: ByteBuffer(hex: "003c")) }
        #expect(throws: WireError.trailingBytes(count: 1)) { try Method(payload: ByteBuffer(hex: "000a003300")) }
        #expect(WireError.unknownMethod(MethodID(classID: 60, methodID: 99)).replyCode == .notImplemented)
        #expect(WireError.truncated.replyCode == .frameError)
    }

    @Test func aNameTooLongLeavesTheBufferAsItWas() {
        var buffer = ByteBuffer(string: "before")
        let long = String(repeating: "ä", count: 128)
        #expect(throws: WireError.shortStringTooLong(bytes: 256)) {
            try buffer.writeFrame(channel: 1, .queueDeclare(QueueDeclare(queue: Name(long))))
        }
        #expect(String(buffer: buffer) == "before")
    }

    @Test func replyCodesHaveTheirNames() {
        #expect(ReplyCode.all.count == 19)
        #expect(ReplyCode(rawValue: 406).name == "PRECONDITION_FAILED")
        #expect(ReplyCode(rawValue: 320).name == "CONNECTION_FORCED")
        #expect(ReplyCode(rawValue: 999).name == "CODE_999")
        #expect(Set(ReplyCode.all.map(\.name)).count == 19)
    }

    // MARK: Names

    /// `Connection.StartOk` is `connection.start-ok`.
    private static func amqpName(_ pamqpName: String) -> String {
        var name = ""
        for character in pamqpName {
            if character.isUppercase, let last = name.last, last != "." { name += "-" }
            name += character.lowercased()
        }
        return name
    }

    private static func swiftName(_ pamqpName: String) -> String {
        switch pamqpName {
        case "nowait": return "noWait"
        case "exchange_type": return "type"
        case "internal": return "isInternal"
        case "global_": return "isGlobal"
        default:
            let words = pamqpName.split(separator: "_")
            return words.dropFirst().reduce(String(words[0])) { $0 + ($1 == "id" ? "ID" : $1.capitalized) }
        }
    }

    private static func fields(_ method: Method) -> [String: String] {
        guard let arguments = Mirror(reflecting: method).children.first?.value else { return [:] }
        var fields: [String: String] = [:]
        for (label, value) in Mirror(reflecting: arguments).children {
            guard let label else { continue }
            switch value {
            case let code as ReplyCode: fields[label] = String(code.rawValue)
            case let bytes as [UInt8]: fields[label] = String(decoding: bytes, as: UTF8.self)
            default: fields[label] = String(describing: value)
            }
        }
        return fields
    }
}
