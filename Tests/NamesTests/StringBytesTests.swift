import Names
import Testing

@Suite("Text by its bytes")
struct StringBytesTests {
    @Test(
        "Lines end in CR LF, LF or CR",
        arguments: [
            ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\r\nb", ["a", "b"]), ("a\r\n\r\nb\r\n", ["a", "", "b"]),
            ("a\rb\n\rc", ["a", "b", "", "c"]), ("\n", [""]), ("a\n\u{301}b", ["a", "\u{301}b"]),
            ("a\u{2028}b\u{b}c", ["a\u{2028}b\u{b}c"]),
        ])
    func lines(text: String, lines: [String]) {
        #expect(text.lineList.map { Name($0) } == lines.map { Name($0) })
    }

    @Test("A separator before a combining accent separates")
    func parts() {
        #expect("a,\u{301}b".split(separator: ",").count == 1, "Characters do not")
        #expect("a,\u{301}b".parts(separatedBy: ",").map { Name($0) } == ["a", "\u{301}b"])
        #expect("a,,b,".parts(separatedBy: ",") == ["a", "", "b", ""])
        #expect("a,,b,".parts(separatedBy: ",", omittingEmptyParts: true) == ["a", "b"])
        #expect("k=v=w".parts(separatedBy: "=", maxSplits: 1) == ["k", "v=w"])
        #expect("".parts(separatedBy: ",") == [""])
        #expect("".parts(separatedBy: ",", omittingEmptyParts: true) == [])
    }

    @Test("A prefix ends between two scalars")
    func prefix() {
        #expect("caf\u{e9}".prefix(ofBytes: 4) == "caf")
        #expect("caf\u{e9}".prefix(ofBytes: 5) == "caf\u{e9}")
        #expect("cafe\u{301}".prefix(ofBytes: 5).hasSameBytes(as: "cafe"))
        #expect(String(repeating: "\u{1F600}", count: 100).prefix(ofBytes: 255).utf8.count == 252)
        #expect("a\r\n".prefix(ofBytes: 2).hasSameBytes(as: "a\r"))
        #expect("a".prefix(ofBytes: 0) == "")
    }

    @Test("Comparisons go by bytes")
    func comparisons() {
        #expect(!"caf\u{e9}".hasSameBytes(as: "cafe\u{301}"))
        #expect("caf\u{e9}".hasSameBytes(as: "caf\u{e9}"))
        #expect("cafe\u{301}".precedesByBytes("caf\u{e9}"))
        #expect(!"a".precedesByBytes("a"))
        #expect("cafe\u{301}".hasBytePrefix("cafe"))
        #expect("a\r\n".hasByteSuffix("\n"))
        #expect(!"\n".hasByteSuffix("\r\n"))
        #expect("a\r\nb".containsBytes(of: "\n"))
        #expect(!"cafe\u{301}".containsBytes(of: "\u{e9}"))
    }

    @Test("A host and a port are joined in one way")
    func places() {
        #expect(String(host: "::1", port: 47234) == "[::1]:47234")
        #expect(String(host: "fe80::1%eth0", port: 1) == "[fe80::1%eth0]:1")
        #expect(String(host: "127.0.0.1", port: 5672) == "127.0.0.1:5672")
        #expect(String(host: "shop.example", port: 5672) == "shop.example:5672")
        // An accent behind a colon makes one Character of both.
        #expect(String(host: ":\u{301}", port: 1).utf8.first == UInt8(ascii: "["))
    }
}
