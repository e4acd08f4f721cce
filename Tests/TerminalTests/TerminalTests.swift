import Foundation
import TerminalSupport
import Testing

/// Each test has a real terminal of its own, on the two cores that everything shares.
@Suite("A session on a real terminal", .serialized)
struct TerminalTests {
    static func probe(
        _ arguments: String..., environment: [String: String] = [:], type: String? = "tmux-256color"
    ) throws -> TestTerminal.Program {
        .init([try BuiltProgram.path("TerminalProbe")] + arguments, environment: environment, type: type)
    }

    @Test("A frame is on the screen as it was made, columns aligned behind wide characters")
    func drawing() async throws {
        try await TestTerminal.run(Self.probe()) { terminal in
            let screen = try await terminal.wait(forText: "corner")
            let rows = screen.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            #expect(rows[0] == "probe 80x24 utf8=true colors=256")
            #expect(rows[1] == "|orders      |  red on grey")
            #expect(rows[2] == "|注文ＡＢ    |  underlined")
            #expect(rows[3] == "|e\u{301}cole       |  reverse")
            #expect(rows[4] == "|🐇👍!       |")
            #expect(rows[5] == "|bad\\x1b[31m |")
            #expect(rows[6] == "|한국어      |")
            #expect(rows[7] == "|─▁█         |")
            #expect(rows[23].hasSuffix("corner"))
            #expect(try await terminal.value("alternate_on") == "1")
            #expect(try await terminal.value("cursor_flag") == "0")
        }
    }

    @Test("Colours and attributes arrive")
    func styles() async throws {
        try await TestTerminal.run(Self.probe()) { terminal in
            try await terminal.wait(forText: "corner")
            let styled = try await terminal.styledScreen()
            #expect(styled.contains("38;5;196"))
            #expect(styled.contains("48;5;236"))
            #expect(styled.contains("\u{1b}[4munderlined"))
            #expect(styled.contains("\u{1b}[7mreverse"))
        }
    }

    @Test(
        "Without colours no colour is written, whatever the reason",
        arguments: [("vt100", [String]()), ("tmux-256color", ["--no-color"])])
    func monochrome(type: String, arguments: [String]) async throws {
        var program = try Self.probe(type: type)
        program.arguments += arguments
        try await TestTerminal.run(program) { terminal in
            try await terminal.wait(forText: "colors=0")
            let styled = try await terminal.wait(for: "text") {
                let styled = try await terminal.styledScreen()
                return styled.contains("red on grey") ? styled : nil
            }
            // 39 and 49 are the terminal's own colours.
            #expect(try !styled.contains(Regex("\u{1b}\\[([0-9;]*;)?[34][0-8][;m]")))
            #expect(styled.contains("\u{1b}[7mreverse"))
        }
    }

    @Test("A terminal with 8 colours and 64 pairs gets the nearest")
    func eightColors() async throws {
        try await TestTerminal.run(Self.probe(type: "linux")) { terminal in
            try await terminal.wait(forText: "colors=8")
            let styled = try await terminal.styledScreen()
            #expect(styled.contains("31"))
            #expect(!styled.contains("38;5"))
        }
    }

    @Test("ASCII alone on request; and columns stay aligned", arguments: ["--ascii"])
    func ascii(argument: String) async throws {
        try await TestTerminal.run(Self.probe(argument)) { terminal in
            let screen = try await terminal.wait(forText: "corner")
            #expect(screen.utf8.allSatisfy { $0 < 0x80 })
            #expect(screen.contains("utf8=false"))
            #expect(screen.contains("|????????    |  underlined"))
        }
    }

    @Test("Without a locale (LANG=C) the C.UTF-8 locale is taken")
    func withoutLocale() async throws {
        try await TestTerminal.run(Self.probe(environment: ["LANG": "C"])) { terminal in
            let screen = try await terminal.wait(forText: "corner")
            #expect(screen.contains("utf8=true"))
            #expect(screen.contains("|注文ＡＢ    |"))
        }
    }

    @Test(
        "Keys",
        arguments: [
            ("Up", "↑"), ("Down", "↓"), ("Left", "←"), ("Right", "→"), ("Home", "Home"), ("End", "End"),
            ("PPage", "PgUp"), ("NPage", "PgDn"), ("IC", "Ins"), ("DC", "Del"), ("F1", "F1"), ("F12", "F12"),
            ("Enter", "Enter"), ("Tab", "Tab"), ("BTab", "Shift-Tab"), ("BSpace", "Backspace"), ("C-a", "^A"),
            ("Escape", "Esc"), ("Space", "Space"), ("M-x", "Alt-x"), ("C-Left", "Ctrl-←"), ("S-Right", "Shift-→"),
            ("M-Up", "Alt-↑"), ("C-S-Down", "Ctrl-Shift-↓"), ("S-F5", "Shift-F5"), ("é", "é"), ("日", "日"),
            ("🐇", "🐇"), ("G", "G"), ("/", "/"), ("C-s", "^S"), ("C-v", "^V"),
        ])
    func keys(name: String, label: String) async throws {
        try await TestTerminal.run(Self.probe(), height: 14) { terminal in
            try await terminal.wait(forText: "corner")
            try await terminal.press(name)
            try await terminal.wait(for: "key \(label)") { $0.contains("\nkey \(label)\n") }
        }
    }

