import NIOCore
import Testing

@testable import RabbitMQManagement

@Suite("JSON")
struct JSONTests {
    @Test func values() {
        let text = #" { "a" : [ 1 , -2.5e1, true , false, null, "x" ] , "b":{}, "c":[] , "a\u0062":1e-3} "#
        #expect(
            JSONValue(parsing: text)
                == .object([
                    "a": .array([.integer(1), .number(-25), .bool(true), .bool(false), .null, .string("x")]),
                    "b": .object([:]), "c": .array([]), "ab": .number(0.001),
                ]))
    }

    @Test func strings() {
        #expect(JSONValue(parsing: #""\"\\\/\b\f\n\r\t\u00e9\ud83d\udc07""#) == .string("\"\\/\u{8}\u{C}\n\r\té🐇"))
        // Halves of surrogate pairs stand for no character, and what follows is kept.
        #expect(JSONValue(parsing: #""\ud83dx\udc07\ud83d\u0041""#) == .string("\u{FFFD}x\u{FFFD}\u{FFFD}A"))
    }

    @Test("Bytes that are not UTF-8 cost their place, not the answer")
    func invalidUTF8() throws {
        let value = try JSONParser.parse(ByteBuffer(bytes: Array("[\"a".utf8) + [0xFF, 0xC3] + Array("b\",1]".utf8)))
        #expect(value.elements?.last == .integer(1))
        #expect(value.elements?.first?.text?.contains("\u{FFFD}") == true)
    }

    @Test func numbers() {
        #expect(JSONValue(parsing: "9223372036854775807") == .integer(.max))
        #expect(JSONValue(parsing: "-9223372036854775808")?.doubleValue == -9.223372036854775808e18)
        #expect(JSONValue(parsing: "18446744073709551616")?.integerValue == nil)
        #expect(JSONValue(parsing: "1e999") == .null)
        #expect(JSONValue(parsing: "1.0")?.integerValue == 1)
        #expect(JSONValue(parsing: "1e300")?.integerValue == nil)
        #expect(JSONValue(parsing: "--1") == nil)
        #expect(JSONValue(parsing: "1-1") == nil)
    }

    @Test(
        "An end in the middle is told from what is no JSON",
        arguments: ["", " ", "{", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":1", "[", "[1,", "tru", "\"\\", "\"\\u12", "-"])
    func unexpectedEnd(_ text: String) {
        #expect(throws: JSONParser.Failure.unexpectedEnd) { try JSONParser.parse(ByteBuffer(string: text)) }
    }

    @Test(arguments: ["<html>", "{a:1}", "[1 2]", "[1]]", "{\"a\" 1}", "trux", "\"\\x\"", "{\"a\":1,}", "[,]"])
    func invalid(_ text: String) {
        let error = #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(ByteBuffer(string: text)) }
        #expect(error != .unexpectedEnd)
    }

    @Test func deepNesting() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONParser.Failure.invalid(at: 200)) { try JSONParser.parse(ByteBuffer(string: deep)) }
    }

    @Test func writing() {
        let value = JSONValue.object([
            "b": .string("a\"\\\n\u{1}é"), "a": .array([.null, .bool(true), .integer(-1), .number(0.5)]),
        ])
        #expect(value.jsonText == #"{"a":[null,true,-1,0.5],"b":"a\"\\\n\u0001é"}"#)
        #expect(JSONValue(parsing: value.jsonText) == value)
    }

    @Test func base64() {
        #expect(Base64.decode("") == [])
        #expect(Base64.decode("Zm9v") == Array("foo".utf8))
        #expect(Base64.decode("Zm8=") == Array("fo".utf8))
        #expect(Base64.decode("Zg==") == Array("f".utf8))
        #expect(Base64.decode("+/8") == [0xFB, 0xFF])
        #expect(Base64.decode("Z") == nil)
        #expect(Base64.decode("Z*==") == nil)
        #expect(Base64.decode("Zg==Zg==") == nil)
    }
}
