import NIOCore
import Names
import SeededSupport
import Testing

@testable import RabbitMQManagement

@Suite("Prometheus")
struct PrometheusTests {
    /// Parses a text that comes in pieces of a size.
    private func gauges(_ text: String, pieces size: Int = .max) -> QueueGauges {
        var parser = QueueGaugeParser()
        var rest = ByteBuffer(string: text)
        while let piece = rest.readSlice(length: min(size, rest.readableBytes)), piece.readableBytes > 0 {
            parser.take(piece)
        }
        return parser.finish()
    }

    @Test(arguments: Answers.versions)
    func realAnswer(_ version: String) throws {
        let text = try Answers.text(version, "metrics-detailed.txt")
        let result = gauges(text)
        #expect(result.hasDepths)
        #expect(result.hasConsumers)
        #expect(result.undecodable == 0)
        #expect(result.rows.count == 6)
        #expect(Set(result.rows.map(\.name)).count == 6)
        let quorum = try #require(result.rows.first { $0.name == "orders.quorum" })
        #expect(quorum.vhost == "/")
        #expect(quorum.unacknowledged == 5)
        #expect(quorum.messages == (quorum.ready ?? 0) + 5)
        #expect(quorum.consumers == 1)
        #expect(result.rows.contains { $0.name == "注文.受付" && ($0.ready ?? 0) > 800 })
        for size in [1, 7, 64, 1000] { #expect(gauges(text, pieces: size) == result) }
    }

    @Test func unescaping() throws {
        let row = try gauges(
            #"rabbitmq_detailed_queue_messages{queue="a\"b\\n}\nc,d=\"",vhost="v\\"} 7"#
        ).rows.only()
        #expect(row == QueueGauge(vhost: #"v\"#, name: "a\"b\\n}\nc,d=\"", messages: 7))
    }

    @Test("Names that a broker does not escape are read as they are")
    func unescapedNames() throws {
        let lines = [#"q"\x"#, #"plain"#, #"a\nb"#, #"c\\d"#, "{e}", #"f",g"#]
        let text = ["messages_ready", "messages"].map { family in
            lines.map { "rabbitmq_detailed_queue_\(family){vhost=\"/\",queue=\"\($0)\"} 4\n" }.joined()
        }.joined()
        let result = gauges(text, pieces: 16)
        #expect(result.undecodable == 0)
        #expect(result.rows == lines.map { QueueGauge(vhost: "/", name: Name($0), messages: 4, ready: 4) })
        let backslashes = gauges(
            "rabbitmq_detailed_queue_messages{vhost=\"/\",queue=\"a\\nb\\x\"} 1\n")
        #expect(backslashes.rows.map(\.name) == [#"a\nb\x"#])
    }

    @Test("NaN, negatives, fractions, exponents and timestamps")
    func numbers() {
        let lines = ["NaN", "-3", "1.5e3", "+Inf", "12 1700000000", "9223372036854775807", "1e400", ""]
            .enumerated().map { "rabbitmq_detailed_queue_messages{vhost=\"/\",queue=\"q\($0)\"} \($1)" }
        let result = gauges(lines.joined(separator: "\n") + "\n")
        #expect(result.rows.map(\.messages) == [nil, -3, 1500, nil, 12, .max, nil])
        #expect(result.undecodable == 1)
    }

    @Test("Queues are joined across families, whatever their order")
    func joining() {
        let names = (0..<3000).map { "q\($0)" }
        func family(_ name: String, _ names: [String], _ value: (Int) -> Int) -> [String] {
            ["# TYPE rabbitmq_detailed_\(name) gauge"]
                + names.map {
                    "rabbitmq_detailed_\(name){vhost=\"/\",queue=\"\($0)\"} \(value(Int($0.dropFirst()) ?? -1))"
                }
        }
        let lines =
            family("queue_messages_ready", names) { $0 } + family("queue_messages_unacked", names.reversed()) { $0 * 2 }
            + family("queue_messages", names.shuffled()) { $0 * 3 }
            + family("queue_consumers", ["q5", "q9999"]) { _ in 4 }
        let result = gauges(lines.joined(separator: "\n"), pieces: 4096)
        #expect(result.rows.count == 3001)
        for (index, row) in result.rows.prefix(3000).enumerated() {
            #expect(row.ready == Int64(index))
            #expect(row.unacknowledged == Int64(index * 2))
            #expect(row.messages == Int64(index * 3))
            #expect(row.consumers == (index == 5 ? 4 : nil))
        }
        #expect(result.rows.last == QueueGauge(vhost: "/", name: "q9999", consumers: 4))
    }

    @Test("The same name in two vhosts is two queues; a line given twice is one")
    func identity() {
        let result = gauges(
            """
            rabbitmq_detailed_queue_messages{vhost="a",queue="bc"} 1
            rabbitmq_detailed_queue_messages{vhost="ab",queue="c"} 2
            rabbitmq_detailed_queue_messages{vhost="a",queue="bc"} 3
            """)
        #expect(result.rows.map(\.messages) == [3, 2])
    }

    @Test("What is no metric is counted, and the rest read")
    func garbage() {
        let long =
            "rabbitmq_detailed_queue_messages{vhost=\"/\",queue=\"" + String(repeating: "x", count: 70_000) + "\"} 1\n"
        let text =
            "{} 1\nrabbitmq_detailed_queue_messages{vhost=\"/\" 1\nrabbitmq_detailed_queue_messages{vhost=\"/\"} 1\n"
            + "rabbitmq_detailed_queue_messages{vhost=/,queue=\"q\"} 1\n\n#\n# HELP x y\n" + long
            + "rabbitmq_detailed_queue_messages{vhost=\"/\",queue=\"q\"} 1"
        let result = gauges(text, pieces: 8192)
        #expect(result.rows == [QueueGauge(vhost: "/", name: "q", messages: 1)])
        #expect(result.undecodable == 5)
    }

    @Test("Bytes of any kind do not trap")
    func anyBytes() {
        var generator = SeededRandom(seed: 23)
        let alphabet =
            Array("rabbitmq_detailed_queue_messages{vhost=\"/\",queue=\"q\\\"} 1\n#\u{0}".utf8) + [0xFF, 0xC3]
        for _ in 0..<500 {
            let bytes = (0..<300).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            var queues = QueueGaugeParser()
            queues.take(ByteBuffer(bytes: bytes))
            #expect(queues.finish().rows.count <= 300)
        }
    }

    @Test("Queues of a node are asked for without the password, unless told otherwise")
    func request() async throws {
        let text = "# TYPE rabbitmq_detailed_queue_messages gauge\n"
        for authenticates in [false, true] {
            try await TestServer.answering { _ in
                .content(Array(text.utf8), type: "text/plain")
            } configure: {
                $0.authenticatesToPrometheus = authenticates
            } _: { client, server in
                let result = try await client.queueGauges(at: server.address, vhost: "a b")
                #expect(result == QueueGauges(hasConsumers: false))
                let request = try server.requests.only()
                #expect(
                    request.target
                        == "/metrics/detailed?family=queue_coarse_metrics&family=queue_consumer_count&vhost=a%20b")
                #expect(request.headers["Authorization"].isEmpty == !authenticates)
                #expect(request.headers["Accept-Encoding"] == ["gzip"])
            }
        }
    }

    @Test("What an endpoint can do is found out by asking")
    func support() async throws {
        func probe(_ answer: @escaping @Sendable (String) -> TestServer.Reply) async throws -> PrometheusSupport {
            try await TestServer.answering {
                answer($0.target)
            } _: { client, server in
                try await client.prometheusSupport(at: server.address)
            }
        }
        @Sendable func text(_ text: String) -> TestServer.Reply { .content(Array(text.utf8), type: "text/plain") }
        let depths = "# TYPE rabbitmq_detailed_queue_messages gauge\n"
        let consumers = "# TYPE rabbitmq_detailed_queue_consumers gauge\n"
        let missing = TestServer.Reply.content([], type: "", status: 404)
        #expect(try await probe { _ in text(depths + consumers) } == .detailed(hasConsumers: true))
        #expect(try await probe { _ in text(depths) } == .detailed(hasConsumers: false))
        #expect(try await probe { $0.contains("detailed") ? missing : text("up 1\n") } == .aggregatedOnly)
        #expect(try await probe { $0.contains("detailed") ? text("") : text("up 1\n") } == .aggregatedOnly)
        for (status, code) in [
            (404, ManagementError.Code.notEnabled(reason: "/metrics is not served there")),
            (405, .notEnabled(reason: "/metrics is not served there")), (401, .noCredentials),
        ] {
            let error = await #expect(throws: ManagementError.self) {
                try await probe { _ in .content([], type: "", status: status) }
            }
            #expect(error?.code == code)
        }
        let foreign = await #expect(throws: ManagementError.self) {
            try await probe { _ in .content(Array("<html>\n<body>".utf8), type: "text/html") }
        }
        #expect(foreign?.code == .notJSON(contentType: "text/html"))
    }
}
