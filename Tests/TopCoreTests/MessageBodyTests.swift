import Foundation
import SeededSupport
import Testing

@testable import TopCore

@Suite struct MessageBodyTests {
    private func body(
        _ bytes: [UInt8], _ type: String? = nil, encoding: String? = nil, limit: Int = MessageBody.mostBytes
    ) -> MessageBody {
        MessageBody(bytes, contentType: .init(type), contentEncoding: .init(encoding), limit: limit)
    }

    private func bytes(_ base64: String) -> [UInt8] { Array(Data(base64Encoded: base64) ?? Data()) }

    /// `{"a":1}`, packed by Python's gzip and zlib.
    private let gzip = "H4sIAAAAAAACA6tWSlSyMqwFAK+sG1YHAAAA"
    private let zlib = "eJyrVkpUsjKsBQAIKgIJ"
    private let bare = "q1ZKVLIyrAUA"

    @Test func packedBodiesAreUnpacked() {
        for (text, encoding) in [(gzip, "gzip"), (zlib, "deflate"), (bare, "deflate")] {
            let body = body(bytes(text), "application/json", encoding: encoding)
            #expect(body.content == .json && body.unpacked == [encoding] && body.problem == nil)
            #expect(body.text == "{\n  \"a\": 1\n}")
        }
        let twice = body(bytes(gzip), nil, encoding: "identity, gzip")
        #expect(twice.content == .json && twice.unpacked == ["gzip"])
    }

    @Test func whatIsNotPackedIsShownAsItIs() {
        let plain = body(Array("hello".utf8), "text/plain", encoding: "gzip")
        #expect(plain.content == .text && plain.text == "hello" && plain.problem != nil)
        let unknown = body(Array("hello".utf8), "text/plain", encoding: "br")
        #expect(unknown.text == "hello" && unknown.problem == "the encoding br is not known")
        // One that ends too early.
        let cut = body(Array(bytes(gzip).prefix(15)), "text/plain", encoding: "gzip")
        #expect(cut.content == .binary && cut.problem != nil)
    }

    @Test func aLongTextWithCodesOfItsOwnIsUnpacked() throws {
        // 942 characters, packed by Python's zlib with dynamic codes.
        let packed = bytes(
            "eJx9U0EOwyAM+0q/FrSoqwRr19H/T8JEsgXtJUASHMeB1UqxJXm1xY/flvcPDnk/vYg9LaWtLi/P1TjH8vG2iPYFPsQDli5+L7+8J41W"
                + "CgkgXEwKHuBhzzlRWnAbg7W1LR0DRIpHPFYRgnsUrn1BCaDCkmhEoqcjhSXlfTAQbFjUZoGEDRN4UIWxJg2ywj3MAamFe2M/uM3U5dkh"
                + "qbmauRdBh0NSouYkoOPWkw6XadOoplN4eDHS2e1LnkwALuzHf/cHBIlatA==")
        let result = try Inflater.inflate(packed, limit: 1_000)
        #expect(result.bytes.count == 942 && !result.isCut)
        #expect(result.bytes.reduce(0) { $0 + Int($1) } == 88_740)
        #expect(String(decoding: result.bytes.suffix(31), as: UTF8.self) == " alpha gamma lorem rabbit delta")
    }

    @Test func unpackingStopsAtTheLimit() throws {
        // 200,000 zeros in 211 bytes.
        let bomb = bytes("7cExAQAAAMKg9U9tBn+g" + String(repeating: "A", count: 257) + "IDXAA==")
        let whole = try Inflater.inflate(bomb, limit: 1_000_000)
        #expect(whole.bytes.count == 200_000 && !whole.isCut)
        let part = try Inflater.inflate(bomb, limit: 1_000)
        #expect(part.bytes.count == 1_000 && part.isCut)
        let shown = body(bomb, "text/plain", encoding: "deflate", limit: 1_000)
        #expect(shown.isCut && shown.unpacked == ["deflate"])
    }

    @Test func anyBytesAreDecodedWithoutATrap() {
        var random = SeededRandom(seed: 7)
        let types = [nil, "application/json", "text/plain; charset=utf-16", "application/msgpack"]
        for round in 0..<2_000 {
            var bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if round % 3 == 0 { bytes = [0x1F, 0x8B, 8, UInt8.random(in: 0...31, using: &random)] + bytes }
            for encoding in [nil, "gzip", "deflate"] {
                let body = body(bytes, types[round % 4], encoding: encoding, limit: 500)
                #expect(body.content == .empty || !body.text.isEmpty)
            }
        }
    }

    @Test func jsonIsLaidOutAndItsNumbersStay() {
        let json = #"{"id":12345678901234567890123,"x":1.10,"list":[],"nested":[{"a":null},true],"t":"\u00e9 \"q\""}"#
        let body = body(Array(json.utf8), "application/vnd.api+json")
        #expect(body.content == .json)
        #expect(
            body.text == #"""
                {
                  "id": 12345678901234567890123,
                  "x": 1.10,
                  "list": [],
                  "nested": [
                    {
                      "a": null
                    },
                    true
                  ],
                  "t": "\u00e9 \"q\""
                }
                """#)
        for broken in ["{", "[1,]", "{\"a\"}", "tru", "1 2", "\"a", "{\"a\":1}x", "--1"] {
            let body = self.body(Array(broken.utf8), "application/json")
            #expect(body.content == .text && body.problem == "it is not JSON, as its content_type says")
        }
        #expect(JSONLayout.text(Array(String(repeating: "[", count: 10_000).utf8), limit: .max) == nil)
    }

    @Test func textIsReadInItsCharset() {
        #expect(body([0x63, 0x61, 0x66, 0xE9], "text/plain; charset=ISO-8859-1").text == "café")
        #expect(body([0x80], "text/plain; charset=\"windows-1252\"").text == "€")
        #expect(body([0xFF, 0xFE, 0x41, 0x00], "text/plain").text == "A")
        #expect(body([0x00, 0x41], "text/plain;charset=utf-16be").text == "A")
        #expect(body([0x63, 0x61, 0x66, 0xE9], "text/plain").content == .binary)
        #expect(body(Array("héllo".utf8), "text/plain").charset == "utf-8")
        // A character that the limit cuts in two.
        let cut = body(Array("aé".utf8), "text/plain", limit: 2)
        #expect(cut.text == "a" && cut.isCut)
    }

    @Test func messagePackIsWrittenLikeJSON() {
        // {"a": [1, -2, 1.5, true, null, h'00ff'], "b": "x"}
        let packed: [UInt8] =
            [0x82, 0xA1, 0x61, 0x96, 0x01, 0xFE, 0xCB, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0, 0xC3, 0xC0, 0xC4, 2, 0, 0xFF]
            + [0xA1, 0x62, 0xA1, 0x78]
        let body = body(packed, "application/x-msgpack")
        #expect(body.content == .messagePack)
        #expect(body.text == #"{"a": [1, -2, 1.5, true, null, 0x00ff], "b": "x"}"#)
        // Without a content type, because it is no text.
        #expect(self.body(packed).content == .messagePack)
        // An array that claims to be huge.
        #expect(self.body([0xDD, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "application/msgpack").content == .binary)
    }

    @Test func bytesAreShownInHexadecimal() {
        let body = body(Array(0...17) + [0x41], "application/octet-stream")
        #expect(body.content == .binary)
        #expect(
            body.text == """
                00000000  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  ................
                00000010  10 11 41                                          ..A
                """)
    }
}
