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
            try await Deck.watch(broker, ["-V", vhost, "--view", "queues"]) { deck in
                try await deck.wait(for: "queue") { $0.row("orders") != nil }
                try await deck.press("c")
                try await deck.wait(forText: "─ Consume from orders ─")
                try await deck.press("Enter")
                try await deck.wait(for: "consumer") { $0.text.contains("consumer on orders") }
                try await deck.press("9")
                // Connections that rabbittop watches with are listed, too, and have channels of the same number.
                try await deck.press("/")
                try await deck.type("rabbittop consume")
                try await deck.press("Enter")
                try await deck.wait(for: "its channel alone") { picture in
                    picture.row("channel 1") != nil && !picture.text.contains("rabbittop watch")
                }
                try await deck.select("channel 1")
                try await close(choice, deck)
                try await deck.wait(for: "closed channel") {
                    $0.selected?.contains("channel 1") == true && $0.selected?.contains("closed") == true
                }
                try await deck.press("8")
                try await deck.wait(for: "\(code) in Events") { picture in
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
                try await Deck.watch(broker, ["-V", vhost, "--view", "channels", "--rabbitmqctl", command]) { deck in
                    try await deck.select(name)
                    try await close("By 406 PRECONDITION_FAILED", deck)
                    let words = try await consumer.lastWords
                    #expect(words.hasPrefix("channel 406 PRECONDITION_FAILED - unknown delivery tag 987654321"))
                    #expect(words.contains("connection open: True"))
                    try await deck.press("8")
                    try await deck.wait(for: "406 with the client's name") { picture in
                        picture.rows.contains { $0.contains(" 406 ") && $0.contains(name) }
                    }
                    try await deck.press("/")
                    try await deck.type("987654321")
                    try await deck.press("Enter", "Enter")
                    let detail = try await deck.wait(forText: "─ event PRECONDITION_FAILED ─")
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
                try await Deck.watch(broker, ["-V", vhost, "--view", "channels"]) { deck in
                    try await deck.select(name)
                    try await deck.press("x")
                    let picker = try await deck.wait(forText: "─ Close channel 1 ─")
                    #expect(picker.text.contains("This channel cannot be closed alone"))
                    #expect(picker.text.contains("--rabbitmqctl"))
                    #expect(picker.text.contains("> Close its connection instead"))
                    try await deck.press("Enter")
                    try await deck.wait(forText: "─ Close connection")
                    try await deck.press("Tab")
                    try await deck.wait(forText: "[> Close connection <]")
                    try await deck.press("Enter")
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
                try await Deck.watch(broker, ["-V", vhost, "--view", "connections"]) { deck in
                    try await deck.select(name)
                    try await deck.press("X")
                    let question = try await deck.wait(forText: "─ Close connection")
                    #expect(question.text.contains("[> Cancel <]"))
                    #expect(question.text.contains("320 CONNECTION_FORCED"))
                    try await deck.press("Enter")
                    try await deck.wait(for: "end of the question") { !$0.text.contains("[> Cancel <]") }
                    try await deck.press("X")
                    try await deck.wait(forText: "[> Cancel <]")
                    try await deck.press("BTab")
                    try await deck.wait(for: "reason with the focus") { !$0.text.contains("[> Cancel <]") }
                    try await deck.press("C-u")
                    try await deck.type("drill of the north shop")
                    try await deck.wait(forText: "drill of the north shop")
                    try await deck.press("Tab", "Tab", "Enter")
                    #expect(
                        try await consumer.lastWords.hasPrefix(
                            "connection 320 CONNECTION_FORCED - drill of the north shop"))
                    try await deck.wait(for: "table without it") {
                        !$0.rows.dropFirst(6).contains { $0.contains("  \(name)") }
                    }
                }
            }
            try await broker.deleteVhost(vhost)
        }

        /// Presses x, takes the choice and confirms, which is not what has the focus.
        private func close(_ choice: String, _ deck: Deck) async throws {
            try await deck.press("x")
            try await deck.wait(forText: "─ Close channel 1 ─")
            while try await !deck.picture().text.contains("> \(choice)") {
                let before = try await deck.picture().text
                try await deck.press("Down")
                try await deck.wait(for: "next choice", within: .seconds(5)) { $0.text != before }
            }
            try await deck.press("Enter")
            let question = try await deck.wait(forText: "─ Close channel 1? ─")
            #expect(question.text.contains("[> Cancel <]"))
            try await deck.press("Tab")
            try await deck.wait(forText: "[> Close channel <]")
            try await deck.press("Enter")
        }
    }
}