    @Test("Escape alone is a key at once, not the beginning of the next one")
    func escapeAlone() async throws {
        try await TestTerminal.run(Self.probe()) { terminal in
            try await terminal.wait(forText: "corner")
            try await terminal.press("Escape")
            try await terminal.wait(forText: "key Esc", within: .seconds(2))
            try await terminal.press("x")
            try await terminal.wait(forText: "key x")
        }
    }

    @Test("The mouse is asked for, its reports are events, and --no-mouse leaves it alone")
    func mouse() async throws {
        try await TestTerminal.run(Self.probe()) { terminal in
            try await terminal.wait(forText: "corner")
            #expect(try await terminal.value("mouse_standard_flag") == "1")
            #expect(try await terminal.value("mouse_sgr_flag") == "1")
            try await terminal.send("\u{1b}[<0;5;3M\u{1b}[<0;5;3m")
            try await terminal.wait(forText: "mouse press(Screen.MouseEvent.Button.left) 4,2")
            try await terminal.wait(forText: "mouse release(Screen.MouseEvent.Button.left) 4,2")
            try await terminal.send("\u{1b}[<65;10;11M")
            try await terminal.wait(forText: "mouse scrollDown 9,10")
            #expect(try await !terminal.screen().contains("key"))
            try await terminal.press("q")
            try await terminal.waitForExit()
            #expect(try await terminal.value("mouse_any_flag") == "0")
        }
        try await TestTerminal.run(Self.probe("--no-mouse")) { terminal in
            try await terminal.wait(forText: "corner")
            #expect(try await terminal.value("mouse_any_flag") == "0")
        }
    }

    @Test("Pasted text does not act as keys")
    func paste() async throws {
        try await TestTerminal.run(Self.probe()) { terminal in
            try await terminal.wait(forText: "corner")
            try await terminal.paste("quit é\nnow")
            try await terminal.wait(forText: "paste quit é\\nnow")
            #expect(try await !terminal.screen().contains("key"))
        }
    }

    @Test("A new size is told once, and drawn; also one that is very small")
    func resize() async throws {
        try await TestTerminal.run(Self.probe()) { terminal in
            try await terminal.wait(forText: "probe 80x24")
            try await terminal.resize(width: 120, height: 40)
            try await terminal.wait(for: "new size") { $0.contains("probe 120x40") && $0.contains("corner") }
            try await terminal.resize(width: 12, height: 3)
            try await terminal.wait(for: "small size") { $0.hasPrefix("probe 12x3 ") || $0.hasPrefix("probe 12x3\n") }
            for width in stride(from: 100, through: 50, by: -5) { try await terminal.resize(width: width, height: 30) }
            let screen = try await terminal.wait(for: "last size") {
                $0.contains("probe 50x30") && $0.contains("corner")
            }
            #expect(screen.contains("resized 50x30"))
            #expect(screen.contains("|注文ＡＢ    |"))
        }
    }

    @Test("The cursor stands where the frame says, and is hidden where it says nothing")
    func cursor() async throws {
        try await TestTerminal.run(Self.probe()) { terminal in
            try await terminal.wait(forText: "corner")
            try await terminal.press("c")
            try await terminal.wait(for: "cursor") { try await terminal.value("cursor_flag") == "1" ? true : nil }
            try await terminal.wait(for: "its place") {
                let place = [try await terminal.value("cursor_x"), try await terminal.value("cursor_y")]
                return place == ["3", "4"] ? true : nil
            }
            try await terminal.press("c")
            try await terminal.wait(for: "no cursor") { try await terminal.value("cursor_flag") == "0" ? true : nil }
        }
    }

    @Test("A thread wakes the wait, once for many calls")
    func wakeup() async throws {
        try await TestTerminal.run(Self.probe()) { terminal in
            try await terminal.wait(forText: "corner")
            try await terminal.press("w")
            try await terminal.wait(forText: "woken")
        }
    }

    @Test("A frame that is on the screen already is not written again")
    func nothingChanged() async throws {
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("probe-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: log) }
        try await TestTerminal.run(Self.probe("--log=\(log)")) { terminal in
            let written = terminal.folder.path + "/written"
            func size() -> Int { FileManager.default.contents(atPath: written)?.count ?? 0 }
            func lines() -> [String] {
                let text = FileManager.default.contents(atPath: log).map { String(decoding: $0, as: UTF8.self) }
                return (text ?? "").split(separator: "\n").map(String.init)
            }
            try await terminal.wait(forText: "corner")
            try await terminal.tmux(["pipe-pane", "-t", "test", "cat > '\(written)'"])
            try await terminal.wait(for: "file") { FileManager.default.fileExists(atPath: written) ? true : nil }
            try await terminal.press("n")
            try await terminal.wait(for: "end of drawing") { lines().last == "after" ? true : nil }
            try await terminal.press("x")
            try await terminal.wait(forText: "key x")
            try await terminal.wait(for: "what was written") {
                let text = FileManager.default.contents(atPath: written).map { String(decoding: $0, as: UTF8.self) }
                return text?.contains("key x") == true ? true : nil
            }
            // Two lines of keys with their places; one whole frame alone is more than that.
            #expect(size() < 120, "\(size()) bytes")
        }
    }
}
