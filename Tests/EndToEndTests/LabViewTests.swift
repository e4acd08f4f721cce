import BrokerSupport
import Foundation
import LocalBroker
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("The lab in the dashboard")
    struct LabView {
        /// The dashboard in its Lab view, with a temporary folder of its own, which shows what it leaves behind.
        private func lab(_ body: (DashboardTerminal, URL) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: uniqueName("rabbittop-lab-view"))
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let broker = try await TestBroker.shared()
            try await DashboardTerminal.watch(
                broker, ["--read-only"], width: 150, height: 80, environment: ["TMPDIR": folder.path]
            ) { dashboard in
                try await dashboard.press("0")
                try await dashboard.wait(forText: "closed-channel-in-pool")
                try await body(dashboard, folder)
                try await dashboard.press("q")
                try await dashboard.terminal.waitForExit()
                let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                #expect(left.filter { !$0.hasSuffix(".html") } == [])
            }
        }

        /// Whether the row of a variant has this, left of the details.
        private func says(_ word: String, of variant: String, _ picture: ScreenCapture) -> Bool {
            picture.rows.contains { row in
                let row = row.prefix(77)
                return row.contains(" \(variant) ") && row.contains(" \(word) ")
            }
        }

        private func run(_ variant: String, _ dashboard: DashboardTerminal) async throws {
            try await dashboard.select(variant)
            try await dashboard.press("R")
            try await dashboard.wait(forText: "─ Run ")
            try await dashboard.press("Enter")
        }

        @Test("An experiment runs beside its charts, ends in its ledger, and becomes a page")
        func runs() async throws {
            try await lab { dashboard, folder in
                try await run("naive", dashboard)
                try await dashboard.wait(for: "charts, ledger and channels of the run", within: .seconds(60)) {
                    picture in
                    says("running", of: "naive", picture)
                        && ["Messages in its queues", "Rates /s", "published", "What happened", " unconfirmed"]
                            .allSatisfy { picture.text.contains($0) }
                }
                try await dashboard.wait(for: "verdict", within: .seconds(120)) { picture in
                    says("failed as expected", of: "naive", picture)
                }
                try await dashboard.press("w")
                try await dashboard.wait(forText: "─ Write lab to a file")
                try await dashboard.press("C-u")
                let page = folder.appending(path: "pool.html")
                try await dashboard.type(page.path)
                try await dashboard.press("Enter")
                try await dashboard.wait(forText: "wrote ")
                let html = try String(contentsOf: page, encoding: .utf8)
                #expect(html.contains("closed-channel-in-pool") && html.contains("<svg"))
                #expect(html.contains("ChannelStateInvalidError") || html.contains("closed channel"))
            }
        }

        @Test("Esc ends a run with the ledger so far, and its broker is gone")
        func cancelled() async throws {
            try await lab { dashboard, _ in
                try await run("fragile", dashboard)
                try await dashboard.wait(for: "orders", within: .seconds(60)) { picture in
                    says("running", of: "fragile", picture) && picture.text.contains(#/ consumed +[1-9]/#)
                }
                try await dashboard.press("Escape")
                try await dashboard.wait(for: "closed details") { !$0.text.contains("─ lab ") }
                try await dashboard.press("Escape")
                try await dashboard.wait(for: "its end", within: .seconds(60)) { picture in
                    says("✗ not as expected", of: "fragile", picture)
                }
                try await dashboard.press("Enter")
                try await dashboard.wait(forText: "interrupted after")
            }
        }
    }
}
