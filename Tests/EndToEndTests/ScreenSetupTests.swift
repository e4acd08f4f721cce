import BrokerSupport
import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("The set-up of the screen, and rules of the configuration")
    struct ScreenSetup {
        private func withFolder(_ body: (URL) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("setup"))
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(at: folder) }
            try await body(folder)
        }

        @Test("What was arranged is saved at the end and comes back, and a place that cannot be written is said")
        func savedAtTheEnd() async throws {
            let broker = try await TestBroker.shared()
            try await withFolder { folder in
                let variables = ["XDG_STATE_HOME": folder.path, "RABBITTOP_NO_SAVE": "false"]
                try await DashboardTerminal.watch(broker, environment: variables) { dashboard in
                    try await dashboard.press("6")
                    try await dashboard.wait(for: "exchanges") { $0.row("amq.direct") != nil }
                    try await dashboard.press("q")
                    #expect(try await dashboard.terminal.waitForExit() == 0)
                }
                let file = folder.appendingPathComponent("rabbittop/screens.json")
                #expect(try String(contentsOf: file, encoding: .utf8).contains("\"exchanges\""))
                try await DashboardTerminal.watch(broker, environment: variables) { dashboard in
                    try await dashboard.wait(for: "the view of before") { screen in
                        screen.rows.contains { $0.hasPrefix(" Exchanges ") }
                    }
                    try await dashboard.press("7")
                    try await dashboard.wait(forText: "MEM LIMIT")
                    // The folder becomes a file in its way.
                    try FileManager.default.removeItem(at: folder.appendingPathComponent("rabbittop"))
                    try Data().write(to: folder.appendingPathComponent("rabbittop"))
                    try await dashboard.press("q")
                    #expect(try await dashboard.terminal.waitForExit() == 0)
                    let left = try await dashboard.picture().text
                    #expect(left.contains("The screen was not saved"), "\(left)")
                }
            }
        }

        @Test("A rule of the configuration is a finding in Overview, in Events and at its row")
        func rule() async throws {
            let broker = try await TestBroker.shared()
            let queue = uniqueName("ruled")
            try await broker.declare(queue, vhost: "/")
            try await withFolder { folder in
                let file = folder.appendingPathComponent("config.toml")
                try """
                [[rule]]
                when = "queues: name = '\(queue)' and consumers = 0"
                severity = "critical"
                """.write(to: file, atomically: true, encoding: .utf8)
                try await DashboardTerminal.watch(broker, ["-c", file.path]) { dashboard in
                    try await dashboard.wait(forText: "queue '\(queue)'")
                    try await dashboard.press("8")
                    try await dashboard.wait(for: "its event") { screen in
                        screen.text.contains("queue '\(queue)' has")
                    }
                }
            }
            _ = try await broker.management("DELETE", "queues/%2F/\(queue)")
        }
    }
}
