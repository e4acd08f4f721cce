import BrokerSupport
import RabbitMQClient
import Testing

import struct NIOCore.ByteBuffer

@Suite struct ClientConsumeTests {
    @Test func deliversInOrderWithinThePrefetch() async throws {
        try await withQueue(messages: 50) { channel, queue in
            let consumer = try await channel.consume(queue, prefetch: 5)
            #expect(await eventually { channel.report.consumers.first?.buffered == 5 })
            #expect(channel.report.unacked == 5)
            var bodies: [String] = []
            for try await delivery in consumer {
                bodies.append(String(buffer: delivery.body))
                #expect(delivery.consumerTag == consumer.tag)
                try delivery.ack()
                if bodies.count == 50 { break }
            }
            #expect(bodies == (0..<50).map(String.init))
        }
    }

    @Test func settlingTwiceIsNoticedHere() async throws {
        try await withQueue(messages: 4) { channel, queue in
            let consumer = try await channel.consume(queue)
            var iterator = consumer.makeAsyncIterator()
            let first = try #require(try await iterator.next())
            let second = try #require(try await iterator.next())
            let third = try #require(try await iterator.next())
            let fourth = try #require(try await iterator.next())
            try second.ack(multiple: true)
            #expect(await clientError { try first.ack() }?.code == .alreadySettled)
            #expect(await clientError { try second.nack() }?.code == .alreadySettled)
            try third.reject(requeue: false)
            #expect(await clientError { try third.reject() }?.code == .alreadySettled)
            try fourth.nack(requeue: true)
            let again = try #require(try await iterator.next())
            #expect(again.redelivered && String(buffer: again.body) == "3")
            try again.ack()
            #expect(channel.isOpen)
            #expect(try await channel.declareQueuePassive(queue).messageCount == 0)
            try await channel.close()
            #expect(await clientError { try again.ack() }?.code == .staleDelivery)
        }
    }

    @Test func cancelReturnsWhatWasPrefetched() async throws {
        try await withQueue(messages: 20) { channel, queue in
            let consumer = try await channel.consume(queue, prefetch: 10)
            var iterator = consumer.makeAsyncIterator()
            let taken = try #require(try await iterator.next())
            try await consumer.cancel()
            #expect(try await iterator.next()?.deliveryTag == nil)
            try taken.ack()
            #expect(await eventually { (try? await channel.declareQueuePassive(queue).messageCount) == 19 })
            #expect(channel.report.unacked == 0 && channel.report.consumers.isEmpty)
            try await consumer.cancel()
        }
    }

    @Test func aCancelledTaskCancelsItsConsumer() async throws {
        try await withQueue(messages: 20) { channel, queue in
            let task = Task {
                let consumer = try await channel.consume(queue, prefetch: 10)
                var count = 0
                for try await delivery in consumer {
                    try delivery.ack()
                    count += 1
                    if count == 3 { try? await Task.sleep(for: .seconds(60)) }
                }
                return count
            }
            #expect(await eventually { channel.report.acked == 3 })
            task.cancel()
            let taken = try await task.value
            #expect(taken == 3)
            #expect(await eventually { (try? await channel.declareQueuePassive(queue).messageCount) == 17 })
            let consumers = try await channel.declareQueuePassive(queue).consumerCount
            #expect(consumers == 0)
            #expect(channel.report.unacked == 0)
        }
    }

    @Test func aWaitingTaskThatIsCancelledEndsItsConsumer() async throws {
        try await withQueue(messages: 1) { channel, queue in
            let task = Task {
                for try await delivery in try await channel.consume(queue) { try delivery.ack() }
            }
            #expect(await eventually { channel.report.acked == 1 })
            task.cancel()
            try await task.value
            #expect(await eventually { (try? await channel.declareQueuePassive(queue).consumerCount) == 0 })
        }
    }

    @Test func leavingTheLoopEndsTheConsumer() async throws {
        try await withQueue(messages: 5) { channel, queue in
            for try await delivery in try await channel.consume(queue, prefetch: 5) {
                try delivery.ack()
                break
            }
            #expect(await eventually { (try? await channel.declareQueuePassive(queue).messageCount) == 4 })
        }
    }

