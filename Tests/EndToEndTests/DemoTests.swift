import Foundation
import LocalBroker
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("rabbittop demo")
    struct Demo {
        /// Runs the demo with a temporary folder of its own, which shows what it leaves behind.
        private func demo(_ body: (DashboardTerminal, pid_t) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
                "demo-\(UUID().uuidString.prefix(8))")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            var environment = DashboardTerminal.environment
            environment["TMPDIR"] = folder.path
            let program = TestTerminal.Program([try BuiltProgram.path("rabbittop"), "demo"], environment: environment)
            try await TestTerminal.run(program, width: 140, height: 50) { terminal in
                let dashboard = DashboardTerminal(terminal: terminal)
                try await dashboard.wait(for: "demo's dashboard", within: .seconds(60)) { $0.header.contains("● live") }
                #expect(left(in: folder).contains { $0.contains("beam") })
                try await body(dashboard, try #require(pid_t(try await terminal.value("pane_pid"))))
                try await terminal.waitForExit(within: .seconds(5))
                let rest: [String] =
                    try await wait(within: .seconds(3)) {
                        let left = left(in: folder)
                        return left.isEmpty ? left : nil
                    } ?? left(in: folder)
                #expect(rest.isEmpty, "processes and folders 3 s after the end")
            }
        }

        /// Processes with the folder in their environment, and what is in it.
        private func left(in folder: URL) -> [String] {
            let ids = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
            let processes = ids.compactMap { id -> String? in
                let environment = FileManager.default.contents(atPath: "/proc/\(id)/environ")
                guard environment?.range(of: Data(folder.path.utf8)) != nil else { return nil }
                let name = FileManager.default.contents(atPath: "/proc/\(id)/comm") ?? Data()
                return "\(id) \(String(decoding: name, as: UTF8.self))"
            }
            return processes + ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        }

        private func wait<Value>(within limit: Duration, _ probe: () -> Value?) async throws -> Value? {
            let deadline = ContinuousClock.now + limit
            while ContinuousClock.now < deadline {
                if let value = probe() { return value }
                try await Task.sleep(for: .milliseconds(50))
            }
            return nil
        }

        @Test("A channel that x closes is opened again by its application; q leaves nothing behind")
        func recovery() async throws {
            try await demo { dashboard, _ in
                try await dashboard.press("2")
                try await dashboard.wait(for: "queues with messages that come and go") { picture in
                    picture.rows.dropFirst(7).count { $0.hasSuffix(" live") } > 5
                }
                try await dashboard.press("9")
                try await dashboard.wait(for: "channels of the demo's applications") { picture in
                    picture.rows.count { $0.contains("channel 1") && $0.contains(" open ") } > 3
                }
                let victim = try await firstApplication(dashboard)
                try await dashboard.press("x")
                try await dashboard.wait(forText: "─ Close channel")
                try await dashboard.press("Down")
                try await dashboard.wait(forText: "> By 404 NOT_FOUND")
                try await dashboard.press("Enter")
                try await dashboard.wait(forText: "[> Cancel <]")
                try await dashboard.press("Tab")
                try await dashboard.wait(forText: "[> Close channel <]")
                try await dashboard.press("Enter")
                try await dashboard.wait(forText: "404 NOT_FOUND")
                try await dashboard.wait(for: "another channel of \(victim)") { picture in
                    let rows = picture.rows
                    guard let start = rows.firstIndex(where: { $0.dropFirst(2).hasPrefix(victim) }) else {
                        return false
                    }
                    let own = rows[(start + 1)...].prefix { $0.contains("└") || $0.contains("├") }
                    return own.contains { $0.contains(" 404 ") } && own.contains { $0.contains(" open ") }
                }
                try await dashboard.press("8")
                try await dashboard.wait(for: "404 in Events") { picture in
                    picture.rows.contains { $0.contains(" 404 ") && $0.contains("rabbittop-closed-this-channel") }
                }
                try await dashboard.press("q")
            }
        }

        /// Selects the first channel of the first application. - Returns: the application's name.
        private func firstApplication(_ dashboard: DashboardTerminal) async throws -> String {
            try await dashboard.press("g")
            try await dashboard.wait(for: "first application") { picture in
                guard let line = picture.selectedLine, line > 0 else { return false }
                return picture.isHeading(picture.rows[line - 1])
            }
            try await dashboard.press("j")
            // Applications still come, and the rows move: the one above the selected channel is its own.
            let picture = try await dashboard.wait(for: "its channel") { $0.selected?.contains("channel") == true }
            let above = picture.rows.prefix(try #require(picture.selectedLine)).last { row in
                !row.dropFirst(2).hasPrefix("└") && !row.dropFirst(2).hasPrefix("├")
            }
            let name = try #require(above).dropFirst(2).prefix { $0 != " " }
            return String(name)
        }

        @Test("Ended by a signal it leaves nothing behind, even by SIGKILL", arguments: [SIGTERM, SIGHUP, SIGKILL])
        func signals(number: Int32) async throws {
            try await demo { _, pid in _ = kill(pid, number) }
        }
    }
}
