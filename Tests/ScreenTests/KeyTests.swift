import Screen
import Testing

@Suite("Keys")
struct KeyTests {
    @Test(
        "A key is named as users know it",
        arguments: [
            (Key.control("c"), "^C"), (.pageUp, "PgUp"), (.backTab, "Shift-Tab"), (.function(5), "F5"),
            (.character("G"), "G"), (.space, "Space"), (.alt("x"), "Alt-x"), (.up, "↑"), (.escape, "Esc"),
            (Key(.left, [.control, .shift]), "Ctrl-Shift-←"), (Key(.delete), "Del"),
        ])
    func label(key: Key, label: String) {
        #expect(key.label == label)
    }

    @Test("Labels in ASCII are ASCII")
    func asciiLabels() {
        #expect(Key.up.label(.ascii) == "Up")
        #expect(Key(.right, .control).label(.ascii) == "Ctrl-Right")
    }

    @Test("Only unmodified characters are typed")
    func typed() {
        #expect(Key.character("é").typed == "é")
        #expect(Key.control("c").typed == nil)
        #expect(Key.alt("x").typed == nil)
        #expect(Key.enter.typed == nil)
    }
}

@Suite("Names of keys")
struct KeyNameTests {
    @Test(
        "A key is read as it is shown, and in the words that people write",
        arguments: [
            ("K", Key.character("K")), ("^K", .control("k")), ("ctrl-k", .control("k")), ("Alt-x", .alt("x")),
            ("F5", .function(5)), ("f12", .function(12)), ("space", .space), ("PgUp", .pageUp), ("↑", .up),
            ("up", .up), ("Shift-Tab", .backTab), ("Ctrl-Left", Key(.left, .control)), ("Esc", .escape),
            ("-", .character("-")), ("Ctrl--", .control("-")), ("é", .character("é")), ("^", .character("^")),
        ])
    func read(name: String, key: Key) {
        #expect(Key(name: name) == key)
        #expect(Key(name: key.label) == key)
        #expect(Key(name: key.label(.ascii)) == key)
    }

    @Test("Nothing else is a key", arguments: ["", " ", "KK", "F0", "F64", "Ctrl-", "Hyper-x", "Shift-k", "\n"])
    func refused(name: String) {
        #expect(Key(name: name) == nil)
    }
}
