import AMQPWire
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import RabbitMQClient

/// A connection that is lost again while its channels are being restored.
@Suite struct RestoringTests {
    @Test func aSocketThatEndsBetweenTwoChannelsHoldsNothingUp() async throws {
        let cuts = NIOLockedValueBox(0)
        let script: ScriptedPeer.Script = { channel, method in
            switch method {
            case .channelOpen:
                // The socket ends with the answer: while the next channel is turned to.
                return cuts.withLockedValue { left in
                    guard left > 0 else { return nil }
                    left -= 1
                    return .bytesAndReset(.frame(channel, .channelOpenOk))
                }
            case .queuePurge: return .bytesAndReset(ByteBuffer())
            case .queueDeclare: return .method(channel, .queueDeclareOk(QueueDeclareOk(queue: "q")))
            default: return nil
            }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect {
                $0.recovery = RecoveryPolicy(base: .milliseconds(1), cap: .milliseconds(2))
            }
            var channels: [RabbitMQClient.Channel] = []
            for _ in 0..<6 { channels.append(try await connection.openChannel()) }
            cuts.withLockedValue { $0 = 150 }
            let error = await clientError { _ = try await channels[0].purgeQueue("q") }
            #expect(error?.code == .connectionClosed)
            // One is done with while there is no knowing whether a socket is there.
            try await channels[5].close()
            #expect(await eventually { cuts.withLockedValue { $0 } == 0 && connection.isOpen })
            for channel in channels[..<5] {
                #expect(channel.isOpen)
                #expect(try await channel.declareQueue("q").name == "q")
            }
            // Its number is free, and leads to the channel that has it now.
            let next = try await connection.openChannel()
            #expect(next.number == 6)
            for channel in channels[..<5] + [next] { try await channel.close() }
            #expect(connection.report.channels.allSatisfy { $0.state == .closed })
            await connection.close()
        }
    }

    @Test func whoHearsOfALossOnOneChannelGoesOnAtOnceOnAnother() async throws {
        let script: ScriptedPeer.Script = { channel, method in
            switch method {
            case .queuePurge: .bytesAndReset(ByteBuffer())
            case .queueDeclare: .method(channel, .queueDeclareOk(QueueDeclareOk(queue: "q")))
            default: nil
            }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect {
                $0.recovery = RecoveryPolicy(base: .milliseconds(1), cap: .milliseconds(2))
            }
            var channels: [RabbitMQClient.Channel] = []
            for _ in 0..<10 { channels.append(try await connection.openChannel()) }
            for round in 0..<100 {
                let error = await clientError { _ = try await channels[round % 10].purgeQueue("q") }
                #expect(error?.code == .connectionClosed)
                for channel in channels { #expect(try await channel.declareQueue("q").name == "q") }
            }
            await connection.close()
        }
    }

    /// What a consumer has paused is read on when the broker ends its channel and the socket lives.
    @Test func aPauseEndsWithTheChannelOfItsConsumer() async throws {
        let sockets = NIOLockedValueBox(0)
        let consumes = NIOLockedValueBox(0)
        let script: ScriptedPeer.Script = { channel, method in
            switch method {
            case .connectionOpen:
                sockets.withLockedValue { $0 += 1 }
                return nil
            case .queuePurge: return .bytesAndReset(ByteBuffer())
            case .queueDeclare: return .method(channel, .queueDeclareOk(QueueDeclareOk(queue: "q")))
            case .basicConsume(let consume):
                var bytes = ByteBuffer.frame(channel, .basicConsumeOk(BasicConsumeOk(consumerTag: consume.consumerTag)))
                let count = consumes.withLockedValue { count in
                    count += 1
                    return count
                }
                // Restored for the first time: a delivery fills its buffer, and the close is read with it.
                if count == 2 {
                    let deliver = BasicDeliver(consumerTag: consume.consumerTag, deliveryTag: 1)
                    bytes.writeImmutableBuffer(.content(channel, .basicDeliver(deliver), "full"))
                    let close = ChannelClose(replyCode: .notFound, replyText: "NOT_FOUND - no queue 'other'")
                    bytes.writeImmutableBuffer(.frame(channel, .channelClose(close)))
                }
                return .bytes(bytes)
            default: return nil
            }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect {
                $0.recovery = RecoveryPolicy(base: .milliseconds(1), cap: .milliseconds(2))
                $0.consumerBufferSize = 1
            }
            let consuming = try await connection.openChannel()
            let other = try await connection.openChannel()
            let consumer = try await consuming.consume("q", noAck: true)
            let error = await clientError { _ = try await other.purgeQueue("q") }
            #expect(error?.code == .connectionClosed)
            #expect(await eventually { connection.isOpen && consumes.withLockedValue { $0 } >= 2 })
            #expect(try await other.declareQueue("q").name == "q", "what follows on the socket is read")
            #expect(sockets.withLockedValue { $0 } == 2)
            withExtendedLifetime(consumer) {}
            await connection.close()
        }
    }
}
