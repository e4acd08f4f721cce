import AMQPWire
import NIOCore
import Testing

@testable import RabbitMQClient

/// What comes together is handed over together, and everything as if it had come alone.
@Suite struct InboundBatchTests {
    private static func delivery(
        _ tag: UInt64, to consumer: Name, key: Name = "k", body: String = "body", channel: UInt16 = 1
    ) -> ByteBuffer {
        let deliver = BasicDeliver(consumerTag: consumer, deliveryTag: tag, exchange: "x", routingKey: key)
        return .content(channel, .basicDeliver(deliver), body)
    }

    /// Starts consumers; when that of this tag is started, the bytes come with the answer.
    private static func consumers(_ tag: Name, then bytes: ByteBuffer) -> ScriptedPeer.Script {
        { channel, method in
            switch method {
            case .basicQos: .method(channel, .basicQosOk)
            case .basicConsume(let consume):
                .bytes(
                    .frame(channel, .basicConsumeOk(BasicConsumeOk(consumerTag: consume.consumerTag)))
                        + (consume.consumerTag == tag ? bytes : ByteBuffer()))
            case .confirmSelect: .method(channel, .confirmSelectOk)
            default: nil
            }
        }
    }

    @Test func deliveriesForSeveralConsumersStayInOrderAndBeforeWhatFollows() async throws {
        let large = String(repeating: "x", count: 20_000)
        let burst =
            Self.delivery(1, to: "a") + Self.delivery(2, to: "a", body: "") + Self.delivery(3, to: "b")
            + Self.delivery(4, to: "a", key: "other") + Self.delivery(5, to: "a", body: large)
            + Self.delivery(6, to: "a") + Self.delivery(7, to: "b")
            + .frame(1, .basicCancel(BasicCancel(consumerTag: "a", noWait: true)))
        try await ScriptedPeer.with(script: Self.consumers("b", then: burst)) { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            let first = try await channel.consume("q", tag: "a")
            let second = try await channel.consume("q", tag: "b")
            var seen: [String] = []
            let error = await clientError {
                for try await delivery in first {
                    seen.append("\(delivery.deliveryTag) \(delivery.routingKey) \(delivery.body.readableBytes)")
                    #expect(delivery.consumerTag == "a" && delivery.exchange == "x")
                }
            }
            #expect(seen == ["1 k 4", "2 k 0", "4 other 4", "5 k 20000", "6 k 4"])
            #expect(error?.code == .consumerCancelled)
            var others = second.makeAsyncIterator()
            #expect(try await others.next()?.deliveryTag == 3)
            let last = try #require(try await others.next())
            #expect(last.deliveryTag == 7 && last.consumerTag == "b")
            try last.ack(multiple: true)
            let report = channel.report
            #expect(report.delivered == 7 && report.acked == 7 && report.unacked == 0)
            await connection.close()
        }
    }

