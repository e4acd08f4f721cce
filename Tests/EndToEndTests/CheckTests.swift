import BrokerSupport
import Foundation
import LocalBroker
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("rabbittop check")
    struct Check {
        private struct Finding: Decodable {
            var severity: String
            var what: String
            var `where`: String
            var since: String?
            var advice: String
        }

        private struct Report: Decodable {
            var status: String
            var findings: [Finding]
        }

        private func check(_ broker: TestBroker, _ more: String...) async throws -> (report: Report, status: Int32) {
            let output = try await Rabbittop.run(["check"] + broker.options + ["--format", "json"] + more)
            let report = try JSONDecoder().decode(Report.self, from: Data(output.standardOutput.utf8))
            return (report, output.status)
        }

        /// Looks until the broker's own figures have come round.
        private func finding(
            _ broker: TestBroker, _ vhost: String, _ what: String, seconds: Int
        ) async throws -> (finding: Finding, status: Int32) {
            let deadline = ContinuousClock.now + .seconds(90)
            while true {
                let (report, status) = try await check(broker, "-V", vhost, "--seconds", "\(seconds)")
                if let finding = report.findings.first(where: { $0.what.contains(what) }) { return (finding, status) }
                try #require(ContinuousClock.now < deadline, "\(what) is found; the last was \(report)")
            }
        }

        @Test("A broker where all is well")
        func well() async throws {
            try await TestBroker.withBroker { broker in
                let (report, status) = try await check(broker, "--seconds", "3")
                #expect(report.status == "ok" && report.findings.isEmpty, "\(report)")
                #expect(status == 0)
                let table = try await Rabbittop.run(["check"] + broker.options + ["--seconds", "1"])
                #expect(table.standardOutput.hasPrefix("OK: nothing wrong on "))
            }
        }

        @Test("A consumer that holds its whole prefetch")
        func prefetch() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("orders", vhost: vhost)
            try await broker.publish(20, to: "orders", vhost: vhost)
            // It has a prefetch of 7 and never acks.
            try await Pika.consume(broker, vhost: vhost, queue: "orders", name: "sleeper") { _ in
                let (finding, status) = try await finding(broker, vhost, "whole prefetch, 7 messages", seconds: 4)
                #expect(finding.where.hasPrefix("sleeper at 127.0.0.1:") && finding.severity == "warning")
                #expect(finding.since != nil && !finding.advice.isEmpty)
                #expect(status == 1)
            }
            try await broker.deleteVhost(vhost)
        }

        @Test("A queue that grows without a consumer")
        func growing() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            try await broker.declare("lonely", vhost: vhost)
            let publishing = Task {
                while !Task.isCancelled {
                    try await broker.publish(1, to: "lonely", vhost: vhost)
                    try await Task.sleep(for: .milliseconds(500))
                }
            }
            let (finding, status) = try await finding(broker, vhost, "grows and has no consumer", seconds: 8)
            #expect(finding.where == "queue 'lonely' in vhost '\(vhost)'")
            #expect(status == 1)
            publishing.cancel()
            _ = await publishing.result
            try await broker.deleteVhost(vhost)
        }

        @Test("A blocked publisher, and the alarm that blocks it")
        func blocked() async throws {
            try await TestBroker.withRestartable(.init()) { broker in
                try await broker.declare("orders", vhost: "/")
                let script = """
                    import pika, sys, time
                    p = pika.URLParameters(sys.argv[1])
                    p.client_properties = {'connection_name': 'writer'}
                    p.blocked_connection_timeout = 200
                    c = pika.BlockingConnection(p)
                    ch = c.channel()
                    while True:
                        ch.basic_publish('', 'orders', b'x')
                        c.process_data_events(0.1)
                    """
                let uri = broker.uri("/")
                let python = Task { try await Python.run(script, arguments: [uri], deadline: .seconds(150)) }
                defer { python.cancel() }
                try await broker.setMemoryLimit("{absolute, 1000000}")
                // It waits for its confirm beside all else.
                async let publishing = Rabbittop.run(["publish"] + broker.options + ["--routing-key", "orders"])
                let deadline = ContinuousClock.now + .seconds(90)
                while true {
                    let (report, status) = try await check(broker, "--seconds", "6")
                    let places = report.findings.map(\.where)
                    if places.contains(where: { $0.hasPrefix("writer at ") }),
                        places.contains(where: { $0.hasPrefix("memory of node ") })
                    {
                        #expect(report.status == "critical" && status == 2)
                        try await asClerk(broker)
                        break
                    }
                    try #require(ContinuousClock.now < deadline, "both are found; the last was \(report)")
                }
                let blocked = try await publishing
                #expect(blocked.status == 1)
                #expect(blocked.standardError.contains("the broker blocks publishers (low on memory)"), "\(blocked)")
                try await broker.setMemoryLimit("0.4")
            }
        }

        /// Who may not see the alarm does not say that all is well.
        private func asClerk(_ broker: TestBroker) async throws {
            let clerk = try await broker.makeUser("clerk", password: "secret", tags: "management")
            try await broker.grant(clerk, vhost: "/")
            let (report, status) = try await check(broker, "--seconds", "1", "-u", clerk, "-p", "secret")
            #expect(report.status == "unknown" && status == 3)
            let words = report.findings.filter { $0.severity == "unknown" }.map(\.what)
            #expect(words.contains { $0.contains("alarms, nodes down and partitions are not known") }, "\(report)")
            #expect(
                words.contains { $0.contains("only the connections, channels and consumers of user \(clerk)") },
                "\(report)")
            let snapshot = try await Rabbittop.run(
                ["snapshot"] + broker.options
                    + ["--view", "connections", "--format", "json", "-u", clerk, "-p", "secret"])
            #expect(snapshot.standardOutput.contains("only the connections, channels and consumers of user \(clerk)"))
        }

        @Test("A broker that is not there, and a wrong command line, are unknown")
        func unknown() async throws {
            let port = try closedPort()
            let output = try await Rabbittop.run(["check", "-P", "\(port)", "--format", "json"])
            let report = try JSONDecoder().decode(Report.self, from: Data(output.standardOutput.utf8))
            #expect(output.status == 3 && report.status == "unknown")
            #expect(report.findings.first?.where.contains("\(port)") == true)
            #expect(report.findings.first?.what.contains("refused") == true, "\(report)")
            let usage = try await Rabbittop.run(["check", "--seconds", "never"])
            #expect(usage.status == 3 && usage.standardOutput.isEmpty && !usage.standardError.isEmpty)
        }
    }
}
