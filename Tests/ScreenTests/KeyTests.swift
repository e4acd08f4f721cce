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
