import AMQPWire
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Testing

@testable import RabbitMQClient

/// Rare turns of a connection's life, each forced.
@Suite struct RoughDayTests {
    @Test(.timeLimit(.minutes(1))) func headersThatFitNoFrameAreRefusedHereAndHarmNobody() async throws {
        let script: ScriptedPeer.Script = { channel, method in
            switch method {
            case .confirmSelect: .method(channel, .confirmSelectOk)
            case .basicPublish: .method(channel, .basicAck(BasicAck(deliveryTag: 1)))
            default: nil
            }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            var properties = BasicProperties()
            properties.headers = ["large": .string(String(repeating: "x", count: 9_000))]
            // Twice: what was written last is remembered for the next that is like it.
            for _ in 0..<2 {
                let error = await clientError {
                    try await channel.publish("x".utf8, routingKey: "q", properties: properties)
                }
                #expect(error?.code == .invalidArgument)
            }
            let error = await clientError {
                _ = try await channel.declareQueue("q", arguments: ["x": .string(String(repeating: "x", count: 9_000))])
            }
            #expect(error?.code == .invalidArgument)
            try await channel.publish("x".utf8, routingKey: "q")
            #expect(connection.isOpen && channel.isOpen)
            await connection.close()
        }
    }

    @Test(.timeLimit(.minutes(1))) func aConsumerThatIsBehindCanBeCancelled() async throws {
        let script: ScriptedPeer.Script = { channel, method in
            func deliveries(from first: UInt64) -> ByteBuffer {
                var bytes = ByteBuffer()
                for tag in first..<first + 1_500 {
                    bytes.writeImmutableBuffer(
                        .content(channel, .basicDeliver(BasicDeliver(consumerTag: "c", deliveryTag: tag)), "x"))
                }
                return bytes
            }
            return switch method {
            case .basicConsume:
                .bytes(.frame(channel, .basicConsumeOk(BasicConsumeOk(consumerTag: "c"))) + deliveries(from: 1))
            case .basicCancel:
                .bytes(
                    deliveries(from: 1_501) + .frame(channel, .basicCancelOk(BasicCancelOk(consumerTag: "c"))))
            case .queueDeclare: .method(channel, .queueDeclareOk(QueueDeclareOk(queue: "q")))
            default: nil
            }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            let consumer = try await channel.consume("q", tag: "c", noAck: true)
            #expect(await eventually { channel.report.consumers.first?.buffered ?? 0 >= ConsumerQueue.bound })
            try await consumer.cancel()
            #expect(try await channel.declareQueue("q").name == "q")
            await connection.close()
        }
    }

    @Test(.timeLimit(.minutes(1))) func aBatchThatIsCancelledSendsNothingMore() async throws {
        let script: ScriptedPeer.Script = { channel, method in
            if case .confirmSelect = method { .method(channel, .confirmSelectOk) } else { nil }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect { $0.publishTimeout = .seconds(30) }
            let publisher = Publisher(connection, limit: 10)
            let batch = Task {
                await publisher.publishBatch((0..<500).map { _ in Message("x".utf8, routingKey: "q") })
            }
            func published() -> Int { peer.methods.count { if case .basicPublish = $0 { true } else { false } } }
            #expect(await eventually { published() == 10 })
            batch.cancel()
            let results = await batch.value.results
            #expect(results.count == 500)
            #expect(results.allSatisfy { if case .failure(let error) = $0 { error.code == .cancelled } else { false } })
            // Its answer is behind whatever else was sent.
            await connection.close()
            #expect(published() == 10)
        }
    }

