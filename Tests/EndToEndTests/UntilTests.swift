import BrokerSupport
import Foundation
import LocalBroker
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("Conditions: until, check --rule, snapshot --filter")
    struct Until {
        /// A vhost with a queue of its own.
        private func withQueue(_ body: (TestBroker, String, String) async throws -> Void) async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            let queue = uniqueName("until")
            try await broker.declare(queue, vhost: vhost)
            try await body(broker, vhost, queue)
            try await broker.deleteVhost(vhost)
        }

        private func until(_ broker: TestBroker, _ arguments: String...) async throws -> CommandOutput {
            try await Rabbittop.run(["until"] + broker.options + ["--interval", "0.3"] + arguments)
        }

        @Test("It waits until the condition holds, and says at the timeout what was the case")
        func waits() async throws {
            try await withQueue { broker, vhost, queue in
                async let waiting = until(
                    broker, "queue.'\(vhost)'.\(queue).ready >= 5 and count(nodes where running) = 1", "--timeout",
                    "60s")
                let small = try await until(broker, "queue.\(queue).ready > 1000", "--timeout", "1s")
                #expect(small.status == 1 && small.standardOutput.isEmpty)
                #expect(small.standardError.contains("It did not hold within 1s"), "\(small)")
                try await broker.publish(5, to: queue, vhost: vhost)
                let done = try await waiting
                #expect(done.status == 0 && done.standardError.isEmpty, "\(done)")
                #expect(done.standardOutput.contains(".ready is 5, count(nodes where running) is 1"), "\(done)")

                // By name alone, and as JSON.
                let json = try await until(broker, "queue.\(queue).ready = 5", "--timeout", "60", "--format", "json")
                let object = try JSONSerialization.jsonObject(with: Data(json.standardOutput.utf8)) as? [String: Any]
                #expect(object?["holds"] as? Bool == true, "\(json)")
                #expect((object?["values"] as? [String: Any])?["queue.\(queue).ready"] as? Int == 5)
                let many = try await until(broker, "queue.\(queue).ready > 1000", "--timeout", "0")
                #expect(many.status == 1 && many.standardError.contains("queue.\(queue).ready is 5."), "\(many)")
                let gone = try await until(broker, "queue.\(queue)-2.ready >= 0", "--timeout", "0s")
                #expect(gone.status == 1)
                #expect(
                    gone.standardError.contains("there is no queue '\(queue)-2'): not known is not true"), "\(gone)")
                let connection = try await until(broker, "connection.nobody.channels >= 0", "--timeout", "0")
                #expect(connection.standardError.contains("there is no connection 'nobody'"), "\(connection)")
                let figures = try await until(
                    broker, "overview.queues >= 1 and exchange.amq.topic.durable and count(queues) >= 1", "-V", vhost,
                    "--timeout", "30")
                #expect(figures.status == 0, "\(figures)")
            }
        }

        @Test("A broker that is away, a refused user and a wrong condition have their exit codes")
        func exits() async throws {
            let broker = try await TestBroker.shared()
            let away = try await Rabbittop.run(["until", "overview.queues > 0", "-P", "\(try closedPort())"])
            #expect(away.status == 69, "\(away)")
            let refused = try await until(broker, "overview.queues > 0", "-u", "nobody", "-p", "wrong")
            #expect(refused.status == 77, "\(refused)")
            let wrong = try await until(broker, "queue.orders.redy > 5")
            #expect(wrong.status == 2 && wrong.standardError.contains("perhaps ready is meant"), "\(wrong)")
            #expect(wrong.standardError.contains("  queue.orders.redy > 5\n               ^"), "\(wrong)")
            for arguments in [
                ["until", "overview.queues > 0", "--timeout", "soon"], ["until"],
                ["until", "overview.queues > 0", "--at", "03:12"],
                ["check", "--rule", "queues: ready > 5", "--warning", "--critical"], ["check", "--warning"],
                ["check", "--rule", "queues: ready >"], ["snapshot", "--filter", "redy > 5"],
            ] {
                let output = try await Rabbittop.run(arguments)
                #expect(output.status == (arguments[0] == "check" ? 3 : 2), "\(arguments): \(output)")
                #expect(output.standardOutput.isEmpty && !output.standardError.isEmpty)
            }
        }

        @Test("In a recording it finds the first time")
        func recorded() async throws {
            try await withQueue { broker, vhost, queue in
                let file = FileManager.default.temporaryDirectory.appendingPathComponent(
                    uniqueName("until") + ".sqlite")
                defer { try? FileManager.default.removeItem(at: file) }
                async let recording = Rabbittop.run(["record", file.path, "--for", "16s"] + broker.options)
                try await eventually("the empty queue is recorded") {
                    try await Rabbittop.run(["until", "queue.\(queue).ready = 0", "--from", file.path]).status == 0
                }
                let before = Date()
                try await broker.publish(7, to: queue, vhost: vhost)
                let recorded = try await recording
                #expect(recorded.status == 0, "\(recorded)")
                let found = try await Rabbittop.run(
                    ["until", "queue.\(queue).ready = 7", "--from", file.path, "--format", "json"])
                #expect(found.status == 0, "\(found)")
                let object = try JSONSerialization.jsonObject(with: Data(found.standardOutput.utf8)) as? [String: Any]
                let text = try #require(object?["at"] as? String)
                let whole = Date.ISO8601FormatStyle()
                let at =
                    try (try? Date(text, strategy: whole))
                    ?? Date(text, strategy: whole.time(includingFractionalSeconds: true))
                #expect(at > before.addingTimeInterval(-1) && at < before.addingTimeInterval(12), "\(at), \(before)")
                let earlier = try await Rabbittop.run(
                    ["until", "queue.\(queue).ready = 0", "--from", file.path])
                #expect(earlier.status == 0 && earlier.standardOutput.contains("is 0"), "\(earlier)")
                let later = try await Rabbittop.run(
                    ["until", "queue.\(queue).ready = 0", "--from", file.path, "--at", "-0s"])
                #expect(
                    later.status == 1 && later.standardError.contains("At its end queue.\(queue).ready is 7"),
                    "\(later)")
                let rule = try await Rabbittop.run(
                    ["check", "--from", file.path, "--rule", "queues: name = \(queue) and ready = 7", "--critical"])
                #expect(rule.status == 2 && rule.standardOutput.contains("queue '\(queue)'"), "\(rule)")
            }
        }

        @Test("Rules of the command line and of the configuration file; performance data in the first line")
        func rules() async throws {
            try await withQueue { broker, vhost, queue in
                try await broker.publish(5, to: queue, vhost: vhost)
                let file = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("rules") + ".toml")
                defer { try? FileManager.default.removeItem(at: file) }
                try """
                [[rule]]
                when = "queues: ready = 5 and consumers = 0"
                severity = "critical"
                """.write(to: file, atomically: true, encoding: .utf8)
                let check = ["check"] + broker.options + ["-V", vhost, "--seconds", "1"]
                // The figures of the last messages come with the next statistics.
                try await eventually("both rules hold") {
                    let output = try await Rabbittop.run(
                        check + ["-c", file.path, "--rule", "queues: ready > 3", "--rule", "exchanges: not durable"])
                    let first = output.standardOutput.split(separator: "\n").first ?? ""
                    return output.status == 2 && first.hasPrefix("CRITICAL: 2 findings on ")
                        && first.hasSuffix(" rule1_queues=1;;0;0 rule2_queues=1;0;;0 rule3_exchanges=0;0;;0")
                        && output.standardOutput.contains(
                            "critical  queue '\(queue)' in vhost '\(vhost)': ready 5, consumers 0")
                }
                let snapshot = try await Rabbittop.run(
                    ["snapshot"] + broker.options + [
                        "-V", vhost, "--filter", "ready > 3 and type = classic", "--format", "csv", "--columns", "name",
                    ])
                #expect(snapshot.standardOutput == "name\r\n\(queue)\r\n", "\(snapshot)")
                let none = try await Rabbittop.run(
                    ["snapshot"] + broker.options + [
                        "-V", vhost, "--filter", "ready > 3 and not type = classic", "--format", "jsonl",
                    ])
                #expect(none.status == 0 && none.standardOutput.isEmpty, "\(none)")
            }
        }

        private func eventually(_ what: String, _ holds: () async throws -> Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(40)
            while try await !holds() { try #require(ContinuousClock.now < deadline, "\(what)") }
        }
    }
}
