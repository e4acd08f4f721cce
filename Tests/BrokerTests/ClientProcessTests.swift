import BrokerSupport
import RabbitMQClient
import Testing

import struct NIOCore.ByteBuffer

@Suite struct ClientProcessTests {
    private struct Spoilt: Error {}

    @Test func whatIsProcessedIsAcknowledged() async throws {
        try await withMessages(3) { channel, queue in
            var bodies: [String] = []
            for try await delivery in try await channel.consume(queue) {
                let processed = await delivery.process { bodies.append(String(buffer: delivery.body)) }
                #expect(processed.outcome == .acknowledged && processed.error == nil)
                if bodies.count == 3 { break }
            }
            #expect(bodies == ["0", "1", "2"])
            #expect(channel.report.unacked == 0)
            #expect(await eventually { (try? await channel.declareQueuePassive(queue).messageCount) == 0 })
        }
    }

    @Test func aFailureIsTriedOnceMoreAndThenRejected() async throws {
        try await withMessages(1, deadLetters: true) { channel, queue in
            var outcomes: [Delivery.Processed.Outcome] = []
            for try await delivery in try await channel.consume(queue) {
                let processed = await delivery.process { throw Spoilt() }
                #expect(processed.error is Spoilt)
                outcomes.append(processed.outcome)
                if outcomes.count == 2 { break }
            }
            #expect(outcomes == [.requeued, .rejected])
            #expect(await eventually { (try? await channel.declareQueuePassive("\(queue)-dead").messageCount) == 1 })
        }
    }

    @Test func whatAFailureMeansCanBeSaid() async throws {
        try await withMessages(1, deadLetters: true) { channel, queue in
            var iterator = try await channel.consume(queue).makeAsyncIterator()
            for _ in 0..<5 {
                let delivery = try #require(try await iterator.next())
                #expect(await delivery.process(onFailure: .requeue) { throw Spoilt() }.outcome == .requeued)
            }
            let again = try #require(try await iterator.next())
            let decided = await again.process(
                onFailure: .decide { error, delivery in
                    error is Spoilt && delivery.redelivered
                }
            ) { throw Spoilt() }
            #expect(decided.outcome == .requeued)
            let last = try #require(try await iterator.next())
            #expect(await last.process(onFailure: .reject) { throw Spoilt() }.outcome == .rejected)
            #expect(await eventually { (try? await channel.declareQueuePassive("\(queue)-dead").messageCount) == 1 })
        }
    }

    @Test func aCancelledTaskRequeues() async throws {
        try await withMessages(1, deadLetters: true) { channel, queue in
            let got = try #require(try await channel.get(queue)).delivery
            let task = Task {
                await got.process(onFailure: .reject) { try await Task.sleep(for: .seconds(60)) }
            }
            task.cancel()
            #expect(await task.value.outcome == .requeued)
            #expect(await eventually { (try? await channel.declareQueuePassive(queue).messageCount) == 1 })
            // One that was done nevertheless is done.
            let again = try #require(try await channel.get(queue)).delivery
            let done = Task { await again.process { withUnsafeCurrentTask { $0?.cancel() } } }
            #expect(await done.value.outcome == .acknowledged)
        }
    }

    @Test func whatTheBodySettledIsRespected() async throws {
        try await withMessages(3, deadLetters: true) { channel, queue in
            let rejected = try #require(try await channel.get(queue)).delivery
            #expect(await rejected.process { try rejected.reject(requeue: false) }.outcome == .settledBefore)
            let acknowledged = try #require(try await channel.get(queue)).delivery
            let processed = await acknowledged.process {
                try acknowledged.ack()
                throw Spoilt()
            }
            #expect(processed.outcome == .settledBefore && processed.error is Spoilt)
            let free = try #require(try await channel.get(queue, noAck: true)).delivery
            #expect(await free.process {}.outcome == .settledBefore)
            #expect(await eventually { (try? await channel.declareQueuePassive("\(queue)-dead").messageCount) == 1 })
            #expect(channel.isOpen)
        }
    }

    @Test func whatOutlivedItsChannelIsDropped() async throws {
        try await withMessages(1) { channel, queue in
            let broken = try await TestBroker.shared().withConnection { connection in
                let other = try await connection.openChannel()
                let got = try #require(try await other.get(queue)).delivery
                return await got.process { try await other.close() }
            }
            #expect(broken.outcome == .stale && broken.error == nil)
            #expect(await eventually { (try? await channel.declareQueuePassive(queue).messageCount) == 1 })
        }
    }

    @Test func aStreamTakesNothingBack() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let stream = uniqueName("stream")
            _ = try await channel.declareQueue(stream, type: .stream)
            for number in 0..<10 { try await channel.publish("\(number)".utf8, routingKey: stream) }
            let consumer = try await channel.consume(
                stream, arguments: ConsumerArguments(streamOffset: .first), prefetch: 3)
            var iterator = consumer.makeAsyncIterator()
            // More failures than the prefetch: it does not stall, and nothing comes twice.
            for number in 0..<8 {
                let delivery = try #require(try await iterator.next())
                let processed = await delivery.process { throw Spoilt() }
                #expect(processed.outcome == .acknowledged && processed.error is Spoilt)
                #expect(delivery.streamOffset == Int64(number))
            }
            let last = try #require(try await iterator.next())
            try await consumer.cancel()
            #expect(await last.process { throw Spoilt() }.outcome == .stale)
            // A message of a stream that was published to a queue is one of the queue.
            let queue = try await channel.declareQueue(exclusive: true).name
            try await channel.publish("again".utf8, routingKey: queue, properties: last.properties)
            var queued = try await channel.consume(queue).makeAsyncIterator()
            let again = try #require(try await queued.next())
            #expect(again.streamOffset == 8)
            #expect(await again.process { throw Spoilt() }.outcome == .requeued)
            #expect(channel.isOpen)
            try await channel.deleteQueue(stream)
        }
    }

    private func withMessages(
        _ count: Int,
        deadLetters: Bool = false,
        _ body: (Channel, String) async throws -> Void
    ) async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = uniqueName("processed")
            var arguments = QueueArguments(expires: .seconds(600))
            if deadLetters {
                arguments.deadLetterExchange = ""
                arguments.deadLetterRoutingKey = "\(queue)-dead"
                _ = try await channel.declareQueue("\(queue)-dead", arguments: QueueArguments(expires: .seconds(600)))
            }
            _ = try await channel.declareQueue(queue, arguments: arguments)
            for number in 0..<count { try await channel.publish("\(number)".utf8, routingKey: queue) }
            try await body(channel, queue)
            try await connection.withChannel { other in
                try await other.deleteQueue(queue)
                try await other.deleteQueue("\(queue)-dead")
            }
        }
    }
}