    @Test(.timeLimit(.minutes(1))) func openingAChannelEndsWithAConnectionThatIsBeingClosed() async throws {
        let script: ScriptedPeer.Script = { _, method in
            if case .connectionClose = method { .nothing } else { nil }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect { $0.recovery = .standard }
            let closing = Task { await connection.close(timeout: .seconds(1)) }
            #expect(
                await eventually {
                    peer.methods.contains { if case .connectionClose = $0 { true } else { false } }
                })
            // Also on the event loop, which has the close's deadline to keep.
            let error = await withTaskExecutorPreference(connection.taskExecutor) {
                await clientError { _ = try await connection.openChannel() }
            }
            #expect(error?.code == .connectionClosed)
            await closing.value
        }
    }

    @Test(.timeLimit(.minutes(1))) func aClosedConnectionIsFreedWithItsChannels() async throws {
        weak var core: ConnectionCore?
        try await ScriptedPeer.with { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            core = connection.core
            #expect(channel.isOpen)
            await connection.close()
            #expect(!channel.isOpen && connection.report.channels.isEmpty)
        }
        #expect(await eventually { core == nil })
    }

    /// Of two addresses of a host one is refused while the other is already connected.
    @Test func anAddressThatFailsLeavesTheOtherAlone() throws {
        let loop = EmbeddedEventLoop()
        let core = ConnectionCore(
            ConnectionConfiguration(), eventLoop: loop, logger: .init(label: "test"), registry: nil)
        let (first, second) = (EmbeddedChannel(loop: loop), EmbeddedChannel(loop: loop))
        try first.pipeline.syncOperations.addHandler(ConnectionHandler(core, handshakeDeadline: .distantFuture))
        try second.pipeline.syncOperations.addHandler(ConnectionHandler(core, handshakeDeadline: .distantFuture))
        try second.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 5672)).wait()
        #expect(try second.readOutbound(as: ByteBuffer.self)?.readableBytes == 8)
        first.close(promise: nil)
        loop.run()
        #expect(core.state.withLockedValue { $0.socket.isConnected && $0.socket.opening == nil })
        // One that connects too late is not wanted.
        let late = EmbeddedChannel(loop: loop)
        try late.pipeline.syncOperations.addHandler(ConnectionHandler(core, handshakeDeadline: .distantFuture))
        late.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 5672), promise: nil)
        loop.run()
        #expect(!late.isActive && second.isActive)
        #expect(try late.readOutbound(as: ByteBuffer.self) == nil)
        #expect(core.state.withLockedValue { $0.socket.isConnected && $0.socket.opening == nil })
    }

    /// Recovery has no channel to itself then: what it would have declared is reported, and all else comes back.
    @Test(.timeLimit(.minutes(1))) func aConnectionWhoseChannelsAreAllInUseComesBack() async throws {
        let script: ScriptedPeer.Script = { channel, method in
            switch method {
            case .basicQos: .method(channel, .basicQosOk)
            case .queueDeclare: .method(channel, .queueDeclareOk(QueueDeclareOk(queue: "q")))
            case .queuePurge: .bytesAndReset(ByteBuffer())
            case .basicConsume(let consume):
                .bytes(
                    .frame(channel, .basicConsumeOk(BasicConsumeOk(consumerTag: consume.consumerTag)))
                        + .content(channel, .basicDeliver(BasicDeliver(consumerTag: "c", deliveryTag: 1)), "m"))
            default: nil
            }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect {
                $0.channelMax = 1
                $0.recovery = RecoveryPolicy(base: .milliseconds(1), cap: .milliseconds(2))
            }
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue("q")
            let consumer = try await channel.consume("q", tag: "c")
            #expect(await clientError { _ = try await channel.purgeQueue("q") }?.code == .connectionClosed)
            #expect(await eventually { connection.recoveries == 1 && connection.isOpen })
            #expect(connection.lastRecovery?.failures.map(\.entity) == [.queue(name: "q")])
            #expect(connection.lastRecovery?.consumers == 1)
            var deliveries = consumer.makeAsyncIterator()
            #expect(try await deliveries.next()?.ack() == .sent)
            await connection.close()
        }
    }

    /// One of two consumers is refused in a recovery: the channel is opened again, and the other one's numbers begin anew.
    @Test(.timeLimit(.minutes(1))) func aChannelReopenedInARecoveryBeginsItsDeliveriesAnew() async throws {
        let life = NIOLockedValueBox((sockets: 0, refused: false))
        let script: ScriptedPeer.Script = { channel, method in
            func deliver(_ tag: UInt64) -> ByteBuffer {
                .content(channel, .basicDeliver(BasicDeliver(consumerTag: "a", deliveryTag: tag)), "m\(tag)")
            }
            switch method {
            case .connectionStartOk:
                life.withLockedValue { $0.sockets += 1 }
                return nil
            case .basicQos: return .method(channel, .basicQosOk)
            case .queueDeclare: return .method(channel, .queueDeclareOk(QueueDeclareOk(queue: "q")))
            case .queuePurge: return .bytesAndReset(ByteBuffer())
            case .basicConsume(let consume) where consume.consumerTag == "a":
                return .bytes(
                    .frame(channel, .basicConsumeOk(BasicConsumeOk(consumerTag: "a"))) + deliver(1) + deliver(2))
            case .basicConsume(let consume):
                let refuses = life.withLockedValue { life in
                    defer { if life.sockets > 1 { life.refused = true } }
                    return life.sockets > 1 && !life.refused
                }
                let close = ChannelClose(
                    replyCode: .accessRefused, replyText: "ACCESS_REFUSED - no", classID: 60, methodID: 20)
                return refuses
                    ? .method(channel, .channelClose(close))
                    : .method(channel, .basicConsumeOk(BasicConsumeOk(consumerTag: consume.consumerTag)))
            default: return nil
            }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect {
                $0.recovery = RecoveryPolicy(base: .milliseconds(1), cap: .milliseconds(2))
            }
            let channel = try await connection.openChannel()
            let first = try await channel.consume("q", tag: "a")
            let second = try await channel.consume("q", tag: "b")
            let other = try await connection.openChannel()
            #expect(await clientError { _ = try await other.purgeQueue("q") }?.code == .connectionClosed)
            #expect(await eventually { connection.recoveries == 1 && connection.isOpen })
            #expect(peer.closeCode == nil)
            #expect(await clientError { for try await _ in second {} }?.code == .consumerCancelled)
            // Only the last life's are there, and can be settled.
            var deliveries = first.makeAsyncIterator()
            for expected in ["m1", "m2"] {
                let delivery = try #require(try await deliveries.next())
                #expect(String(buffer: delivery.body) == expected)
                #expect(try delivery.ack() == .sent)
            }
            #expect(channel.isOpen && channel.report.unacked == 0)
            await connection.close()
        }
    }
}
