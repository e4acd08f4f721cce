import Testing

@testable import Screen

@Suite("Text fit for a terminal")
struct TextTests {
    @Test(
        "What must not reach a terminal is shown as an escape",
        arguments: [
            ("plain", "plain"), ("a\nb\tc\rd", "a\\nb\\tc\\rd"), ("\u{1b}[2J", "\\x1b[2J"), ("\0", "\\x00"),
            ("\u{7f}", "\\x7f"), ("\u{85}", "\\u{0085}"), ("\u{9b}2J", "\\u{009b}2J"),
            ("invoice\u{202e}fdp", "invoice\\u{202e}fdp"), ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
            ("a\u{200d}b", "a\\u{200d}b"), ("\u{feff}q", "\\u{feff}q"), ("a\u{2028}b", "a\\u{2028}b"),
            ("\u{e0041}", "\\u{e0041}"), ("\u{10ffff}", "\\u{10ffff}"), ("a\u{fe0f}", "a\\u{fe0f}"),
            ("\u{301}x", "\\u{0301}x"), ("\n\u{301}", "\\n\\u{0301}"), ("\r\n", "\\r\\n"), ("\\n", "\\n"),
            ("👨\u{200d}👩\u{200d}👧!", "👨!"), ("👍🏽", "👍"), ("☀\u{fe0f}", "☀"), ("❤\u{fe0f}\u{200d}🔥", "❤"),
            ("😀\u{200d}x", "😀\\u{200d}x"), ("葛\u{e0100}", "葛"), ("é", "é"), ("e\u{301}", "e\u{301}"),
        ])
    func visible(text: String, expected: String) {
        // Strings compare by canonical equivalence; here every scalar counts.
        #expect(Array(Text.visible(text).unicodeScalars) == Array(expected.unicodeScalars))
    }

    @Test("Marks piled on one character are cut to three")
    func marksAreLimited() {
        let text = "a" + String(repeating: "\u{301}", count: 50) + "b"
        #expect(Text.visible(text).unicodeScalars.count == 5)
        #expect(TextWidth.columns(of: text) == 2)
    }

    @Test("Whatever bytes come in, what comes out is printable and is stable", arguments: 0..<200)
    func anyTextIsPrintable(seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        let pool: [UInt32] = [0x1B, 0x0A, 0x61, 0x301, 0x200D, 0xFE0F, 0x1F600, 0x65E5, 0x202E, 0x2764, 0x1F3FB, 0x31]
        var text = ""
        for _ in 0..<40 {
            let value = next() % 4 == 0 ? UInt32(next() % 0x110000) : pool[Int(next() % UInt64(pool.count))]
            if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
        }
        let shown = Text.visible(text)
        for scalar in shown.unicodeScalars { #expect(ColumnClass.of(scalar.value) != .escape) }
        #expect(Array(Text.visible(shown).unicodeScalars) == Array(shown.unicodeScalars))
        #expect(TextWidth.columns(of: text) == TextWidth.columns(of: shown))
    }

    @Test(
        "Truncation counts columns and never splits a wide character",
        arguments: [
            ("orders", 6, "orders"), ("orders", 5, "orde…"), ("orders", 1, "…"), ("orders", 0, ""),
            ("orders", -3, ""), ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("日本語", 6, "日本語"),
            ("ne\u{301}e", 2, "n…"), ("a\nb", 3, "a\\…"),
        ])
    func truncated(text: String, columns: Int, expected: String) {
        #expect(Text.truncated(text, to: columns) == expected)
        #expect(TextWidth.columns(of: Text.truncated(text, to: columns)) <= max(0, columns))
    }

    @Test("Padding fills to exactly the columns asked for")
    func padded() {
        #expect(Text.padded("日本", to: 6) == "日本  ")
        #expect(Text.padded("日本", to: 6, alignment: .trailing) == "  日本")
        #expect(Text.padded("日本", to: 7, alignment: .center) == " 日本  ")
        #expect(Text.padded("日本語", to: 4, ellipsis: "~") == "日~ ")
    }

    @Test func columnsAreAlignedByTheirWidthOnTheScreen() {
        let rows = [["family", "a", "b", "observed"], ["direct", "", "1", "q"], ["fanout", "-", "", ""]]
        #expect(Text.aligned(rows) == ["family  a  b  observed", "direct     1  q", "fanout  -"])
        #expect(Text.aligned([["é界", "1"], ["abcd", "12"]], [.leading, .trailing]) == ["é界    1", "abcd  12"])
        #expect(Text.aligned([["ab", "c"], ["d", "a "]], gap: 1) == ["ab c", "d  a "])
        #expect(Text.aligned([["abcd"], ["x"]], [.center]) == ["abcd", " x"])
        #expect(Text.aligned([]).isEmpty)
    }
}
