import BrokerSupport
import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("Messages of a queue")
    struct Messages {
        /// Three queues with ten rejected messages each, which are in the queue `dead`.
        private static let deadLetters = """
            import pika, sys
            connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
            channel = connection.channel()
            channel.confirm_delivery()
            channel.queue_declare('dead', durable=True)
            for origin in ['billing', 'emails', 'orders']:
                channel.queue_declare(origin, durable=True, arguments={
                    'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead'})
                for number in range(10):
                    channel.basic_publish('', origin, b'{"order": %d}' % number, pika.BasicProperties(
                        content_type='application/json', delivery_mode=2, message_id='m-%d' % number,
                        headers={'shop': 'north', 'attempt': number}))
                    method, _, _ = channel.basic_get(origin)
                    channel.basic_reject(method.delivery_tag, requeue=False)
            while channel.queue_declare('dead', passive=True).method.message_count < 30:
                connection.sleep(0.05)
            connection.close()
            """

        private func withDeadLetters(
            _ options: [String] = [], _ body: (TestBroker, String, DashboardTerminal) async throws -> Void
        ) async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            _ = try await Python.run(Self.deadLetters, arguments: [broker.uri(vhost)])
            try await DashboardTerminal.watch(broker, ["-V", vhost] + options) { dashboard in
                try await body(broker, vhost, dashboard)
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("Thirty dead letters go back to three queues with at most eight keys from the start")
        func sendBack() async throws {
            try await withDeadLetters { broker, vhost, dashboard in
                var keys = 0
                func press(_ key: String) async throws {
                    keys += 1
                    try await dashboard.press(key)
                }
                try await press("2")
                let queues = try await dashboard.wait(for: "dead letters in the first row") { $0.ready("dead") == 30 }
                // The selection stays with the queue that came first.
                if queues.selected?.contains(" dead ") != true { try await press("Home") }
                try await dashboard.wait(for: "selection of the dead letters") {
                    $0.selected?.contains(" dead ") == true
                }
                try await press("e")
                try await dashboard.wait(forText: "─ Messages of dead ─")
                try await press("Enter")
                let table = try await dashboard.wait(forText: "30 of 30 ready")
                #expect(table.text.contains("rejected in billing"))
                try await press("b")
                try await dashboard.wait(forText: "─ Send dead letters of dead back ─")
                try await press("Enter")
                let preview = try await dashboard.wait(forText: "─ Send 30 dead letters of dead back? ─")
                for origin in ["billing", "emails", "orders"] {
                    #expect(preview.text.contains("10 to queue \(origin) (rejected)"))
                }
                #expect(preview.text.contains("[> Cancel <]"))
                try await press("Tab")
                try await press("Enter")
                try await dashboard.wait(forText: "30 messages sent back")
                #expect(keys <= 8)
                for origin in ["billing", "emails", "orders"] {
                    #expect(try await broker.depth(origin, vhost: vhost) == 10)
                }
                #expect(try await broker.depth("dead", vhost: vhost) == 0)
            }
        }

        @Test("A message is opened, searched, and saved with its headers; publish --from publishes it again")
        func save() async throws {
            let path = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("message")).path
            defer { try? FileManager.default.removeItem(atPath: path) }
            try await withDeadLetters(["--view", "queues"]) { broker, vhost, dashboard in
                try await dashboard.wait(for: "dead letters") { $0.ready("dead") == 30 }
                try await dashboard.select("dead")
                try await dashboard.press("e", "Enter")
                try await dashboard.wait(forText: "30 of 30 ready")
                try await dashboard.press("Enter")
                let message = try await dashboard.wait(forText: "─ Message 1 of 30 in dead ─")
                #expect(message.text.contains("\"order\": 0"))
                #expect(message.text.firstMatch(of: /message_id +m-0/) != nil)
                #expect(message.text.firstMatch(of: /shop +north/) != nil)
                #expect(message.text.contains("rejected in billing"))
                try await dashboard.press("h")
                try await dashboard.wait(forText: "7b 22 6f 72")
                try await dashboard.press("w")
                try await dashboard.wait(forText: "─ Save message 1 ─")
                try await dashboard.press("C-u")
                try await dashboard.type(path)
                try await dashboard.press("Enter")
                try await dashboard.wait(forText: "wrote /")
                let line = try String(contentsOfFile: path, encoding: .utf8)
                #expect(line.contains(#""key":"shop""#) && line.contains(#""message_id":"m-0""#))
                try await broker.declare("again", vhost: vhost)
                let loaded = try await Rabbittop.run(
                    ["messages", "load", path, "--to", "again", "--vhost", vhost, "--yes"] + broker.options)
                #expect(loaded.status == 0, "\(loaded.standardError)")
                #expect(try await broker.depth("again", vhost: vhost) == 1)
                #expect(try await broker.depth("dead", vhost: vhost) == 30)
            }
        }
    }
}
