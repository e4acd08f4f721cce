import Foundation
import TerminalSupport
import Testing

@Suite("The terminal is left as it was found", .serialized)
struct RestoreTests {
    /// Runs the probe from a shell, and compares the terminal's modes before and after what `end` does.
    private func compare(
        _ description: String, arguments: String = "", expecting: String,
        end: (TestTerminal) async throws -> Void
    ) async throws {
        let program = try BuiltProgram.path("TerminalProbe")
        let environment = ["SWIFT_BACKTRACE": "enable=yes,interactive=no"]
        try await TestTerminal.run(.shell(environment: environment)) { terminal in
            try await terminal.enter("cd '\(terminal.folder.path)'; ulimit -c 0; stty -a > before; clear; echo found")
            try await terminal.wait(for: "shell") { $0.hasPrefix("found\n$") }
            try await terminal.enter("\(program) \(arguments); echo \"status $?\"; stty -a > after; echo compared")
            try await terminal.wait(forText: "corner")
            #expect(try await terminal.value("alternate_on") == "1")
            try await end(terminal)
            let screen = try await terminal.wait(for: "shell after \(description)") { $0.contains("\ncompared") }
            #expect(screen.hasPrefix("found\n"), "what was on the screen before is there again")
            #expect(screen.contains(expecting))
            #expect(!screen.contains("corner"))
            let before = FileManager.default.contents(atPath: terminal.folder.path + "/before")
            let after = FileManager.default.contents(atPath: terminal.folder.path + "/after")
            #expect(before != nil && before == after, "stty -a after \(description)")
            #expect(try await terminal.value("alternate_on") == "0")
            #expect(try await terminal.value("cursor_flag") == "1")
            #expect(try await terminal.value("mouse_any_flag") == "0")
            #expect(try await terminal.value("mouse_sgr_flag") == "0")
            #expect(try await terminal.value("keypad_cursor_flag") == "0")
            #expect(try await terminal.value("keypad_flag") == "0")
            // Bracketed paste is off: what is pasted comes as it is.
            try await terminal.paste("echo pas''ted")
            try await terminal.press("Enter")
            try await terminal.wait(for: "paste") { $0.contains("\npasted\n") }
        }
    }

    private func pid(of terminal: TestTerminal) async throws -> pid_t {
        let shell = try await terminal.value("pane_pid")
        return try await terminal.wait(for: "probe's process") {
            let children = "/proc/\(shell)/task/\(shell)/children"
            let text = FileManager.default.contents(atPath: children).map { String(decoding: $0, as: UTF8.self) }
            return text?.split(separator: " ").last.flatMap { pid_t($0) }
        }
    }

    @Test("After its own end")
    func ownEnd() async throws {
        try await compare("q", expecting: "ended by key\nstatus 0") { try await $0.press("q") }
    }

    @Test("After Ctrl-C and Ctrl-\\", arguments: [("C-c", "interrupt"), ("C-\\", "quit")])
    func keys(key: String, signal: String) async throws {
        try await compare(key, expecting: "ended by \(signal)") { try await $0.press(key) }
    }

    @Test("After a signal that asks for the end", arguments: [(SIGTERM, "terminate"), (SIGHUP, "hangup")])
    func signals(number: Int32, name: String) async throws {
        try await compare(name, expecting: "ended by \(name)") { terminal in
            _ = kill(try await pid(of: terminal), number)
        }
    }

    @Test(
        "After a crash, which ends in the default action of its signal",
        arguments: [("s", SIGSEGV), ("a", SIGABRT), ("f", SIGILL), ("o", SIGSEGV)])
    func crashes(key: String, signal: Int32) async throws {
        // Swift traps with SIGILL on x86-64 and with SIGTRAP on others.
        #if arch(x86_64)
            let status = 128 + signal
        #else
            let status = 128 + (signal == SIGILL ? SIGTRAP : signal)
        #endif
        try await compare("crash \(key)", expecting: "status \(status)") { try await $0.press(key) }
    }

    @Test(
        "After every other signal that ends a program",
        arguments: [SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGIO, SIGPWR, 16, 34, 64])
    func otherSignals(number: Int32) async throws {
        try await compare("signal \(number)", expecting: "ended by other(\(number))") { terminal in
            _ = kill(try await pid(of: terminal), number)
        }
    }