    @Test func aDeletedQueueSurfacesAsACancellation() async throws {
        try await withQueue(messages: 2) { channel, queue in
            let consumer = try await channel.consume(queue)
            var iterator = consumer.makeAsyncIterator()
            #expect(await eventually { channel.report.consumers.first?.buffered == 2 })
            try await channel.deleteQueue(queue)
            // What had come before is still handed out.
            _ = try #require(try await iterator.next())
            _ = try #require(try await iterator.next())
            let error = await clientError { _ = try await iterator.next() }
            #expect(error?.code == .consumerCancelled)
            #expect(error?.message.contains(queue) == true)
            #expect(channel.isOpen)
        }
    }

    @Test func aClosedChannelSurfacesInItsConsumer() async throws {
        try await withQueue(messages: 1) { channel, queue in
            let consumer = try await channel.consume(queue)
            async let failure = clientError { for try await _ in consumer {} }
            _ = await clientError { _ = try await channel.declareQueuePassive(uniqueName("missing")) }
            let error = await failure
            #expect(error?.code == .channelClosed)
            #expect(error?.closeReason?.code == 404)
        }
    }

    @Test func withoutAcknowledgementsReadingPausesInsteadOfBufferingAll() async throws {
        try await withQueue(messages: 0) { channel, queue in
            let broker = try await TestBroker.shared()
            try await broker.withConnection { reading in
                let body = ByteBuffer(repeating: 9, count: 1000)
                for _ in 0..<30_000 { try await channel.publishUnconfirmed(body, routingKey: queue) }
                #expect(await eventually { (try? await channel.declareQueuePassive(queue).messageCount) == 30_000 })
                let reader = try await reading.openChannel()
                let consumer = try await reader.consume(queue, noAck: true)
                #expect(await eventually { (reader.report.consumers.first?.buffered ?? 0) >= 1024 })
                try await Task.sleep(for: .milliseconds(500))
                #expect((reader.report.consumers.first?.buffered ?? 0) < 5000)
                var count = 0
                for try await delivery in consumer {
                    if count == 0 { #expect(await clientError { try delivery.ack() }?.code == .notAcknowledgeable) }
                    count += 1
                    if count == 30_000 { break }
                }
                #expect(count == 30_000)
            }
        }
    }

    @Test func aSlowHandlerDoesNotStopHeartbeats() async throws {
        try await withQueue(messages: 1, { $0.heartbeat = .seconds(1) }) { channel, queue in
            for try await delivery in try await channel.consume(queue) {
                try await Task.sleep(for: .seconds(5))
                try delivery.ack()
                break
            }
            #expect(channel.isOpen)
            #expect(try await channel.declareQueuePassive(queue).messageCount == 0)
        }
    }

    @Test func recoverDeliversAgain() async throws {
        try await withQueue(messages: 1) { channel, queue in
            let consumer = try await channel.consume(queue)
            var iterator = consumer.makeAsyncIterator()
            let first = try #require(try await iterator.next())
            try await channel.recover()
            let again = try #require(try await iterator.next())
            #expect(again.redelivered)
            #expect(await clientError { try first.ack() }?.code == .alreadySettled)
            try again.ack()
            #expect(channel.isOpen)
        }
    }

    @Test func aTagIsUsedOnce() async throws {
        try await withQueue(messages: 0) { channel, queue in
            let consumer = try await channel.consume(queue, tag: "same")
            #expect(await clientError { _ = try await channel.consume(queue, tag: "same") }?.code == .invalidArgument)
            try await consumer.cancel()
            _ = try await channel.consume(queue, tag: "same")
        }
    }

    private func withQueue(
        messages: Int,
        _ change: (inout ConnectionConfiguration) -> Void = { _ in },
        _ body: (Channel, String) async throws -> Void
    ) async throws {
        let broker = try await TestBroker.shared()
        let queue = uniqueName("consume")
        try await broker.withConnection(change) { connection in
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(queue)
            for number in 0..<messages { try await channel.publish("\(number)".utf8, routingKey: queue) }
            do {
                try await body(channel, queue)
                _ = try? await connection.openChannel().deleteQueue(queue)
            } catch {
                _ = try? await connection.openChannel().deleteQueue(queue)
                throw error
            }
        }
    }
}
