import Foundation
import TerminalSupport
import Testing

@Suite("Where there is no terminal to speak of", .serialized)
struct RefusalTests {
    @Test(
        "The message says what is wrong and what to do",
        arguments: [
            (nil, 80, 24, "TERM is not set"), ("", 80, 24, "TERM is not set"),
            ("nosuchterm", 80, 24, "terminal type 'nosuchterm' (TERM) is not known"),
            ("dumb", 80, 24, "terminal type 'dumb' (TERM) cannot move its cursor"),
            ("tmux-256color", 39, 24, "39x24 characters: make it at least 40x10"),
            ("tmux-256color", 80, 9, "80x9 characters: make it at least 40x10"),
        ])
    func refusals(type: String?, width: Int, height: Int, message: String) async throws {
        let program = TestTerminal.Program([try BuiltProgram.path("TerminalProbe")], type: type)
        try await TestTerminal.run(program, width: width, height: height) { terminal in
            #expect(try await terminal.waitForExit() == 2)
            let screen = try await terminal.screen()
            #expect(screen.replacing("\n", with: "").contains(message.replacing("\n", with: "")), "\(screen)")
            #expect(try await terminal.value("alternate_on") == "0")
        }
    }

    @Test("The smallest terminal is enough")
    func smallest() async throws {
        try await TestTerminal.run(TerminalTests.probe(), width: 40, height: 10) { terminal in
            try await terminal.wait(forText: "corner")
        }
    }

    @Test(
        "Redirected input or output is refused in words",
        arguments: [
            ("< /dev/null", "standard input is not a terminal"), ("| cat", "standard output is not a terminal"),
        ])
    func redirected(redirection: String, message: String) async throws {
        let program = try BuiltProgram.path("TerminalProbe")
        try await TestTerminal.run(.init(["bash", "-c", "set -o pipefail; \(program) \(redirection)"])) { terminal in
            let status = try await terminal.waitForExit()
            #expect(status == 2)
            #expect(try await terminal.screen().contains(message))
        }
    }
}
