import BrokerSupport
import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("rabbittop perf")
    struct Perf {
        /// What `--format json` prints, with all of its keys.
        private struct Result: Decodable {
            struct Latency: Decodable {
                var p50, p99, max: Double
            }

            var mode: String
            var count, size: Int
            var seconds, rate, cpu: Double
            var latency: Latency?

            enum CodingKeys: String, CodingKey, CaseIterable {
                case mode, count, size, seconds, rate
                case cpu = "cpu_us_per_message"
                case latency = "confirm_latency_ms"
            }
        }

        private func perf(_ mode: String, _ broker: TestBroker, vhost: String, _ options: [String]) async throws
            -> Result
        {
            let run = try await Rabbittop.run(
                ["perf", mode, "--amqp-uri", broker.uri(vhost), "--queue", "load", "--format", "json"] + options)
            #expect(run.status == 0, "\(run.standardError)")
            let data = Data(run.standardOutput.utf8)
            let keys = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any]).keys.sorted()
            #expect(keys == Result.CodingKeys.allCases.map(\.rawValue).sorted())
            let result = try JSONDecoder().decode(Result.self, from: data)
            #expect(result.mode == mode && result.seconds > 0 && result.cpu > 0)
            #expect(abs(result.rate - Double(result.count) / result.seconds) < 0.01 * result.rate)
            return result
        }

        @Test("Messages are published, confirmed and consumed as many as were wanted, and measured")
        func messages() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            // The queue is not there yet.
            let plain = try await perf(
                "publish", broker, vhost: vhost, ["--count", "700", "--tasks", "3", "--size", "7"])
            #expect(plain.count == 700 && plain.size == 7 && plain.latency == nil)
            #expect(try await broker.depth("load", vhost: vhost) == 700)

            let windowed = try await perf("confirm", broker, vhost: vhost, ["--count", "450", "--window", "60"])
            let latency = try #require(windowed.latency)
            #expect(0 < latency.p50 && latency.p50 <= latency.p99 && latency.p99 <= latency.max)
            let each = try await perf("confirm", broker, vhost: vhost, ["--count", "350", "--tasks", "40"])
            #expect(each.latency != nil)
            #expect(try await broker.depth("load", vhost: vhost) == 1500)

            let acked = try await perf(
                "consume", broker, vhost: vhost, ["--count", "705", "--prefetch", "100", "--ack-every", "30"])
            #expect(acked.count == 705 && acked.latency == nil)
            #expect(acked.size == 7, "700 of 7 bytes and 5 of 100, in the mean")
            try await expectDepth(795, broker, vhost: vhost)
            _ = try await perf(
                "consume", broker, vhost: vhost,
                ["--count", "790", "--prefetch", "50", "--ack-every", "7", "--tasks", "4"])
            try await expectDepth(5, broker, vhost: vhost)
            let unacked = try await perf("consume", broker, vhost: vhost, ["--count", "5", "--ack-every", "0"])
            #expect(unacked.size == 100)
            try await expectDepth(0, broker, vhost: vhost)

            let slow = try await perf("publish", broker, vhost: vhost, ["--count", "40", "--rate", "100"])
            #expect(slow.seconds > 0.38 && slow.rate < 105)
            try await broker.deleteVhost(vhost)
        }

        @Test("What cannot be done ends with its exit code and the reason")
        func failures() async throws {
            let broker = try await TestBroker.shared()
            let vhost = try await broker.makeVhost()
            let options = broker.options + ["-V", vhost, "--queue", "load"]
            let empty = try await Rabbittop.run(["perf", "consume"] + options + ["--count", "3", "--timeout", "1"])
            #expect(empty.status == 1)
            #expect(empty.standardError.contains("0 messages came from queue 'load'"), "\(empty.standardError)")
            let text = try await Rabbittop.run(["perf", "confirm"] + options + ["--count", "1000"])
            #expect(text.status == 0)
            #expect(text.standardOutput.hasPrefix("messages    1,000 of 100 bytes"), "\(text.standardOutput)")

            let denied = try await Rabbittop.run(["perf", "publish", "-p", "wrong"] + options)
            #expect(denied.status == 77, "\(denied.standardError)")
            #expect(!denied.standardError.contains("wrong"))
            let readOnly = try await Rabbittop.run(["perf", "publish", "--read-only"] + options)
            #expect(readOnly.status == 77, "\(readOnly.standardError)")
            let missing = try await Rabbittop.run(
                ["perf", "publish", "--queue", "load", "--amqp-uri", broker.uri("nowhere")])
            #expect(missing.status == 77, "\(missing.standardError)")
            let port = try closedPort()
            for address in [["-P", "\(port)"], ["--amqp-uri", "amqp://127.0.0.1:\(port)"]] {
                let unreachable = try await Rabbittop.run(["perf", "publish", "--queue", "load"] + address)
                #expect(unreachable.status == 69, "\(unreachable.standardError)")
                #expect(unreachable.standardError.contains("\(port)"))
            }
            for usage in [
                ["perf"], ["perf", "sing"], ["perf", "publish"], ["perf", "publish", "--queue", "q", "--count", "0"],
                ["perf", "consume", "--queue", "q", "--prefetch", "10"],
            ] {
                #expect(try await Rabbittop.run(usage).status == 2, "\(usage)")
            }
            try await broker.deleteVhost(vhost)
        }

        /// What was prefetched and not taken comes back to the queue a moment after the connection closed.
        private func expectDepth(_ depth: Int, _ broker: TestBroker, vhost: String) async throws {
            let deadline = ContinuousClock.now + .seconds(20)
            var seen = try await broker.depth("load", vhost: vhost)
            while seen != depth, .now < deadline { seen = try await broker.depth("load", vhost: vhost) }
            #expect(seen == depth)
        }
    }
}
