import AMQPWire
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import RabbitMQClient

/// What a broker sends is kept up to a limit, whatever was agreed on.
@Suite(.timeLimit(.minutes(1))) struct ReceivingLimitsTests {
    /// A broker that answers `basic.consume` with more than it was asked for.
    private static func generous(_ count: Int, size: Int) -> ScriptedPeer.Script {
        { channel, method in
            guard case .basicConsume(let consume) = method else { return nil }
            var bytes = ByteBuffer.frame(channel, .basicConsumeOk(BasicConsumeOk(consumerTag: consume.consumerTag)))
            let body = String(repeating: "b", count: size)
            for number in 1...count {
                let deliver = BasicDeliver(consumerTag: consume.consumerTag, deliveryTag: UInt64(number))
                bytes.writeImmutableBuffer(.content(channel, .basicDeliver(deliver), body))
            }
            return .bytes(bytes)
        }
    }

    private static func buffered(_ channel: RabbitMQClient.Channel) -> Int {
        channel.report.consumers.first?.buffered ?? 0
    }

    @Test func aBrokerThatSendsMoreThanThePrefetchIsNotReadOn() async throws {
        try await ScriptedPeer.with(script: Self.generous(4_000, size: 200)) { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            let consumer = try await channel.consume("q", prefetch: 10)
            #expect(await eventually { Self.buffered(channel) > ConsumerQueue.bound })
            var before = -1
            // It stands still when nothing more is read.
            while Self.buffered(channel) != before {
                before = Self.buffered(channel)
                try await Task.sleep(for: .milliseconds(150))
            }
            // What the event loop has read by then comes on top.
            #expect(Self.buffered(channel) < 3 * ConsumerQueue.bound)
            // Taken, all of it comes.
            var deliveries = consumer.makeAsyncIterator()
            for number in 1...4_000 {
                let delivery = try await deliveries.next()
                #expect(delivery?.deliveryTag == UInt64(number))
                guard delivery != nil else { break }
            }
            await connection.close()
        }
    }

    @Test(arguments: [true, false]) func bytesBoundTheBufferToo(noAck: Bool) async throws {
        try await ScriptedPeer.with(script: Self.generous(150, size: 50_000)) { peer in
            let connection = try await peer.connect { $0.consumerBufferSize = 1 << 20 }
            let channel = try await connection.openChannel()
            let consumer = try await channel.consume("q", noAck: noAck, prefetch: 5)
            #expect(await eventually { Self.buffered(channel) > 15 })
            var before = -1
            while Self.buffered(channel) != before {
                before = Self.buffered(channel)
                try await Task.sleep(for: .milliseconds(150))
            }
            #expect(Self.buffered(channel) < 60)
            var deliveries = consumer.makeAsyncIterator()
            for _ in 1...150 {
                let delivery = try await deliveries.next()
                #expect(delivery?.body.readableBytes == 50_000)
                guard delivery != nil else { break }
            }
            await connection.close()
        }
    }

    @Test func aMessageLargerThanTheLimitClosesItsChannel() async throws {
        let script: ScriptedPeer.Script = { channel, method in
            guard case .basicGet = method else { return nil }
            let get = Method.basicGetOk(BasicGetOk(deliveryTag: 1))
            return .bytes(.content(channel, get, String(repeating: "b", count: 30_000)))
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect { $0.maximumMessageSize = 20_000 }
            let channel = try await connection.openChannel()
            let error = await clientError { _ = try await channel.get("q") }
            #expect(error?.closeReason?.code == 311)
            #expect(error?.closeReason?.text.contains("30000 bytes") == true)
            #expect(await channel.closed().code == 311)
            // The connection and its other channels live.
            let other = try await connection.openChannel()
            try await other.close()
            await connection.close()
            #expect(peer.closeCode == 200)
        }
    }

    @Test func ofABodyItsBeginningIsKeptWhereThatIsWanted() async throws {
        let script: ScriptedPeer.Script = { channel, method in
            guard case .basicGet = method else { return nil }
            let get = Method.basicGetOk(BasicGetOk(deliveryTag: 1))
            return .bytes(.content(channel, get, "begin" + String(repeating: "b", count: 100_000)))
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect { $0.keptBodySize = 5 }
            let channel = try await connection.openChannel()
            let result = try await channel.get("q")
            #expect(result.map { String(buffer: $0.delivery.body) } == "begin")
            #expect(result?.delivery.droppedBytes == 100_000)
            try result?.delivery.ack()
            await connection.close()
        }
    }

    @Test func aTableTakesMoreThanItsBytes() {
        let small = FieldTable((0..<1_000).map { .init(key: "\($0)", value: .void) })
        #expect(small.footprint > 60_000)
        #expect(FieldTable([.init(key: "t", value: .table(small))]).footprint > small.footprint)
        #expect(FieldTable([.init(key: "a", value: .array([.string("xyz")]))]).footprint > 100)
    }
}
