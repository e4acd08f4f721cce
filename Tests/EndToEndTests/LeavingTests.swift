import BrokerSupport
import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("The terminal is left as it was found")
    struct Leaving {
        /// Runs rabbittop from a shell, and compares the terminal before and after what `end` does.
        private func compare(
            _ what: String, expecting status: String, end: (DashboardTerminal) async throws -> Void
        ) async throws {
            let broker = try await TestBroker.shared()
            let program = try BuiltProgram.path("rabbittop")
            var environment = DashboardTerminal.environment
            environment["SWIFT_BACKTRACE"] = "enable=yes,interactive=no"
            try await TestTerminal.run(.shell(environment: environment), width: 120, height: 40) { terminal in
                let dashboard = DashboardTerminal(terminal: terminal)
                try await terminal.enter(
                    "cd '\(terminal.folder.path)'; ulimit -c 0; stty -a > before; clear; echo found")
                try await terminal.wait(for: "shell") { $0.hasPrefix("found\n$") }
                try await terminal.enter(
                    "\(program) -P \(broker.node.ports.management); echo \"status $?\"; stty -a > after; echo compared")
                try await dashboard.wait(forText: "● live")
                #expect(try await terminal.value("alternate_on") == "1")
                try await end(dashboard)
                let screen = try await terminal.wait(for: "shell after \(what)") { $0.contains("\ncompared") }
                #expect(screen.hasPrefix("found\n"), "what was on the screen before is there again")
                #expect(screen.contains("\nstatus \(status)\n"))
                #expect(!screen.contains("Overview"))
                let before = FileManager.default.contents(atPath: terminal.folder.path + "/before")
                let after = FileManager.default.contents(atPath: terminal.folder.path + "/after")
                #expect(before != nil && before == after, "stty -a after \(what)")
                for (value, expected) in [
                    ("alternate_on", "0"), ("cursor_flag", "1"), ("mouse_any_flag", "0"), ("mouse_sgr_flag", "0"),
                    ("keypad_cursor_flag", "0"), ("keypad_flag", "0"),
                ] {
                    #expect(try await terminal.value(value) == expected, "\(value) after \(what)")
                }
            }
        }

        private func pid(_ dashboard: DashboardTerminal) async throws -> pid_t {
            let shell = try await dashboard.terminal.value("pane_pid")
            return try await dashboard.terminal.wait(for: "rabbittop's process") {
                let text = FileManager.default.contents(atPath: "/proc/\(shell)/task/\(shell)/children")
                    .map { String(decoding: $0, as: UTF8.self) }
                return text?.split(separator: " ").last.flatMap { pid_t($0) }
            }
        }

        @Test("After q and Ctrl-C", arguments: [("q", "0"), ("C-c", "130")])
        func keys(key: String, status: String) async throws {
            try await compare(key, expecting: status) { try await $0.press(key) }
        }

        @Test(
            "After a signal that asks for the end, and after a crash",
            arguments: [SIGTERM, SIGHUP, SIGUSR1, SIGALRM, SIGXCPU, SIGSEGV, SIGABRT])
        func signals(number: Int32) async throws {
            try await compare("signal \(number)", expecting: "\(128 + number)") { dashboard in
                _ = kill(try await pid(dashboard), number)
            }
        }

        @Test("Ctrl-Z gives the terminal back, fg takes it again and goes on")
        func suspend() async throws {
            let broker = try await TestBroker.shared()
            let program = try BuiltProgram.path("rabbittop")
            try await TestTerminal.run(.shell(environment: DashboardTerminal.environment), width: 120, height: 40) {
                terminal in
                let dashboard = DashboardTerminal(terminal: terminal)
                try await terminal.enter("cd '\(terminal.folder.path)'; stty -a > before; clear; echo found")
                try await terminal.wait(for: "shell") { $0.hasPrefix("found\n$") }
                try await terminal.enter("\(program) -P \(broker.node.ports.management) --view queues")
                try await dashboard.wait(forText: "● live")
                try await dashboard.press("C-z")
                try await terminal.wait(for: "shell while it is stopped") { $0.contains("Stopped") }
                #expect(try await terminal.value("alternate_on") == "0")
                #expect(try await terminal.value("mouse_any_flag") == "0")
                try await terminal.enter("stty -a > stopped; cmp stopped before && echo al''ike")
                try await terminal.wait(forText: "alike")
                try await terminal.enter("fg")
                try await dashboard.wait(for: "dashboard again") {
                    $0.header.contains("● live") && $0.text.contains("READY")
                }
                try await dashboard.press("3")
                try await dashboard.wait(forText: "CLIENT NAME")
                try await dashboard.press("q")
                try await terminal.wait(for: "shell again") { screen in
                    screen.hasPrefix("found\n") && screen.split(separator: "\n").last?.hasPrefix("$") == true
                }
                try await terminal.enter("stty -a > after; cmp after before && echo un''changed")
                try await terminal.wait(forText: "unchanged")
            }
        }

        @Test("A storm of sizes ends in a right picture")
        func storm() async throws {
            try await DashboardTerminal.watch(try await TestBroker.shared()) { dashboard in
                for number in 0..<40 {
                    try await dashboard.terminal.resize(width: 30 + number * 5, height: 6 + number)
                }
                try await dashboard.terminal.resize(width: 100, height: 30)
                try await dashboard.wait(for: "right picture") { picture in
                    picture.header.hasSuffix(where: \.isNumber, count: 2) && picture.rows[0].count <= 100
                        && picture.rows.firstIndex { $0.contains("q Quit") } == 29
                }
                #expect(try await dashboard.terminal.exitStatus() == nil)
            }
        }
    }
}

extension String {
    fileprivate func hasSuffix(where condition: (Character) -> Bool, count: Int) -> Bool {
        self.count >= count && suffix(count).allSatisfy(condition)
    }
}
