import BrokerSupport
import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    /// What people want to know or do, with the keys that it takes from the start of the dashboard.
    @Suite("Common tasks take few keys") struct TaskTests {
        /// A consumer that acknowledges nothing, a publisher whose messages reach no queue, a service that consumes two
        /// queues, and a queue with one dead letter.
        private static let applications = """
            import pika, sys, threading, time
            def connect(name):
                parameters = pika.URLParameters(sys.argv[1])
                parameters.client_properties = {'connection_name': name}
                return pika.BlockingConnection(parameters)
            connection = connect('set-up')
            channel = connection.channel()
            channel.confirm_delivery()
            channel.exchange_declare('shop', 'topic')
            channel.exchange_declare('unheard', 'fanout')
            for queue, key in [('orders', 'order.#'), ('invoices', 'order.paid'), ('mails', '*.mail')]:
                channel.queue_declare(queue, durable=True)
                channel.queue_bind(queue, 'shop', key)
            channel.queue_declare('stuck', durable=True)
            for _ in range(200):
                channel.basic_publish('', 'stuck', b'x', pika.BasicProperties(
                    content_type='text/plain', message_id='m-1', headers={'shop': 'north'}))
            connection.close()
            def stuck():
                connection = connect('stuck-app')
                channel = connection.channel()
                channel.basic_qos(prefetch_count=10)
                channel.basic_consume('stuck', lambda *_: None)
                channel.start_consuming()
            def lost():
                connection = connect('lost-app')
                channel = connection.channel()
                while True:
                    channel.basic_publish('unheard', 'any', b'x')
                    connection.process_data_events(0.05)
            def service():
                connection = connect('billing-service')
                channel = connection.channel()
                for queue in ['invoices', 'mails']:
                    channel.basic_consume(queue, lambda channel, method, *_: channel.basic_ack(method.delivery_tag))
                channel.start_consuming()
            for application in [stuck, lost, service]:
                threading.Thread(target=application, daemon=True).start()
            time.sleep(float(sys.argv[2]))
            """

        /// One task in a terminal of its own.
        private final class Attempt {
            let dashboard: DashboardTerminal
            private let name: String
            private let started = ContinuousClock.now
            private(set) var keys = 0
            private var isTold = false

            init(_ name: String, _ dashboard: DashboardTerminal) {
                self.name = name
                self.dashboard = dashboard
            }

            func press(_ keys: String...) async throws {
                for key in keys {
                    self.keys += 1
                    try await dashboard.press(key)
                }
            }

            func type(_ text: String) async throws {
                keys += text.count
                try await dashboard.type(text)
            }

            /// Prints what it took, with what was done beyond the name; only once where nothing was.
            func end(_ what: String = "") {
                guard !isTold || !what.isEmpty else { return }
                isTold = true
                let seconds = (ContinuousClock.now - started) / .seconds(1)
                print("task: \(name)\(what): \(keys) keys, \(String(format: "%.1f", seconds)) s")
            }
        }

        private func attempt(
            _ name: String, _ broker: TestBroker, _ options: [String], environment: [String: String] = [:],
            _ body: (Attempt) async throws -> Void
        ) async throws {
            try await DashboardTerminal.watch(broker, options, environment: environment) { dashboard in
                let attempt = Attempt(name, dashboard)
                try await body(attempt)
                attempt.end()
            }
        }

        @Test("From the start of the dashboard")
        func tasks() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            let options = ["-V", vhost]
            let applications = Task {
                _ = try await Python.run(
                    Self.applications, arguments: [broker.uri(vhost), "150"], deadline: .seconds(160))
            }
            defer { applications.cancel() }

            try await attempt("find the stuck queue and its application", broker, options) { task in
                try await task.dashboard.wait(for: "unacked messages among the busiest queues") {
                    $0.rows.contains { $0.firstMatch(of: /stuck +190 +10▲? +1/) != nil }
                }
                try await task.press("Down", "Enter")
                try await task.dashboard.wait(forText: "─ queue stuck ─")
                try await task.press("Enter")
                try await task.dashboard.wait(for: "application, prefetch and unacked messages") {
                    $0.selected?.firstMatch(of: /stuck +stuck-app.* 10 +10▲? +100%/) != nil
                }
                #expect(task.keys <= 3)
                task.end()
                let before = task.keys
                try await task.press("x")
                try await task.dashboard.wait(forText: "> Close its connection instead")
                try await task.press("Enter")
                try await task.dashboard.wait(forText: "[> Cancel <]")
                try await task.press("Tab")
                try await task.dashboard.wait(forText: "[> Close connection <]")
                try await task.press("Enter")
                #expect(task.keys - before <= 4)
                let end = ContinuousClock.now + .seconds(20)
                while try await broker.depth("stuck", vhost: vhost) != 200 {
                    try #require(ContinuousClock.now < end, "the messages are ready again")
                }
                task.end(", and free its messages")
            }

            try await attempt("who publishes what reaches no queue", broker, options) { task in
                try await task.press("8")
                try await task.dashboard.wait(for: "finding", within: .seconds(40)) {
                    $0.row("unroutable")?.contains("lost-app at 127.0.0.1") == true
                }
                #expect(task.keys <= 3)
            }

            try await attempt("what does billing-service consume", broker, options) { task in
                try await task.press("5", "/")
                try await task.type("bil")
                try await task.dashboard.wait(for: "its two queues") {
                    ["invoices", "mails"].allSatisfy($0.text.contains) && !$0.text.contains("stuck-app")
                }
                #expect(task.keys <= 6)
            }

            try await attempt("what is bound to the exchange shop", broker, options) { task in
                try await task.press("6", "/")
                try await task.type("sho")
                try await task.press("Enter")
                try await task.dashboard.wait(for: "selection") { $0.selected?.contains(" shop ") == true }
                try await task.press("Enter")
                try await task.dashboard.wait(for: "bindings") { picture in
                    ["queue invoices +order.paid", "queue mails +\\*.mail", "queue orders +order.#"].allSatisfy {
                        (try? picture.text.firstMatch(of: Regex($0))) != nil
                    }
                }
                #expect(task.keys <= 7)
                task.end()
                // The publish form says where a key would go, without publishing.
                let before = task.keys
                try await task.press("p")
                try await task.dashboard.wait(forText: "─ Publish in vhost")
                try await task.press("Tab")
                try await task.type("order.paid")
                try await task.dashboard.wait(for: "route") {
                    $0.rows.contains { $0.contains("Route:") && $0.contains("invoices") && $0.contains("orders") }
                }
                #expect(task.keys - before <= 12)
                task.end(", and where would order.paid go")
            }

            try await attempt("what changed since a time", broker, options + ["--view", "queues"]) { task in
                try await task.dashboard.wait(for: "queues") { $0.row("orders") != nil }
                // Time that the dashboard remembers without the queue: its clock goes on by three seconds.
                var clocks: Set<String> = []
                try await task.dashboard.wait(for: "three seconds") { picture in
                    clocks.insert(String(picture.header.suffix(8)))
                    return clocks.count > 3
                }
                let change = ContinuousClock.now
                try await broker.declare("fresh", vhost: vhost)
                try await task.dashboard.wait(for: "new queue") { $0.row("fresh") != nil }
                try await task.press("T")
                try await task.dashboard.wait(forText: "─ Go to a time ─")
                try await task.type("-\(Int((ContinuousClock.now - change) / .seconds(1)) + 2)s")
                try await task.press("Enter")
                try await task.dashboard.wait(forText: "REWOUND")
                try await task.press("m")
                try await task.dashboard.wait(forText: "Marked")
                try await task.press("Escape")
                try await task.dashboard.wait(for: "present") { !$0.text.contains("REWOUND") }
                try await task.press("M")
                try await task.dashboard.wait(for: "new queue") {
                    $0.text.contains("─ What changed since the mark") && $0.text.contains("fresh")
                }
                #expect(task.keys <= 9)
            }

            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("home"))
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try """
            [other]
            hostname = localhost
            port = \(broker.node.ports.management)
            username = guest
            password = guest
            vhost = \(vhost)
            """.write(to: folder.appendingPathComponent(".rabbitmqadmin.conf"), atomically: true, encoding: .utf8)
            try await attempt("watch another cluster", broker, ["-V", "/"], environment: ["HOME": folder.path]) {
                task in
                try await task.press("N")
                try await task.dashboard.wait(for: "list of clusters") { $0.text.contains(" other ") }
                try await task.press("Down", "Enter")
                // The other one's section names the vhost.
                try await task.dashboard.wait(for: "queue of the vhost") { $0.text.contains(" stuck ") }
                #expect(task.keys <= 3)
            }

            let saved = folder.appendingPathComponent("message.jsonl").path
            try await attempt("save a message with its headers", broker, options) { task in
                try await task.press("2")
                try await task.dashboard.wait(for: "messages in the first row") { $0.ready("stuck") == 200 }
                try await task.press("g", "e", "Enter")
                try await task.dashboard.wait(forText: "200 ready")
                try await task.press("Enter")
                try await task.dashboard.wait(forText: "─ Message 1 of")
                try await task.press("w")
                try await task.dashboard.wait(forText: "─ Save message 1 ─")
                #expect(task.keys <= 6)
                try await task.dashboard.press("C-u")
                try await task.dashboard.type(saved)
                try await task.press("Enter")
                try await task.dashboard.wait(forText: "wrote /")
                let line = try String(contentsOfFile: saved, encoding: .utf8)
                #expect(line.contains(#""key":"shop""#) && line.contains(#""message_id":"m-1""#))
            }
            try await broker.deleteVhost(vhost)
        }
    }
}
