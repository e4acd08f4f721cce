import AsyncHTTPClient
import BrokerSupport
import ClientInspector
import Foundation
import InMemoryTracing
import NIOCore
import RabbitMQClient
import TCPGate
import Testing
import Tracing

@Suite("What shows a client from outside, with a real broker")
struct InspectorTests {
    private func ask(_ address: InspectorAddress, _ path: String) async throws -> (status: Int, body: String) {
        let url: String
        switch address {
        case .loopback: url = address.description + path
        case .unix(let socket): url = try #require(URL(httpURLWithSocketPath: socket, uri: path)).absoluteString
        }
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(20))
        return (Int(response.status.code), String(buffer: try await response.body.collect(upTo: 1 << 24)))
    }

    /// What `/health` says of the broker; nothing when all is well.
    private func why(_ health: (status: Int, body: String)) throws -> String? {
        let object = try JSONSerialization.jsonObject(with: Data(health.body.utf8)) as? [String: Any]
        let broker = try #require(object?["broker"] as? [String: Any])
        #expect(broker["status"] as? String == (health.status == 200 ? "ok" : "unavailable"))
        return broker["why"] as? String
    }

    @Test("Health is 200 while connected, 503 while the broker is dead, 200 again after recovery, at each address")
    func health() async throws {
        let broker = try await TestBroker.shared()
        try await TCPGate.with(port: broker.amqpPort) { gate in
            let registry = ClientRegistry()
            let name = uniqueName("shop")
            let socket = FileManager.default.temporaryDirectory.appending(path: "\(name).sock").path
            try await ClientInspector.withInspector(at: .unix(path: socket), registry: registry) { unix in
                try await ClientInspector.withInspector(at: .loopback(port: 0), registry: registry) { loopback in
                    func expect(
                        _ status: Int, _ reason: String?, location: SourceLocation = #_sourceLocation
                    ) async throws {
                        for address in [unix, loopback] {
                            let health = try await ask(address, "/health")
                            let why = try why(health)
                            #expect(health.status == status, "\(address): \(health.body)", sourceLocation: location)
                            #expect(
                                reason.map { why?.hasPrefix($0) == true } ?? (why == nil), "\(address): \(health.body)",
                                sourceLocation: location)
                        }
                    }
                    func becomes(_ status: Int) async throws -> Bool {
                        try await eventually {
                            let answers = [try await ask(unix, "/health"), try await ask(loopback, "/health")]
                            return answers.allSatisfy { $0.status == status }
                        }
                    }
                    try await expect(503, "there is no connection")
                    try await broker.withConnection(registry: registry) {
                        $0.port = gate.port
                        $0.connectionName = name
                        $0.recovery = RecoveryPolicy(base: .milliseconds(20), cap: .milliseconds(200))
                    } _: { connection in
                        try await expect(200, nil)
                        for _ in 1...2 {
                            await gate.vanish()
                            #expect(try await becomes(503))
                            // Attempts fail, one after the other, and never is it well in between.
                            for number in 2...5 {
                                let isTried = try await eventually {
                                    try await expect(503, "\(name): recovering")
                                    return connection.report.recovery.map { $0.number >= number } ?? false
                                }
                                #expect(isTried)
                            }
                            try await gate.admit()
                            #expect(try await becomes(200))
                            try await expect(200, nil)
                            #expect(connection.isOpen)
                        }
                    }
                    try await expect(503, "all connections are closed")
                }
            }
        }
    }

    @Test("Health follows the connection through a loss and back; report and metrics count what was done")
    func life() async throws {
        let broker = try await TestBroker.shared()
        let name = uniqueName("shop")
        try await TCPGate.with(port: broker.amqpPort) { gate in
            let registry = ClientRegistry()
            try await ClientInspector.withInspector(at: .loopback(port: 0), registry: registry) { address in
                #expect(try await ask(address, "/health").status == 503)
                try await broker.withConnection(registry: registry) {
                    $0.port = gate.port
                    $0.connectionName = name
                    $0.recovery = RecoveryPolicy(base: .milliseconds(20), cap: .milliseconds(200))
                } _: { connection in
                    #expect(try await ask(address, "/health").status == 200)
                    let channel = try await connection.openChannel()
                    let queue = try await channel.declareQueue(exclusive: true).name
                    for _ in 1...5 { try await channel.publish([1], routingKey: queue) }
                    let got = try #require(try await channel.get(queue))
                    try got.delivery.reject(requeue: false)

                    await gate.refuse()
                    await gate.reset()
                    let isLost = try await eventually { try await ask(address, "/health").status == 503 }
                    #expect(isLost)
                    let why = try self.why(try await ask(address, "/health"))
                    #expect(why?.hasPrefix("\(name): recovering") == true, "\(why ?? "nothing")")
                    let lost = try await ask(address, "/metrics").body
                    #expect(lost.contains("rabbitmq_client_connection_recovering{connection=\"\(name)\""))
                    #expect(lost.contains("rabbitmq_client_healthy 0\n"))
                    try await gate.admit()
                    let isBack = try await eventually { try await ask(address, "/health").status == 200 }
                    #expect(isBack)

                    let text = try await ask(address, "/report").body
                    let report = try JSONDecoder().decode(ClientReport.self, from: Data(text.utf8))
                    let shown = try #require(report.connections.first { $0.clientName == name })
                    #expect(shown.state == .open && shown.recoveries == 1 && shown.recovery == nil)
                    #expect(shown.endpoint == "127.0.0.1:\(gate.port)")
                    #expect((shown.lastRecovery?.seconds ?? 0) > 0)
                    #expect(shown.totals.published == 5 && shown.totals.confirmed == 5)
                    #expect(shown.totals.delivered == 1 && shown.totals.rejected == 1)
                    try await channel.close()
                    let metrics = try await ask(address, "/metrics").body.split(separator: "\n")
                    for (metric, value) in [
                        ("connection_up", 1), ("connection_recoveries_total", 1), ("connection_channels", 0),
                        ("connection_messages_published_total", 5), ("connection_messages_confirmed_total", 5),
                        ("connection_messages_rejected_total", 1),
                    ] {
                        let line = metrics.first { $0.hasPrefix("rabbitmq_client_\(metric){connection=\"\(name)\"") }
                        #expect(line?.hasSuffix(" \(value)") == true, "\(metric)")
                    }
                }
                #expect(try await ask(address, "/health").status == 503, "all is closed")
            }
        }
    }

    @Test("The trace goes through the broker, from the publish to the processing")
    func tracing() async throws {
        let broker = try await TestBroker.shared()
        let tracer = InMemoryTracer()
        try await broker.withConnection {
            $0.tracing = .tracer(tracer)
        } _: { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let consumer = try await channel.consume(queue)
            try await channel.publish([1], routingKey: queue)
            var deliveries = consumer.makeAsyncIterator()
            let delivery = try #require(try await deliveries.next())
            try await delivery.withSpan {
                try delivery.ack()
                // What is published while a message is processed belongs to its trace.
                try await channel.publishUnconfirmed(ByteBuffer(), routingKey: queue)
            }
            let spans = tracer.finishedSpans
            let publish = try #require(spans.first)
            let process = try #require(spans.last)
            let follower = try #require(spans.dropFirst().first)
            #expect(spans.map(\.operationName) == ["\(queue) publish", "\(queue) publish", "\(queue) process"])
            #expect(spans.map(\.kind) == [.producer, .producer, .consumer])
            #expect(process.parentSpanID == publish.spanID && process.traceID == publish.traceID)
            #expect(follower.parentSpanID == process.spanID && follower.traceID == publish.traceID)
        }
    }
}