    @Test("After SIGBUS, SIGFPE, SIGTRAP and SIGSYS from outside", arguments: [SIGBUS, SIGFPE, SIGTRAP, SIGSYS])
    func sentCrashes(number: Int32) async throws {
        try await compare("signal \(number)", expecting: "status \(128 + number)") { terminal in
            _ = kill(try await pid(of: terminal), number)
        }
    }

    @Test("Ctrl-Z gives the terminal back to the shell, fg takes it again and draws everything")
    func suspend() async throws {
        try await compare("Ctrl-Z, fg and q", arguments: "; true", expecting: "status 0") { terminal in
            try await terminal.press("x")
            try await terminal.wait(forText: "key x")
            try await terminal.press("C-z")
            try await terminal.wait(for: "shell while stopped") { $0.contains("Stopped") && $0.contains("compared") }
            #expect(try await terminal.value("alternate_on") == "0")
            #expect(try await terminal.value("mouse_any_flag") == "0")
            try await terminal.enter("stty -a > stopped; cmp stopped before && clear && echo found && echo al''ike")
            try await terminal.wait(forText: "\nalike")
            try await terminal.resize(width: 100, height: 30)
            try await terminal.enter(
                "fg >/dev/null; echo \"status $?\"; stty -a | sed 's/rows 30; columns 100/rows 24; columns 80/' > after; echo com''pared"
            )
            let screen = try await terminal.wait(for: "the picture again") {
                $0.contains("probe 100x30") && $0.contains("corner")
            }
            #expect(screen.contains("key x"))
            #expect(screen.contains("resumed"))
            #expect(try await terminal.value("alternate_on") == "1")
            #expect(try await terminal.value("mouse_standard_flag") == "1")
            try await terminal.press("y")
            try await terminal.wait(forText: "key y")
            try await terminal.press("q")
        }
    }

    @Test("Stopped with SIGSTOP and continued, it draws everything again")
    func stopped() async throws {
        try await compare("SIGSTOP and q", expecting: "status") { terminal in
            let probe = try await pid(of: terminal)
            _ = kill(probe, SIGSTOP)
            try await terminal.wait(for: "shell while stopped") { $0.contains("Stopped") }
            try await terminal.enter("clear; fg >/dev/null; clear; echo found; echo com''pared")
            try await terminal.wait(for: "the picture again") { $0.contains("resumed") && $0.contains("corner") }
            try await terminal.press("q")
            _ = try await terminal.wait(for: "shell") { $0.contains("\ncompared") }
            try await terminal.enter("clear; echo found; echo status; stty -a > after; echo com''pared")
            _ = try await terminal.wait(for: "shell") { $0.hasPrefix("found\nstatus\ncompared") }
        }
    }

    @Test("Ended while it is stopped, it leaves the shell's terminal alone")
    func endedWhileStopped() async throws {
        let program = try BuiltProgram.path("TerminalProbe")
        try await TestTerminal.run(.shell()) { terminal in
            try await terminal.enter("cd '\(terminal.folder.path)'; \(program) --log=log")
            try await terminal.wait(forText: "corner")
            try await terminal.press("C-z")
            try await terminal.wait(forText: "Stopped")
            try await terminal.enter("kill %1")
            try await terminal.wait(for: "note of the signal") {
                let log = FileManager.default.contents(atPath: terminal.folder.path + "/log") ?? Data()
                return String(decoding: log, as: UTF8.self).contains("signal terminate") ? true : nil
            }
            try await terminal.press("Enter")
            let screen = try await terminal.wait(forText: "ended by terminate")
            #expect(!screen.contains("corner"))
            #expect(try await terminal.value("alternate_on") == "0")
        }
    }

    @Test("When the terminal goes away the program ends")
    func hangup() async throws {
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("hangup-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: log) }
        let program = TestTerminal.Program([try BuiltProgram.path("TerminalProbe"), "--log=\(log)"])
        let pid = try await TestTerminal.run(program) { terminal in
            try await terminal.wait(forText: "corner")
            return try await terminal.wait(for: "pid") { pid_t(try await terminal.value("pane_pid")) }
        }
        try await awaitEnd(of: pid)
        let noted = String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
        #expect(noted.contains("hangup") || noted.contains("closed"))
    }

    private func awaitEnd(of pid: pid_t) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while kill(pid, 0) == 0 {
            try #require(ContinuousClock.now < deadline, "process \(pid) is still there")
            await Task.yield()
        }
    }
}
