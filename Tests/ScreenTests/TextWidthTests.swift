import Glibc
import Testing

@testable import Screen

@Suite("Columns of text")
struct TextWidthTests {
    @Test(
        "Columns are those of the terminal",
        arguments: [
            ("", 0), ("abc", 3), ("héllo", 5), ("e\u{301}", 1), ("日本", 4), ("한국어", 6), ("ｱ", 1), ("Ａ", 2),
            ("שלום", 4), ("ไทย", 3), ("กำ", 2), ("क्ष", 2), ("Привет", 6), ("─│┌", 3), ("▁▂█", 3), ("⣿⠁", 2),
            ("😀", 2), ("⌚", 2), ("☀", 1), ("☀\u{FE0F}", 1), ("1\u{FE0F}\u{20E3}", 1), ("👍🏽", 2),
            ("👨\u{200D}👩\u{200D}👧", 2), ("🇩🇪", 2), ("\u{1F3F4}\u{E0067}\u{E0062}\u{E007F}", 2), ("䷀", 2),
            ("\n", 2), ("\u{1b}", 4), ("\u{202e}", 8), ("a\u{200b}b", 10), ("\u{e000}", 1), ("\u{301}", 8),
        ])
    func columns(text: String, columns: Int) {
        #expect(TextWidth.columns(of: text) == columns)
    }

    @Test("Every scalar that is shown as it is takes the columns that the C library says")
    func agreesWithTheCLibrary() throws {
        let locale = try #require(newlocale(LC_CTYPE_MASK, "C.UTF-8", nil))
        let before = uselocale(locale)
        defer {
            uselocale(before)
            freelocale(locale)
        }
        // Glibc declares wcwidth only for C programs that ask for X/Open.
        let symbol = try #require(dlsym(nil, "wcwidth"))
        let wcwidth = unsafeBitCast(symbol, to: (@convention(c) (wchar_t) -> Int32).self)
        var differing: [String] = []
        for value in UInt32(0x20)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let expected: Int32
            switch ColumnClass.of(value) {
            case .escape: continue
            case .mark: expected = 0
            case .narrow: expected = 1
            case .wide: expected = 2
            }
            let actual = wcwidth(wchar_t(value))
            // An older C library does not know the youngest characters yet.
            if actual != expected, actual >= 0 { differing.append("\(scalar.escaped(asASCII: true)): \(actual)") }
        }
        #expect(differing.isEmpty, "\(differing.prefix(20))")
    }

    @Test("What the C library calls a control character is never shown as it is")
    func controlsAreEscaped() {
        for value in Array(UInt32(0)..<0x20) + Array(0x7F..<0xA0) + [0x2028, 0x2029, 0xFEFF, 0x061C, 0x00AD] {
            #expect(ColumnClass.of(value) == .escape, "U+\(String(value, radix: 16))")
        }
        for value in Array(UInt32(0x200B)...0x200F) + Array(0x202A...0x202E) + Array(0x2060...0x206F) {
            #expect(ColumnClass.of(value) == .escape, "U+\(String(value, radix: 16))")
        }
    }
}
