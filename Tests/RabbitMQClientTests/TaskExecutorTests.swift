import AMQPWire
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import RabbitMQClient

/// Tasks on the connection's own event loop.
@Suite struct TaskExecutorTests {
    @Test(.timeLimit(.minutes(1))) func whatIsAwaitedComesOnTheEventLoop() async throws {
        try await ScriptedPeer.with(script: Self.broker()) { peer in
            let connection = try await peer.connect()
            let loop = connection.core.eventLoop
            #expect(!loop.inEventLoop)
            let bodies = try await withTaskExecutorPreference(connection.taskExecutor) {
                #expect(loop.inEventLoop)
                let channel = try await connection.openChannel()
                #expect(loop.inEventLoop)
                try await channel.publish("one".utf8, routingKey: "q")
                #expect(loop.inEventLoop)
                var bodies: [String] = []
                for try await delivery in try await channel.consume("q", tag: "c") {
                    #expect(loop.inEventLoop)
                    bodies.append(String(buffer: delivery.body))
                    try delivery.ack()
                    if bodies.count == 3 { break }
                }
                return bodies
            }
            #expect(!loop.inEventLoop)
            #expect(bodies == ["a", "b", "c"])
            await connection.close()
        }
    }

    /// Publishers that never leave the loop by themselves: their frames are written all the same, and all are confirmed.
    @Test(.timeLimit(.minutes(1))) func manyPublishersShareTheLoopWithTheSocket() async throws {
        try await ScriptedPeer.with(script: Self.broker()) { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            try await channel.confirmSelect()
            try await withTaskExecutorPreference(connection.taskExecutor) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<50 {
                        group.addTask {
                            for _ in 0..<20 { try await channel.publish("x".utf8, routingKey: "q") }
                        }
                    }
                    try await group.waitForAll()
                }
                // More than the socket takes at once: the publisher waits for room, and the loop goes on.
                let body = ByteBuffer(repeating: 7, count: 1 << 16)
                var confirmations: [RabbitMQClient.Confirmation] = []
                for _ in 0..<100 { confirmations.append(try await channel.publishDeferred(body, routingKey: "q")) }
                for confirmation in confirmations { try await confirmation.wait() }
            }
            #expect(connection.report.channels.first?.confirmed == 1_100)
            await connection.close()
        }
    }

    /// Confirms every publish, and has three messages for a consumer.
    private static func broker() -> ScriptedPeer.Script {
        let published = NIOLockedValueBox<UInt64>(0)
        return { number, method in
            switch method {
            case .confirmSelect: return .method(number, .confirmSelectOk)
            case .basicPublish:
                let tag = published.withLockedValue { count in
                    count += 1
                    return count
                }
                return .method(number, .basicAck(BasicAck(deliveryTag: tag)))
            case .basicQos: return .method(number, .basicQosOk)
            case .basicConsume(let consume):
                var bytes = ByteBuffer.frame(number, .basicConsumeOk(BasicConsumeOk(consumerTag: consume.consumerTag)))
                for (index, body) in ["a", "b", "c"].enumerated() {
                    let deliver = BasicDeliver(consumerTag: consume.consumerTag, deliveryTag: UInt64(index + 1))
                    bytes = bytes + .content(number, .basicDeliver(deliver), body)
                }
                return .bytes(bytes)
            case .basicCancel(let cancel):
                return .method(number, .basicCancelOk(BasicCancelOk(consumerTag: cancel.consumerTag)))
            default: return nil
            }
        }
    }
}
