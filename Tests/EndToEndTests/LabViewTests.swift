import BrokerSupport
import Foundation
import LocalBroker
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("The lab in the dashboard")
    struct LabView {
        /// The dashboard in its Lab view, with a temporary folder of its own, which shows what it leaves behind.
        private func lab(_ body: (Deck, URL) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: uniqueName("rabbittop-lab-view"))
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let broker = try await TestBroker.shared()
            try await Deck.watch(
                broker, ["--read-only"], width: 150, height: 80, environment: ["TMPDIR": folder.path]
            ) { deck in
                try await deck.press("0")
                try await deck.wait(forText: "closed-channel-in-pool")
                try await body(deck, folder)
                try await deck.press("q")
                try await deck.terminal.waitForExit()
                let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                #expect(left.filter { !$0.hasSuffix(".html") } == [])
            }
        }

        /// Whether the row of a variant has this, left of the details.
        private func says(_ word: String, of variant: String, _ picture: Picture) -> Bool {
            picture.rows.contains { row in
                let row = row.prefix(77)
                return row.contains(" \(variant) ") && row.contains(" \(word) ")
            }
        }

        private func run(_ variant: String, _ deck: Deck) async throws {
            try await deck.select(variant)
            try await deck.press("R")
            try await deck.wait(forText: "─ Run ")
            try await deck.press("Enter")
        }

        @Test("An experiment runs beside its charts, ends in its ledger, and becomes a page")
        func runs() async throws {
            try await lab { deck, folder in
                try await run("naive", deck)
                try await deck.wait(for: "charts, ledger and channels of the run", within: .seconds(60)) { picture in
                    says("running", of: "naive", picture)
                        && ["Messages in its queues", "Rates /s", "published", "What happened", " unconfirmed"]
                            .allSatisfy { picture.text.contains($0) }
                }
                try await deck.wait(for: "verdict", within: .seconds(120)) { picture in
                    says("failed as expected", of: "naive", picture)
                }
                try await deck.press("w")
                try await deck.wait(forText: "─ Write lab to a file")
                try await deck.press("C-u")
                let page = folder.appending(path: "pool.html")
                try await deck.type(page.path)
                try await deck.press("Enter")
                try await deck.wait(forText: "wrote ")
                let html = try String(contentsOf: page, encoding: .utf8)
                #expect(html.contains("closed-channel-in-pool") && html.contains("<svg"))
                #expect(html.contains("ChannelStateInvalidError") || html.contains("closed channel"))
            }
        }

        @Test("Esc ends a run with the ledger so far, and its broker is gone")
        func cancelled() async throws {
            try await lab { deck, _ in
                try await run("fragile", deck)
                try await deck.wait(for: "orders", within: .seconds(60)) { picture in
                    says("running", of: "fragile", picture) && picture.text.contains(#/ consumed +[1-9]/#)
                }
                try await deck.press("Escape")
                try await deck.wait(for: "closed details") { !$0.text.contains("─ lab ") }
                try await deck.press("Escape")
                try await deck.wait(for: "its end", within: .seconds(60)) { picture in
                    says("✗ not as expected", of: "fragile", picture)
                }
                try await deck.press("Enter")
                try await deck.wait(forText: "interrupted after")
            }
        }
    }
}
