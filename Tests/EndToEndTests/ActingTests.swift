import BrokerSupport
import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("Acting on queues")
    struct Acting {
        /// A vhost with one queue, on the screen and selected.
        private func withQueue(
            _ messages: Int = 0, _ options: [String] = [],
            body: (TestBroker, String, DashboardTerminal) async throws -> Void
        ) async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            if messages > 0 { try await broker.publish(messages, to: "orders", vhost: vhost, body: "Käse, 12 Stück") }
            try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "queues"] + options) { dashboard in
                try await dashboard.wait(for: "live queue") {
                    $0.row("orders")?.contains("live") == true && $0.ready("orders") == messages
                }
                try await body(broker, vhost, dashboard)
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("p publishes what its form says, and tells what the broker confirmed")
        func publish() async throws {
            try await withQueue { broker, vhost, dashboard in
                try await dashboard.press("p")
                let form = try await dashboard.wait(forText: "─ Publish in vhost \(vhost) ─")
                #expect(form.text.contains("Routing key  orders "))
                try await dashboard.press("Tab", "Tab")
                try await dashboard.replace("1", with: "500")
                try await dashboard.press("Enter")
                try await dashboard.wait(forText: "✓ publish to orders: 500 confirmed")
                try await dashboard.wait(forReady: 500, of: "orders")
                #expect(try await broker.depth("orders", vhost: vhost) == 500)
            }
        }

        @Test("A publish at a rate shows how far it is, goes on beside other keys, and Esc ends it")
        func rate() async throws {
            try await withQueue { broker, vhost, dashboard in
                try await dashboard.press("p")
                try await dashboard.wait(forText: "─ Publish in vhost \(vhost) ─")
                try await dashboard.press("Tab", "Tab")
                try await dashboard.replace("1", with: "100000")
                try await dashboard.press("Tab")
                try await dashboard.type("20")
                try await dashboard.press("Enter")
                try await dashboard.wait(for: "progress") { $0.text.contains(" of 100,000 · ") }
                try await dashboard.wait(for: "depth that grows") { ($0.ready("orders") ?? 0) > 10 }
                try await dashboard.press("Escape")
                let end = try await dashboard.wait(for: "end") { $0.text.contains("publish to orders: ") }
                let sent = try #require(end.text.firstMatch(of: /publish to orders: ([0-9,]+) confirmed/)?.1)
                let count = try #require(Int(sent.replacing(",", with: "")))
                #expect(count > 10 && count < 100_000)
                try await dashboard.wait(forReady: count, of: "orders")
            }
        }

        @Test("c drains a queue with a test consumer until Esc ends it")
        func consume() async throws {
            try await withQueue(300) { broker, vhost, dashboard in
                try await dashboard.press("c")
                try await dashboard.wait(forText: "─ Consume from orders ─")
                try await dashboard.press("Enter")
                try await dashboard.wait(for: "empty queue with a consumer") {
                    $0.ready("orders") == 0 && $0.number("CONS", of: "orders") == "1"
                }
                try await dashboard.wait(forText: "consumer on orders")
                try await dashboard.press("Escape")
                try await dashboard.wait(for: "end of the consumer") {
                    $0.number("CONS", of: "orders")?.hasPrefix("0") == true
                }
                #expect(try await dashboard.picture().text.contains("consumer on orders: "))
                #expect(try await broker.depth("orders", vhost: vhost) == 0)
            }
        }

        @Test("P asks, with Cancel in front; only Purge purges")
        func purge() async throws {
            try await withQueue(7) { broker, vhost, dashboard in
                try await dashboard.press("P")
                let question = try await dashboard.wait(forText: "─ Purge orders? ─")
                #expect(question.text.contains("throws away 7 ready messages"))
                #expect(question.text.contains("[> Cancel <]"))
                try await dashboard.press("Enter")
                try await dashboard.wait(for: "end of the question") { !$0.text.contains("Purge orders?") }
                #expect(try await broker.depth("orders", vhost: vhost) == 7)
                try await dashboard.press("P")
                try await dashboard.wait(forText: "─ Purge orders? ─")
                try await dashboard.press("Tab", "Enter")
                try await dashboard.wait(forText: "✓ purge of orders: purged orders")
                try await dashboard.wait(forReady: 0, of: "orders")
                #expect(try await broker.depth("orders", vhost: vhost) == 0)
            }
        }

        @Test("D asks, deletes the queue, and its row leaves")
        func delete() async throws {
            try await withQueue(3) { broker, vhost, dashboard in
                // One of the same name in another vhost is another's.
                let other = try await broker.makeVhost()
                try await broker.declare("orders", vhost: other)
                try await dashboard.press("D")
                let question = try await dashboard.wait(forText: "─ Delete queue orders? ─")
                #expect(question.text.contains("throws away 3 ready messages"))
                try await dashboard.press("Enter")
                try await dashboard.wait(for: "end of the question") { !$0.text.contains("Delete queue orders?") }
                #expect(try await broker.management("GET", "queues/\(vhost)/orders").status == 200)
                try await dashboard.press("D")
                try await dashboard.wait(forText: "─ Delete queue orders? ─")
                try await dashboard.press("Tab", "Enter")
                try await dashboard.wait(forText: "✓ deletion of queue orders: deleted queue orders")
                try await dashboard.wait(for: "table without it") { $0.row("orders") == nil }
                #expect(try await broker.management("GET", "queues/\(vhost)/orders").status == 404)
                #expect(try await broker.management("GET", "queues/\(other)/orders").status == 200)
                try await broker.deleteVhost(other)
            }
        }

        @Test("--read-only refuses what changes anything, and nothing changes")
        func readOnly() async throws {
            try await withQueue(4, ["--read-only"]) { broker, vhost, dashboard in
                try await Pika.consume(broker, vhost: vhost, queue: "orders", name: "untouched") { consumer in
                    #expect(try await dashboard.picture().header.contains("read-only"))
                    try await dashboard.wait(for: "consumer") { $0.number("CONS", of: "orders") == "1" }
                    for key in ["p", "c", "P", "D"] { try await refuse(key, dashboard) }
                    try await dashboard.press("4")
                    try await dashboard.select("untouched")
                    for key in ["x", "X"] { try await refuse(key, dashboard) }
                    try await dashboard.press("3")
                    try await dashboard.select("untouched")
                    try await refuse("X", dashboard)
                    let answer = try await broker.management("GET", "vhosts/\(vhost)/connections")
                    let connections = try #require(answer.json as? [[String: Any]])
                    let untouched = connections.first { $0["user_provided_name"] as? String == "untouched" }
                    let name = try #require(untouched?["name"] as? String)
                    _ = try await broker.management("DELETE", "connections/\(TestBroker.encoded(name))")
                    #expect(try await consumer.lastWords.hasPrefix("connection 320"))
                    // What was delivered to it went back.
                    #expect(try await broker.depth("orders", vhost: vhost) == 4)
                }
            }
        }

        /// The key opens nothing and says why.
        private func refuse(_ key: String, _ dashboard: DashboardTerminal) async throws {
            try await dashboard.press(key)
            let picture = try await dashboard.wait(forText: "Read-only: \(key) (")
            #expect(!picture.text.contains("┌─"), "\(key) opened nothing")
        }
    }
}
