import Foundation
import Names
import Testing

@Suite("A name in JSON")
struct NameCodingTests {
    @Test("A name is a string")
    func coding() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = try encoder.encode(["names": [Name("caf\u{e9}"), Name("cafe\u{301}")]])
        #expect(String(decoding: json, as: UTF8.self).hasSameBytes(as: #"{"names":["caf\#u{e9}","cafe\#u{301}"]}"#))
        let read = try JSONDecoder().decode([String: [Name]].self, from: json)
        #expect(read["names"] == [Name("caf\u{e9}"), Name("cafe\u{301}")])
    }

    @Test("What is not UTF-8 is written as it is shown")
    func invalid() throws {
        let json = try JSONEncoder().encode(Name(bytes: [0x61, 0xFF]))
        #expect(String(decoding: json, as: UTF8.self) == #""a\\xFF""#)
    }

    @Test("An encoder that is told so keeps the bytes of names that are not UTF-8")
    func bytes() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let key = try #require(Name.keepsBytes)
        encoder.userInfo[key] = true
        let names = [Name(bytes: [0x71, 0xff, 0x00]), Name("q"), Name("")]
        let json = try encoder.encode(names)
        #expect(String(decoding: json, as: UTF8.self) == #"[{"hex":"71ff00","text":"q\\xFF\u0000"},"q",""]"#)
        #expect(try JSONDecoder().decode([Name].self, from: json) == names)
        for text in [#"[{"hex":"7"}]"#, #"[{"hex":"zz"}]"#, #"[{"text":"q"}]"#, "[1]"] {
            #expect(throws: DecodingError.self) { try JSONDecoder().decode([Name].self, from: Data(text.utf8)) }
        }
    }
}
