import AMQPWire
import BrokerSupport
import RabbitMQClient
import TCPGate
import Testing

import struct NIOCore.ByteBuffer

/// Rows 13 to 18 of the fault matrix: the broker closes a channel, or must have no reason to.
@Suite struct FaultMatrixChannelTests {
    @Test func row13APublishToAMissingExchangeFailsAllConfirmsOfItsChannelWith404() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withGatedConnection { gate, connection in
            let channel = try await connection.openChannel()
            let other = try await connection.openChannel()
            let queue = try await other.declareQueue(exclusive: true).name
            try await channel.publish("good".utf8, routingKey: queue)
            // Nothing is answered until all of it is on its way.
            await gate.setFlow(toServer: .hold)
            let missing = uniqueName("missing")
            var pending: [RabbitMQClient.Confirmation] = []
            for number in 0..<10 {
                let exchange: Name = number == 0 ? Name(missing) : ""
                pending.append(try await channel.publishDeferred(ByteBuffer(), exchange: exchange, routingKey: queue))
            }
            let waits = pending.map { confirmation in Task { await clientError { try await confirmation.wait() } } }
            await gate.restore()
            for wait in waits {
                let error = await wait.value
                #expect(error?.code == .indeterminate)
                #expect(error?.closeReason?.code == 404 && error?.closeReason?.scope == .channel)
                #expect(error?.closeReason?.methodName == "basic.publish")
                #expect(error?.closeReason?.text.contains(missing) == true)
            }
            #expect(await channel.closed().code == 404)
            #expect(
                await clientError { try await channel.publish("x".utf8, routingKey: queue) }?.code == .channelClosed)
            // The others live, on the same socket.
            try await other.publish("good".utf8, routingKey: queue, mandatory: true)
            #expect(try await other.declareQueuePassive(queue).messageCount == 2)
            #expect(gate.counts.accepted == 1 && connection.isOpen)
        }
    }

    @Test func row14ARedeclareWithOtherArgumentsIs406AndThePoolReplacesTheChannel() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withConnection({ $0.recovery = .brisk }) { connection in
            let pool = ChannelPool(connection, size: 1)
            let queue = uniqueName("redeclared")
            let first = try await pool.withChannel { channel in
                _ = try await channel.declareQueue(queue, exclusive: true)
                return channel
            }
            let error = await clientError {
                try await pool.withChannel { channel in
                    #expect(channel === first)
                    _ = try await channel.declareQueue(queue, exclusive: true, arguments: ["x-max-length": 5])
                }
            }
            #expect(error?.code == .refused)
            #expect(error?.closeReason?.code == 406 && error?.closeReason?.name == "PRECONDITION_FAILED")
            #expect(first.closeReason?.code == 406)
            // The only place of the pool holds another channel at once.
            let second = try await pool.withChannel(timeout: .seconds(5)) { channel in
                #expect(channel.isOpen)
                try await channel.publish("x".utf8, routingKey: queue, mandatory: true)
                return channel
            }
            #expect(second !== first)
            #expect(pool.report.discarded == 1 && pool.report.open == 1)
            await pool.close()
        }
    }

    @Test func row15AQueueDeletedUnderItsConsumerIsAnErrorOfTheConsumer() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withConnection({ $0.recovery = .brisk }) { connection in
            let channel = try await connection.openChannel()
            let queue = uniqueName("doomed")
            _ = try await channel.declareQueue(queue)
            for number in 0..<3 { try await channel.publish("\(number)".utf8, routingKey: queue) }
            let consumer = try await channel.consume(queue, prefetch: 2)
            let waiting = try await channel.consume(queue, prefetch: 1)
            #expect(await eventually { channel.report.unacked == 3 })
            try await broker.withConnection { other in _ = try await other.openChannel().deleteQueue(queue) }
            // What had come is handed out, then comes the error, and never a silent end.
            for consumer in [consumer, waiting] {
                var count = 0
                let error = await clientError { for try await _ in consumer { count += 1 } }
                #expect(error?.code == .consumerCancelled)
                #expect(error?.message.contains(queue) == true)
                #expect(count <= 2)
            }
            #expect(channel.isOpen && channel.report.consumers.isEmpty)
            _ = try await channel.declareQueue(exclusive: true)
        }
    }

    @Test func row16AConsumerThatNeverAcknowledgesLosesItsChannelWith406AndSaysSo() async throws {
        try await TestBroker.withSettings(["consumer_timeout": 2000, "channel_tick_interval": 1000]) { broker in
            try await broker.withConnection({ $0.recovery = .brisk }) { connection in
                let other = try await connection.openChannel()
                let queue = try await other.declareQueue(exclusive: true).name
                try await other.publish("slow".utf8, routingKey: queue)
                let channel = try await connection.openChannel()
                let consumer = try await channel.consume(queue)
                var deliveries: [Delivery] = []
                let error = await clientError { for try await delivery in consumer { deliveries.append(delivery) } }
                #expect(error?.code == .channelClosed)
                #expect(error?.closeReason?.code == 406 && error?.closeReason?.initiator == .peer)
                #expect(error?.closeReason?.text.contains("acknowledgement") == true)
                #expect(channel.closeReason == error?.closeReason)
                // Too late is an error here and nothing on the wire; the message is another's now.
                let late = try #require(deliveries.first)
                #expect(deliveries.count == 1)
                #expect(await clientError { try late.ack() }?.code == .staleDelivery)
                #expect(connection.isOpen && connection.recoveries == 0)
                let got = try #require(try await other.get(queue))
                #expect(got.delivery.redelivered)
                try got.delivery.ack()
            }
        }
    }

    @Test func row17AnAckAfterAReconnectIsDroppedHere() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withQueue("stale") { queue, direct in
            for number in 0..<5 { try await direct.publish("\(number)".utf8, routingKey: queue) }
            try await broker.withGatedConnection { gate, connection in
                let channel = try await connection.openChannel()
                let consumer = try await channel.consume(queue, prefetch: 4)
                var iterator = consumer.makeAsyncIterator()
                var old: [Delivery] = []
                for _ in 0..<3 { old.append(try #require(try await iterator.next())) }
                await gate.reset()
                #expect(await connection.comesBack())
                // The same tags come again, for other deliveries: a stale ack would take these away.
                #expect(try old[0].ack() == .stale)
                #expect(try old[1].nack(requeue: false) == .stale)
                #expect(try old[2].ack(multiple: true) == .stale)
                #expect(channel.isOpen)
                var bodies: [String] = []
                for _ in 0..<5 {
                    let delivery = try #require(try await iterator.next())
                    bodies.append(String(buffer: delivery.body))
                    #expect(delivery.redelivered || bodies.count == 5)
                    #expect(try delivery.ack() == .sent)
                }
                #expect(bodies == (0..<5).map(String.init))
                #expect(await eventually { (try? await direct.declareQueuePassive(queue).messageCount) == 0 })
                #expect(try old[0].ack() == .stale)
                // The broker has had no reason to close anything.
                #expect(try await channel.declareQueuePassive(queue).consumerCount == 1)
                #expect(gate.counts.forwarded == 2)
            }
        }
    }

    @Test func row18ADoubleAckIsALocalErrorAndNo406() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withQueue("double") { queue, direct in
            for number in 0..<4 { try await direct.publish("\(number)".utf8, routingKey: queue) }
            try await broker.withGatedConnection { gate, connection in
                let channel = try await connection.openChannel()
                let consumer = try await channel.consume(queue)
                var iterator = consumer.makeAsyncIterator()
                var taken: [Delivery] = []
                for _ in 0..<3 { taken.append(try #require(try await iterator.next())) }
                #expect(try taken[0].ack() == .sent)
                for again in 0..<3 {
                    let error = await clientError {
                        switch again {
                        case 0: try taken[0].ack()
                        case 1: try taken[0].nack()
                        default: try taken[0].reject()
                        }
                    }
                    #expect(error?.code == .alreadySettled)
                }
                #expect(try taken[2].ack(multiple: true) == .sent)
                #expect(await clientError { try taken[1].ack() }?.code == .alreadySettled)
                #expect(await clientError { try taken[2].ack(multiple: true) }?.code == .alreadySettled)
                let got = try #require(try await iterator.next())
                #expect(try got.reject(requeue: false) == .sent)
                #expect(await clientError { try got.ack() }?.code == .alreadySettled)
                // A round trip later the broker has not closed the channel: no 406 was provoked.
                #expect(try await channel.declareQueuePassive(queue).messageCount == 0)
                #expect(channel.isOpen && channel.report.unacked == 0 && gate.counts.accepted == 1)
            }
        }
    }
}