    @Test func whatComesBehindACancelGoesBack() async throws {
        let script: ScriptedPeer.Script = { channel, method in
            switch method {
            case .basicCancel(let cancel):
                let ok = Method.basicCancelOk(BasicCancelOk(consumerTag: cancel.consumerTag))
                return .bytes(Self.delivery(3, to: "a") + Self.delivery(4, to: "a") + .frame(channel, ok))
            default:
                return Self.consumers("a", then: Self.delivery(1, to: "a") + Self.delivery(2, to: "a"))(channel, method)
            }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            let consumer = try await channel.consume("q", tag: "a")
            var deliveries = consumer.makeAsyncIterator()
            let first = try #require(try await deliveries.next())
            try await consumer.cancel()
            #expect(try await deliveries.next() == nil)
            try first.ack()
            let expected: [Method] = [2, 3, 4].map { .basicReject(BasicReject(deliveryTag: $0, requeue: true)) }
            #expect(
                await eventually {
                    peer.methods.filter { if case .basicReject = $0 { true } else { false } } == expected
                })
            #expect(channel.report.unacked == 0)
            await connection.close()
        }
    }

    @Test func whatCameBeforeAWrongNumberIsHandedOver() async throws {
        let burst = Self.delivery(1, to: "a") + Self.delivery(2, to: "a") + Self.delivery(2, to: "a")
        try await ScriptedPeer.with(script: Self.consumers("a", then: burst)) { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            let consumer = try await channel.consume("q", tag: "a", noAck: true)
            var tags: [UInt64] = []
            let error = await clientError { for try await delivery in consumer { tags.append(delivery.deliveryTag) } }
            #expect(tags == [1, 2])
            #expect(error?.closeReason?.code == 503, "\(String(describing: error))")
            #expect(await connection.closed().code == 503)
            #expect(await eventually { peer.closeCode == 503 })
        }
    }

    @Test(arguments: [
        ByteBuffer.frame(1, .basicAck(BasicAck(deliveryTag: 1))), Self.delivery(2, to: "a"),
    ])
    func nothingMayComeInTheMiddleOfAMessage(_ intruder: ByteBuffer) async throws {
        let deliver = BasicDeliver(consumerTag: "a", deliveryTag: 1)
        let burst = ByteBuffer.frame(1, .basicDeliver(deliver)) + intruder
        try await ScriptedPeer.with(script: Self.consumers("a", then: burst)) { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            _ = await clientError { for try await _ in try await channel.consume("q", tag: "a") {} }
            #expect(await connection.closed().code == 505)
        }
    }

    @Test func confirmsThatComeTogetherReachEachWhoWaits() async throws {
        let script: ScriptedPeer.Script = { channel, method in
            guard case .queueDeclare = method else { return Self.consumers("", then: ByteBuffer())(channel, method) }
            var bytes = ByteBuffer()
            for tag: UInt64 in [3, 1, 2] { bytes = bytes + .frame(channel, .basicAck(BasicAck(deliveryTag: tag))) }
            bytes = bytes + .frame(channel, .basicAck(BasicAck(deliveryTag: 6, multiple: true)))
            return .bytes(bytes + .frame(channel, .queueDeclareOk(QueueDeclareOk(queue: "q"))))
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            var confirmations: [RabbitMQClient.Confirmation] = []
            for _ in 0..<7 {
                confirmations.append(try await channel.publishDeferred(ByteBuffer(string: "b"), routingKey: "k"))
            }
            // They wait in another order than that of the numbers, some twice.
            let waits = [5, 0, 3, 1, 1, 4, 2, 6].map { index in
                let confirmation = confirmations[index]
                return Task { await clientError { try await confirmation.wait() } }
            }
            _ = try await channel.declareQueue("q")
            for wait in waits.dropLast() { #expect(await wait.value == nil) }
            waits.last?.cancel()
            #expect(await waits.last?.value?.code == .cancelled)
            #expect(channel.report.confirmed == 6 && channel.report.unconfirmed == 1)
            await connection.close()
        }
    }

    @Test func messagesOfOneKindAndOfAnotherAreSentAsTheyAre() async throws {
        try await ScriptedPeer.with(script: ClientBehaviourTests.brokerLike) { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            let keys = ["k", "k", "k", "l", "k", "k", "", ""]
            for (index, key) in keys.enumerated() {
                try await channel.publishUnconfirmed(
                    ByteBuffer(string: "b"), exchange: "x", routingKey: key, mandatory: index == 4)
            }
            let long = String(repeating: "k", count: 256)
            for _ in 0..<2 {
                let error = await clientError {
                    try await channel.publishUnconfirmed(ByteBuffer(), routingKey: long)
                }
                #expect(error?.code == .invalidArgument)
            }
            _ = try await channel.declareQueue("q")
            let published = peer.methods.compactMap { if case .basicPublish(let publish) = $0 { publish } else { nil } }
            #expect(published.map(\.routingKey) == keys.map { Name($0) } && published.allSatisfy { $0.exchange == "x" })
            #expect(published.map(\.mandatory) == keys.indices.map { $0 == 4 })
            #expect(channel.report.published == 8)
            await connection.close()
        }
    }
}
