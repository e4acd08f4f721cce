import Names
import Testing

@Suite("A name goes by its bytes")
struct NameTests {
    /// Equal as Strings, as Swift sees them.
    static let composed = "caf\u{e9}"
    static let decomposed = "cafe\u{301}"

    @Test("Two spellings of one text are two names, in comparisons, sets and dictionaries")
    func canonicallyEquivalent() {
        #expect(Self.composed == Self.decomposed, "Swift takes them for the same")
        let composed = Name(Self.composed)
        let decomposed = Name(Self.decomposed)
        #expect(composed != decomposed)
        #expect(composed == Self.composed)
        #expect(composed != Self.decomposed)
        #expect(Self.decomposed == decomposed)
        #expect(Self.composed != decomposed)
        #expect(Set([composed, decomposed, Name(Self.composed)]).count == 2)
        var depths: [Name: Int] = [composed: 2, decomposed: 6]
        depths[Name(Self.decomposed)] = 7
        #expect(depths == [composed: 2, decomposed: 7])
    }

    @Test("Names are ordered by their bytes")
    func order() {
        let names: [Name] = ["b", "\u{e9}", "e\u{301}", "B", "", "ba", Name(bytes: [0xFF]), "\u{10000}", "\u{FFFD}"]
        #expect(
            names.sorted() == [
                "", "B", "b", "ba", "e\u{301}", "\u{e9}", "\u{FFFD}", "\u{10000}", Name(bytes: [0xFF]),
            ])
        #expect(!(Name("a") < Name("a")))
    }

    @Test("Bytes that are not UTF-8 stay as they are, distinct and shown")
    func invalid() {
        let one = Name(bytes: [0x61, 0xFF, 0x0A, 0xC3])
        let other = Name(bytes: [0x61, 0xFE, 0x0A, 0xC3])
        #expect(one != other)
        #expect(one.hashValue != other.hashValue)
        #expect(one.bytes == [0x61, 0xFF, 0x0A, 0xC3])
        #expect(one.count == 4)
        #expect(one.text == "a\\xFF\n\\xC3")
        #expect("\(other)" == "a\\xFE\n\\xC3")
        #expect(!one.isText)
        #expect(one != "a\\xFF\n\\xC3")
        #expect(one != Name(one.text), "what it looks like is another name")
        #expect(Name(bytes: [0x61, 0xFF, 0x0A, 0xC3]) == one)
        #expect(Name(bytes: [0xF0, 0x9F, 0x98]).text == "\\xF0\\x9F\\x98")
        #expect(Name(bytes: [0x05, 0x80, 0xC3, 0xA9]).text == "\u{5}\\x80\u{e9}")
    }

    @Test("Every sequence of bytes keeps its bytes", arguments: 0..<200)
    func anyBytes(seed: UInt64) {
        var random = seed &* 0x9E37_79B9_7F4A_7C15
        let bytes = (0..<Int(seed % 9)).map { _ in
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: random >> 56)
        }
        #expect(Name(bytes: bytes).bytes == bytes)
        #expect(Name(bytes: bytes).count == bytes.count)
    }

    @Test("UTF-8 bytes and their text are the same name")
    func validBytes() {
        #expect(Name(bytes: Array(Self.decomposed.utf8)) == Name(Self.decomposed))
        #expect(Name(bytes: []) == "")
        #expect(Name(bytes: []).isEmpty)
        #expect(Name("a\r\nb").count == 4)
    }

    @Test("Prefixes, suffixes and parts are found in the bytes")
    func parts() {
        let name = Name(Self.decomposed + "\r\n")
        #expect(name.hasPrefix("cafe"), "though the accent makes another Character of the e")
        #expect(!name.hasPrefix(Name(Self.composed)))
        #expect(name.hasSuffix("\n"))
        #expect(name.contains("e"))
        #expect(name.contains(""))
        #expect(!name.contains(Name(Self.composed)))
        #expect(!Name("a").hasSuffix("aa"))
        #expect(Name(bytes: [0x61, 0xFF]).hasSuffix(Name(bytes: [0xFF])))
    }

    @Test("Literals and interpolation make names")
    func literals() {
        let queue = "orders"
        let name: Name = "\(queue).\(1)"
        #expect(name == "orders.1")
        #expect([Name("a"), "b"].joined(separator: ", ") == "a, b")
        let isOrders =
            switch name {
            case "orders.1": true;
            default: false
            }
        #expect(isOrders)
    }
}
