import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    /// No broker is needed: the password is asked for before anything is sent.
    @Suite("The password prompt leaves the terminal as it was found")
    struct Prompt {
        /// Runs a command from a shell up to its prompt, and compares the terminal's settings before and after `body`.
        private func prompt(
            _ command: String, status: String, _ body: (TestTerminal, pid_t) async throws -> Void
        ) async throws {
            let program = try BuiltProgram.path("rabbittop")
            let port = try closedPort()
            try await TestTerminal.run(.shell(environment: DashboardTerminal.environment)) { terminal in
                try await terminal.enter("cd '\(terminal.folder.path)'; stty -a > before; clear")
                try await terminal.enter("'\(program)' \(command) -P \(port) -u bob")
                try await terminal.wait(forText: "Password of bob at localhost:\(port):")
                #expect(try await terminal.value("alternate_on") == "0")
                let shell = try await terminal.value("pane_pid")
                let child = try await terminal.wait(for: "process that asks") { () -> pid_t? in
                    let text = FileManager.default.contents(atPath: "/proc/\(shell)/task/\(shell)/children")
                        .map { String(decoding: $0, as: UTF8.self) }
                    return text?.split(separator: " ").last.flatMap { pid_t($0) }
                }
                try await terminal.typeUnseen("s3cret")
                try await body(terminal, child)
                try await terminal.enter("echo \"status $?\"; stty -a > after; cmp after before && echo un''changed")
                let screen = try await terminal.wait(forText: "unchanged")
                #expect(screen.contains("\nstatus \(status)\n"), "\(screen)")
                #expect(!screen.contains("s3cret") && !screen.contains("PASSWORD"), "\(screen)")
            }
        }

        @Test("Ctrl-C", arguments: ["snapshot", "check", "watch", "publish", "fault undo"])
        func interrupt(command: String) async throws {
            try await prompt(command, status: "130") { terminal, _ in
                try await terminal.press("C-c")
                try await terminal.wait(for: "shell") { $0.hasSuffixLine("$") }
            }
        }

        @Test(
            "A signal that asks for the end",
            arguments: [
                ("snapshot", SIGTERM), ("check", SIGTERM), ("watch", SIGTERM), ("watch", SIGHUP), ("snapshot", SIGHUP),
                ("check", SIGQUIT), ("watch", SIGQUIT), ("snapshot", SIGXCPU), ("watch", SIGVTALRM), ("check", SIGPROF),
                ("snapshot", 40),
            ])
        func signals(command: String, number: Int32) async throws {
            try await prompt(command, status: "\(128 + number)") { terminal, child in
                _ = kill(child, number)
                try await terminal.wait(for: "shell") { $0.hasSuffixLine("$") }
                // No core file: the password may be in it.
                let files = try FileManager.default.contentsOfDirectory(atPath: terminal.folder.path)
                #expect(!files.contains { $0.hasPrefix("core") })
            }
        }

        @Test(
            "Ctrl-Z gives the terminal back; fg asks again, and goes on with what is typed then",
            arguments: ["snapshot", "check"])
        func suspend(command: String) async throws {
            // Nobody listens on the port: the password is asked for, and then that is told.
            try await prompt(command, status: command == "check" ? "3" : "69") { terminal, _ in
                try await terminal.press("C-z")
                try await terminal.wait(forText: "Stopped")
                try await terminal.enter("stty -a > stopped; cmp stopped before && echo al''ike")
                try await terminal.wait(forText: "alike")
                try await terminal.enter("clear; fg")
                try await terminal.wait(for: "question again") { $0.hasSuffixLine(":") }
                try await terminal.enter("s3cret too")
                try await terminal.wait(forText: "refused")
                try await terminal.wait(for: "shell") { $0.hasSuffixLine("$") }
            }
        }

        @Test("The end of the input ends the question")
        func endOfInput() async throws {
            try await prompt("snapshot", status: "69") { terminal, _ in
                // The first ends the line that was begun, the second the input.
                try await terminal.press("C-d")
                try await terminal.press("C-d")
                try await terminal.wait(forText: "refused")
                try await terminal.wait(for: "shell") { $0.hasSuffixLine("$") }
            }
        }
    }
}

extension String {
    /// Whether the last line that is not empty ends so.
    fileprivate func hasSuffixLine(_ end: String) -> Bool {
        split(separator: "\n").last { !$0.allSatisfy { $0 == " " } }?.trimmingCharacters(in: .whitespaces).hasSuffix(
            end)
            ?? false
    }
}
