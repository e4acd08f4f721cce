import BrokerSupport
import Foundation
import LocalBroker
import Recorder
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("Recordings")
    struct Recording {
        private func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("recordings"))
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            return try await body(folder)
        }

        /// Runs a command line of a shell, whose children end with it.
        private func shell(_ script: String, _ arguments: [String]) async throws -> CommandOutput {
            try await ChildCommand(
                executable: "/bin/sh", arguments: ["-c", script, "sh"] + arguments,
                environment: ProcessInfo.processInfo.environment.merging(DashboardTerminal.environment) { $1 }
            ).run(deadline: .seconds(120))
        }

        /// Publishes to a missing exchange, so that the broker closes a channel with an error every 0.2 s.
        private static let errors = """
            import pika, sys, time
            connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
            end = time.time() + float(sys.argv[2])
            while time.time() < end:
                time.sleep(0.2)
                channel = connection.channel()
                channel.basic_publish('missing', 'k', b'')
                try:
                    connection.process_data_events(0.2)
                    channel.queue_declare('', passive=True)
                except pika.exceptions.AMQPError:
                    pass
            connection.close()
            """

        @Test("A recorder that is killed at any moment loses at most 5 s, and never the file")
        func killed() async throws {
            let broker = try await TestBroker.shared()
            try await broker.ensureLogExchange()
            let vhost = try await broker.makeVhost()
            let program = try BuiltProgram.path("rabbittop")
            try await withFolder { folder in
                let uri = broker.uri(vhost)
                async let errors = Python.run(Self.errors, arguments: [uri, "40"])
                var generator = SystemRandomNumberGenerator()
                let moments = (0..<20).map { _ in Double.random(in: 8...20, using: &generator) }
                let ends = try await withThrowingTaskGroup(of: (path: String, killedAt: Date).self) { group in
                    for (index, moment) in moments.enumerated() {
                        let path = folder.appendingPathComponent("\(index).sqlite").path
                        group.addTask {
                            let script = """
                                "$@" 2>/dev/null & pid=$!
                                sleep \(moment)
                                date +%s.%N
                                kill -9 $pid
                                """
                            let output = try await shell(script, [program, "record", path] + broker.options)
                            let text = output.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
                            return (path, Date(timeIntervalSince1970: try #require(Double(text))))
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                for (path, killedAt) in ends {
                    let reader = try RecordingReader(file: path)
                    let entries = try reader.entries(from: .distantPast, to: .distantFuture, limit: 100_000)
                    let last = try #require(entries.last { $0.code == 404 }, "an error is recorded in \(path)")
                    #expect(
                        killedAt.timeIntervalSince(last.at) <= 5,
                        "\(path) lacks the last \(killedAt.timeIntervalSince(last.at)) s")
                    let time = try #require(try reader.span()?.upperBound)
                    #expect(try reader.moment(at: time)?.cluster != nil)
                }
                _ = try await errors
            }
            try await broker.deleteVhost(vhost)
        }

        /// What differs by nature, because the recorder and the command ask the broker at different times and in
        /// different ways. `ReplayEqualsSnapshotTests` compares these, too, from the same answers, and events and clients.
        private static let passing: Set<String> = [
            // Measured anew at each request.
            "publish_rate", "deliver_rate", "ack_rate", "redeliver_rate", "recv_rate", "send_rate", "publish_in_rate",
            "publish_out_rate", "memory", "disk_free", "processes", "uptime_s", "fds", "sockets",
            // Computed from the machine's memory at that moment.
            "memory_limit",
            // Reported a few seconds late, by the broker's statistics.
            "idle_since",
            // The recorder has depths from Prometheus and passive declares, the command from the management API.
            "depth_age_s", "depth_source",
            // Whether a connection belongs to the asking process.
            "local",
            // Counted once a minute by the recorder.
            "bindings_out",
        ]

        private func rows(_ view: String, _ options: [String]) async throws -> Set<String> {
            let output = try await Rabbittop.run(["snapshot", "--view", view, "--format", "json"] + options)
            try #require(output.status == 0, "\(output.standardError)")
            let object = try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8)) as? [String: Any]
            let rows = try #require(object?["rows"] as? [[String: Any]])
            return try Set(
                rows.map { row in
                    let kept = row.filter { !Self.passing.contains($0.key) }
                    let data = try JSONSerialization.data(withJSONObject: kept, options: [.sortedKeys])
                    return String(decoding: data, as: UTF8.self)
                })
        }

        @Test("A recording holds for every view what snapshot said at that time")
        func equalsSnapshot() async throws {
            let broker = try await TestBroker.fresh()
            try await broker.ensureLogExchange()
            let vhost = try await broker.makeVhost()
            for name in ["orders", "mails"] { try await broker.declare(name, vhost: vhost) }
            let program = try BuiltProgram.path("rabbittop")
            // The broker lists the exchanges of a new virtual host a little later, and they are recorded once a minute.
            let deadline = ContinuousClock.now + .seconds(20)
            while try await !rows("exchanges", broker.options).contains(where: { $0.contains(vhost) }) {
                try #require(ContinuousClock.now < deadline, "the exchanges of \(vhost) are listed")
            }
            let views = ["overview", "queues", "connections", "channels", "consumers", "exchanges", "nodes"]
            try await withFolder { folder in
                let file = folder.appendingPathComponent("r.sqlite").path
                // It records until it is told to end, or for long enough.
                let end = folder.appendingPathComponent("end").path
                let script = """
                    end=$1; shift
                    "$@" & pid=$!
                    while [ ! -e "$end" ]; do sleep 0.2; done
                    kill -TERM $pid
                    wait $pid
                    """
                async let recording = shell(
                    script, [end, program, "record", file, "--for", "110s", "--show-own"] + broker.options)
                var said: [(at: String, rows: [String: Set<String>])] = []
                for count in [3, 7] {
                    try await Pika.consume(broker, vhost: vhost, queue: "mails", name: "mailer-\(count)") { _ in
                        try await broker.publish(count, to: "orders", vhost: vhost)
                        // What the broker reports settles when its statistics have come round.
                        try await settled(file, broker, views)
                        var rows: [String: Set<String>] = [:]
                        for view in views { rows[view] = try await self.rows(view, broker.options) }
                        said.append((Date().formatted(.iso8601), rows))
                    }
                }
                #expect(FileManager.default.createFile(atPath: end, contents: nil))
                let output = try await recording
                #expect(output.status == 0, "\(output.standardError)")
                for (at, live) in said {
                    for view in views {
                        let recorded = try await rows(view, ["--from", file, "--at", at])
                        let difference = recorded.symmetricDifference(live[view] ?? [])
                        #expect(difference.isEmpty, "\(view) at \(at)")
                    }
                }
                try #require(said.count == 2)
                #expect(said[0].rows["queues"] != said[1].rows["queues"])
            }
            await broker.node.remove()
        }

        /// Waits until the broker reports the same twice, and the recording has it.
        private func settled(_ file: String, _ broker: TestBroker, _ views: [String]) async throws {
            let deadline = ContinuousClock.now + .seconds(20)
            var last: [Set<String>] = []
            while ContinuousClock.now < deadline {
                var now: [Set<String>] = []
                var recorded: [Set<String>] = []
                for view in views {
                    now.append(try await rows(view, broker.options))
                    recorded.append((try? await rows(view, ["--from", file])) ?? [])
                }
                if now == last, recorded == now { return }
                last = now
                try await Task.sleep(for: .seconds(1))
            }
            Issue.record("the broker's figures did not settle")
        }

        /// A consumer that takes five messages and acknowledges none, and a queue that grows by 20 messages a second.
        private static let trouble = """
            import pika, sys, time
            parameters = pika.URLParameters(sys.argv[1])
            parameters.client_properties = {'connection_name': 'stuck-app'}
            connection = pika.BlockingConnection(parameters)
            channel = connection.channel()
            channel.basic_qos(prefetch_count=5)
            for _ in range(20):
                channel.basic_publish('', 'orders', b'x')
            channel.basic_consume('orders', lambda *_: None)
            end = time.time() + float(sys.argv[2])
            while time.time() < end:
                channel.basic_publish('', 'grow', b'x')
                connection.process_data_events(0.05)
            connection.close()
            """

        @Test("Whatever the view: findings come, rows are marked, and a queue never shown has a curve without holes")
        func watchedInTheBackground() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            for name in ["orders", "grow"] { try await broker.declare(name, vhost: vhost) }
            try await DashboardTerminal.watch(broker, ["-V", vhost, "--view", "events"]) { dashboard in
                async let trouble = Python.run(Self.trouble, arguments: [broker.uri(vhost), "52"])
                // The rule waits for 10 s; the lists are polled every 5 s.
                try await dashboard.wait(for: "finding in Events", within: .seconds(40)) {
                    $0.rows.contains { $0.contains("finding") && $0.contains("stuck-app") }
                }
                try await dashboard.wait(for: "finding of the growing queue", within: .seconds(40)) {
                    $0.rows.contains { $0.contains("finding") && $0.contains("grow") }
                }
                let picture = try await dashboard.picture()
                #expect(picture.rows[0].contains("finding"), "the header counts the findings: \(picture.rows[0])")
                try await dashboard.press("2")
                try await dashboard.wait(for: "mark of the queue", within: .seconds(10)) { picture in
                    picture.rows.contains { $0.hasPrefix("!") && $0.contains("orders") || $0.hasPrefix(">!") }
                        || picture.rows.contains { $0.contains("orders") && $0.contains("!") }
                }
                try await dashboard.select("grow")
                let now = try #require(try await dashboard.picture().ready("grow"))
                try await dashboard.press("Enter")
                let detail = try await dashboard.wait(for: "chart of the queue") {
                    $0.text.contains("queue grow") && $0.rows.contains { $0.contains(" 0 ┤") }
                }
                // The lowest line of the depth: from the first figure to the last there is no hole.
                let axis = try #require(detail.rows.first { $0.contains(" 0 ┤") }?.components(separatedBy: " 0 ┤").last)
                let drawn = axis.split(separator: "│")[0].trimmingCharacters(in: .whitespaces)
                #expect(drawn.count > 3 && !drawn.contains(" "), "the curve has no holes: '\(drawn)'")
                try await dashboard.press("Escape")
                try await dashboard.wait(for: "closed details") { !$0.text.contains("─ queue grow ─") }

                // Back to a time when the queue was shorter, and to the present. A step is about a second at least.
                for _ in 0..<5 { try await dashboard.press("{") }
                let past = try await dashboard.wait(for: "earlier time") {
                    $0.header.contains("REWOUND") && $0.ready("grow").map { $0 < now - 50 } == true
                }
                #expect(past.text.contains("not live"))
                try await dashboard.press("P")
                try await dashboard.wait(for: "refusal") {
                    $0.rows.suffix(3).joined().contains("earlier") || $0.rows.suffix(3).joined().contains("Esc")
                }
                try await dashboard.press("(")
                try await dashboard.wait(forText: "REWOUND")
                try await dashboard.press("Escape")
                try await dashboard.wait(for: "present") {
                    !$0.header.contains("REWOUND") && $0.ready("grow").map { $0 > now } == true
                }
                try await dashboard.press("m")
                try await dashboard.wait(forText: "Marked")
                try await dashboard.wait(for: "growth") { $0.ready("grow").map { $0 > now + 40 } == true }
                try await dashboard.press("M")
                let changes = try await dashboard.wait(forText: "What changed from")
                #expect(changes.rows.contains { $0.contains("grow") && $0.contains("ready") && $0.contains("→") })
                _ = try await trouble
            }
            try await broker.deleteVhost(vhost)
        }
    }
}
