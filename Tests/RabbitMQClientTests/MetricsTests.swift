import AMQPWire
import Metrics
import MetricsTestKit
import NIOCore
import NIOPosix
import Testing

@testable import RabbitMQClient

/// What a connection hands to the metrics backend, on real sockets.
@Suite struct MetricsTests {
    private static let script: ScriptedPeer.Script = { channel, method in
        switch method {
        case .confirmSelect: .method(channel, .confirmSelectOk)
        case .queueDeclare:
            // Asked for when all are published: 1 and 2 confirmed, 3 refused; 4 stays open.
            .bytes(
                .frame(channel, .basicAck(BasicAck(deliveryTag: 2, multiple: true)))
                    + .frame(channel, .basicNack(BasicNack(deliveryTag: 3)))
                    + .frame(channel, .queueDeclareOk(QueueDeclareOk(queue: "q"))))
        case .basicGet: .bytes(.content(channel, .basicGetOk(BasicGetOk(deliveryTag: 1)), "hello"))
        default: nil
        }
    }

    @Test func whatWasCountedArrivesOnce() async throws {
        let metrics = TestMetrics()
        try await ScriptedPeer.with(script: Self.script) { peer in
            let connection = try await withMetricsFactory(metrics) {
                // A tick every 20 ms.
                try await peer.connect {
                    $0.connectionName = "orders"
                    $0.publishTimeout = .milliseconds(100)
                }
            }
            let channel = try await connection.openChannel()
            var confirmations: [RabbitMQClient.Confirmation] = []
            for _ in 1...4 {
                confirmations.append(try await channel.publishDeferred(ByteBuffer(string: "x"), routingKey: "q"))
            }
            _ = try await channel.declareQueue("q")
            try await confirmations[1].wait()
            let got = try #require(try await channel.get("q"))
            try got.delivery.reject(requeue: false)
            // The tick hands on what there is, and the end the rest.
            let ticked = await eventually {
                metrics.counterTotal(label: "rabbitmq_client_messages_published_total") == 4
            }
            #expect(ticked)
            await connection.close()
            let expected: [String: Int64] = [
                "connections_opened": 1, "connections_closed": 1, "connections_recovered": 0, "channels_opened": 1,
                "channels_closed": 1, "messages_published": 4, "messages_confirmed": 2, "messages_nacked": 1,
                "messages_returned": 0, "messages_indeterminate": 1, "messages_delivered": 1, "messages_acked": 0,
                "messages_rejected": 1,
            ]
            for (name, count) in expected {
                #expect(metrics.counterTotal(label: "rabbitmq_client_\(name)_total") == count, "\(name)")
            }
            #expect(
                metrics.counterTotal(label: "rabbitmq_client_sent_bytes_total") == Int64(connection.report.bytesOut))
            #expect(
                metrics.counterTotal(label: "rabbitmq_client_received_bytes_total") == Int64(connection.report.bytesIn))
            #expect(metrics.counters.allSatisfy { $0.dimensions.map(\.0) == ["connection"] })
            #expect(metrics.counters.allSatisfy { $0.dimensions.map(\.1) == ["orders"] })
            // channel.open, confirm.select, queue.declare, basic.get; a close is no request that is timed.
            let timers = ["connect": 1, "confirm": 1, "recovery": 0]
            for (name, count) in timers {
                let timer = metrics.timers(label: "rabbitmq_client_\(name)_duration_seconds").first
                #expect(timer?.values.count ?? 0 == count, "\(name)")
                #expect(timer?.values.allSatisfy { $0 > 0 && $0 < 60_000_000_000 } != false, "\(name)")
            }
            let requests = try #require(metrics.timers(label: "rabbitmq_client_request_duration_seconds").first)
            #expect(requests.values.count >= 3)
            #expect(requests.values.allSatisfy { $0 > 0 && $0 < 60_000_000_000 })
        }
    }

    @Test func confirmsAreTimedOneAtATime() async throws {
        let metrics = TestMetrics()
        let script: ScriptedPeer.Script = { channel, method in
            switch method {
            case .confirmSelect: .method(channel, .confirmSelectOk)
            case .queueDeclare(let declare):
                .bytes(
                    .frame(channel, .basicAck(BasicAck(deliveryTag: UInt64(declare.queue.text) ?? 0, multiple: true)))
                        + .frame(channel, .queueDeclareOk(QueueDeclareOk(queue: declare.queue))))
            default: nil
            }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await withMetricsFactory(metrics) { try await peer.connect() }
            let channel = try await connection.openChannel()
            for last in [10, 20, 30] {
                for _ in 1...10 { _ = try await channel.publishDeferred(ByteBuffer(), routingKey: "q") }
                _ = try await channel.declareQueue("\(last)")
            }
            let timer = try #require(metrics.timers(label: "rabbitmq_client_confirm_duration_seconds").first)
            #expect(timer.values.count == 3)
            await connection.close()
        }
    }

    @Test func withoutABackendNothingIsHandedOn() async throws {
        try await ScriptedPeer.with { peer in
            let connection = try await peer.connect()
            #expect(connection.core.metrics == nil)
            await connection.close()
        }
    }
}
