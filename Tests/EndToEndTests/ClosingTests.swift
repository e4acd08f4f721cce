import BrokerSupport
import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("Closing channels and connections")
    struct Closing {
        @Test(
            "x closes a channel of ours: politely, by 404, by 406; Events shows the code",
            arguments: [("Politely", "200"), ("By 404 NOT_FOUND", "404"), ("By 406 PRECONDITION_FAILED", "406")])
        func ours(choice: String, code: String) async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "queues"]) { dashboard in
                try await dashboard.wait(for: "queue") { $0.row("orders") != nil }
                try await dashboard.press("c")
                try await dashboard.wait(forText: "─ Consume from orders ─")
                try await dashboard.press("Enter")
                try await dashboard.wait(for: "consumer") { $0.text.contains("consumer on orders") }
                try await dashboard.press("9")
                // Connections that rabbittop watches with are listed, too, and have channels of the same number.
                try await dashboard.press("/")
                try await dashboard.type("rabbittop consume")
                try await dashboard.press("Enter")
                try await dashboard.wait(for: "its channel alone") { picture in
                    picture.row("channel 1") != nil && !picture.text.contains("rabbittop watch")
                }
                try await dashboard.select("channel 1")
                try await close(choice, dashboard)
                try await dashboard.wait(for: "closed channel") {
                    $0.selected?.contains("channel 1") == true && $0.selected?.contains("closed") == true
                }
                try await dashboard.press("8")
                try await dashboard.wait(for: "\(code) in Events") { picture in
                    picture.rows.contains { $0.contains(" \(code) ") && $0.contains("channel") }
                }
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("With rabbitmqctl x gives a channel of any client a real 406, and Events names the client")
        func anybodys() async throws {
            let broker = try await TestBroker.shared()
            try await broker.ensureLogExchange()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            let name = uniqueName("shop")
            try await Pika.consume(broker, vhost: vhost, queue: "orders", name: name) { consumer in
                let command = broker.node.rabbitmqctlCommand.map { "'\($0)'" }.joined(separator: " ")
                try await DashboardTerminal.watch(
                    broker, ["-V", vhost, "--view", "channels", "--rabbitmqctl", command]
                ) { dashboard in
                    try await dashboard.select(name)
                    try await close("By 406 PRECONDITION_FAILED", dashboard)
                    let words = try await consumer.lastWords
                    #expect(words.hasPrefix("channel 406 PRECONDITION_FAILED - unknown delivery tag 987654321"))
                    #expect(words.contains("connection open: True"))
                    try await dashboard.press("8")
                    try await dashboard.wait(for: "406 with the client's name") { picture in
                        picture.rows.contains { $0.contains(" 406 ") && $0.contains(name) }
                    }
                    try await dashboard.press("/")
                    try await dashboard.type("987654321")
                    try await dashboard.press("Enter", "Enter")
                    let detail = try await dashboard.wait(forText: "─ event PRECONDITION_FAILED ─")
                    #expect(detail.text.firstMatch(of: /code +406/) != nil)
                    #expect(detail.text.firstMatch(of: /client name +shop-/) != nil)
                }
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("Without rabbitmqctl x says so and offers the connection")
        func offer() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            let name = uniqueName("shop")
            try await Pika.consume(broker, vhost: vhost, queue: "orders", name: name) { consumer in
                try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "channels"]) { dashboard in
                    try await dashboard.select(name)
                    try await dashboard.press("x")
                    let picker = try await dashboard.wait(forText: "─ Close channel 1 ─")
                    #expect(picker.text.contains("This channel cannot be closed alone"))
                    #expect(picker.text.contains("--rabbitmqctl"))
                    #expect(picker.text.contains("> Close its connection instead"))
                    try await dashboard.press("Enter")
                    try await dashboard.wait(forText: "─ Close connection")
                    try await dashboard.press("Tab")
                    try await dashboard.wait(forText: "[> Close connection <]")
                    try await dashboard.press("Enter")
                    #expect(try await consumer.lastWords.hasPrefix("connection 320 CONNECTION_FORCED"))
                }
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("X closes a connection with a reason that its client reads")
        func connection() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            let name = uniqueName("shop")
            try await Pika.consume(broker, vhost: vhost, queue: "orders", name: name) { consumer in
                try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "connections"]) { dashboard in
                    try await dashboard.select(name)
                    try await dashboard.press("X")
                    let question = try await dashboard.wait(forText: "─ Close connection")
                    #expect(question.text.contains("[> Cancel <]"))
                    #expect(question.text.contains("320 CONNECTION_FORCED"))
                    try await dashboard.press("Enter")
                    try await dashboard.wait(for: "end of the question") { !$0.text.contains("[> Cancel <]") }
                    try await dashboard.press("X")
                    try await dashboard.wait(forText: "[> Cancel <]")
                    try await dashboard.press("BTab")
                    try await dashboard.wait(for: "reason with the focus") { !$0.text.contains("[> Cancel <]") }
                    try await dashboard.press("C-u")
                    try await dashboard.type("drill of the north shop")
                    try await dashboard.wait(forText: "drill of the north shop")
                    try await dashboard.press("Tab", "Tab", "Enter")
                    #expect(
                        try await consumer.lastWords.hasPrefix(
                            "connection 320 CONNECTION_FORCED - drill of the north shop"))
                    try await dashboard.wait(for: "table without it") {
                        !$0.rows.dropFirst(6).contains { $0.contains("  \(name)") }
                    }
                }
            }
            try await broker.deleteVhost(vhost)
        }

        /// Presses x, takes the choice and confirms, which is not what has the focus.
        private func close(_ choice: String, _ dashboard: DashboardTerminal) async throws {
            try await dashboard.press("x")
            try await dashboard.wait(forText: "─ Close channel 1 ─")
            while try await !dashboard.picture().text.contains("> \(choice)") {
                let before = try await dashboard.picture().text
                try await dashboard.press("Down")
                try await dashboard.wait(for: "next choice", within: .seconds(5)) { $0.text != before }
            }
            try await dashboard.press("Enter")
            let question = try await dashboard.wait(forText: "─ Close channel 1? ─")
            #expect(question.text.contains("[> Cancel <]"))
            try await dashboard.press("Tab")
            try await dashboard.wait(forText: "[> Close channel <]")
            try await dashboard.press("Enter")
        }
    }
}
