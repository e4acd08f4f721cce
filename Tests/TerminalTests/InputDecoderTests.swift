import Screen
import Testing

@testable import Terminal

@Suite("From bytes to keys")
struct InputDecoderTests {
    static let start = ContinuousClock.now

    static func bytes(_ text: String) -> [RawInput] { text.utf8.map { .byte($0) } }

    static func decode(_ text: String) -> [TerminalInput] {
        var decoder = InputDecoder()
        return decoder.decode(bytes(text), at: start)
    }

    @Test(
        "Single keys",
        arguments: [
            ("a", [Key.character("a")]), ("é日🐇", [.character("é"), .character("日"), .character("🐇")]),
            ("\r", [.enter]), ("\n", [.enter]), ("\t", [.tab]), ("\u{7f}", [.backspace]), ("\u{8}", [.backspace]),
            ("\u{1}", [.control("a")]), ("\u{0}", [.control(" ")]), ("\u{1c}", [.control("\\")]), (" ", [.space]),
            ("\u{1b}", [.escape]), ("\u{1b}\u{1b}", [.escape, .escape]), ("\u{1b}x", [.alt("x")]),
            ("\u{1b}é", [.alt("é")]), ("\u{1b}\r", [Key(.enter, .alt)]), ("\u{85}", []),
        ])
    func keys(text: String, keys: [Key]) {
        #expect(Self.decode(text) == keys.map { .key($0) })
    }

    @Test(
        "A control sequence that nobody asked for is dropped whole, and what follows is a key again",
        arguments: [
            "\u{1b}[Ix", "\u{1b}[?62;1;2cx", "\u{1b}[1;9Qx", "\u{1b}O!x", "\u{1b}[M !!x", "\u{1b}[57358ux",
        ])
    func unknownSequences(text: String) {
        #expect(Self.decode(text) == [.key(.character("x"))])
    }

    @Test("A character whose bytes come in two batches is one key")
    func splitCharacter() {
        var decoder = InputDecoder()
        #expect(decoder.decode([.byte(0xE6), .byte(0x97)], at: Self.start).isEmpty)
        #expect(decoder.decode([.byte(0xA5)], at: Self.start) == [.key(.character("日"))])
    }

    @Test(
        "Invalid UTF-8 is dropped without a trap and the next key counts",
        arguments: [[0xFF], [0x80, 0x80], [0xC3], [0xE6, 0x97], [0xF8, 0x88], [0xED, 0xA0, 0x80], [0xC0, 0x80]])
    func invalid(bytes: [UInt8]) {
        var decoder = InputDecoder()
        let inputs = decoder.decode(bytes.map { .byte($0) } + [.byte(0x71)], at: Self.start)
        #expect(inputs == [.key(.character("q"))])
    }

    @Test("Mouse reports")
    func mouse() {
        var decoder = InputDecoder()
        func decode(_ report: String, after time: Duration = .zero) -> [TerminalInput] {
            decoder.decode([.mouse] + Self.bytes(report), at: Self.start + time)
        }
        let point = Point(x: 4, y: 2)
        #expect(decode("0;5;3M") == [.mouse(MouseEvent(point: point, kind: .press(.left)))])
        #expect(decode("0;5;3m") == [.mouse(MouseEvent(point: point, kind: .release(.left)))])
        #expect(decode("0;5;3M", after: .milliseconds(300)) == [.mouse(MouseEvent(point: point, kind: .doubleClick))])
        #expect(decode("0;5;3M", after: .milliseconds(350)) == [.mouse(MouseEvent(point: point, kind: .press(.left)))])
        #expect(decode("0;5;3M", after: .seconds(2)) == [.mouse(MouseEvent(point: point, kind: .press(.left)))])
        #expect(decode("0;6;3M", after: .seconds(2)).first != .mouse(MouseEvent(point: point, kind: .doubleClick)))
        #expect(decode("2;300;90M") == [.mouse(MouseEvent(point: Point(x: 299, y: 89), kind: .press(.right)))])
        #expect(decode("1;5;3M") == [.mouse(MouseEvent(point: point, kind: .press(.middle)))])
        #expect(decode("64;5;3M") == [.mouse(MouseEvent(point: point, kind: .scrollUp))])
        #expect(decode("69;5;3M") == [.mouse(MouseEvent(point: point, kind: .scrollDown))])
        #expect(decode("32;5;3M").isEmpty)
        #expect(decode("0;0;3M").isEmpty)
        #expect(decode("0;99999999999999999999;3M").isEmpty)
        #expect(decode("0;5M").isEmpty)
        #expect(decode("").isEmpty)
        #expect(decoder.decode(Self.bytes("0;5;3M"), at: Self.start + .seconds(9)).count == 1)
    }

    @Test("What is pasted is text, never keys, in as many batches as it takes")
    func paste() {
        var decoder = InputDecoder()
        #expect(decoder.decode([.pasteBegin] + Self.bytes("qD\r\nab"), at: Self.start).isEmpty)
        let end = decoder.decode(Self.bytes("é\r") + [.key(.up), .pasteEnd] + Self.bytes("x"), at: Self.start)
        #expect(end == [.paste("qD\nabé\n"), .key(.character("x"))])
    }

    @Test("A paste whose end never comes is over after a second of silence")
    func endlessPaste() {
        var decoder = InputDecoder()
        #expect(decoder.decode([.pasteBegin] + Self.bytes("abc"), at: Self.start).isEmpty)
        let next = decoder.decode(Self.bytes("q"), at: Self.start + .milliseconds(1100))
        #expect(next == [.paste("abc"), .key(.character("q"))])
    }

    @Test("Any bytes in any order are taken without a trap", arguments: 0..<100)
    func anything(seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        var decoder = InputDecoder()
        for round in 0..<50 {
            var batch: [RawInput] = []
            for _ in 0..<20 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let value = state >> 33
                switch value % 16 {
                case 0: batch.append(.mouse)
                case 1: batch.append(.pasteBegin)
                case 2: batch.append(.pasteEnd)
                case 3: batch.append(.key(.up))
                case 4: batch.append(.unknown)
                case 5, 6: batch.append(.byte(0x1B))
                default: batch.append(.byte(UInt8(truncatingIfNeeded: value >> 8)))
                }
            }
            for input in decoder.decode(batch, at: Self.start + .milliseconds(round * 300)) {
                if case .key(let key) = input, case .character(let character) = key.code {
                    #expect(
                        character.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
                }
            }
        }
    }
}
