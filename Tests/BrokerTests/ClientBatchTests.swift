import AMQPWire
import BrokerSupport
import RabbitMQClient
import Testing

import struct NIOCore.ByteBuffer

@Suite struct ClientBatchTests {
    @Test func aBatchIsConfirmedMessageByMessage() async throws {
        try await withQueue { channel, queue in
            let messages = (0..<5000).map { Message("\($0)".utf8, routingKey: queue) }
            let result = await channel.publishBatch(messages)
            try result.get()
            #expect(result.isConfirmed && result.results.count == 5000)
            #expect(try await channel.declareQueuePassive(queue).messageCount == 5000)
            #expect(await channel.publishBatch([]).results.isEmpty)
            let first = try #require(try await channel.get(queue, noAck: true))
            #expect(String(buffer: first.delivery.body) == "0")
        }
    }

    @Test func oneThatFailsDoesNotHoldTheOthersUp() async throws {
        try await withQueue { channel, queue in
            let tooLong = String(repeating: "k", count: 256)
            let full = try await channel.declareQueue(
                exclusive: true, arguments: QueueArguments(maxLength: 1, overflow: .rejectPublish)
            ).name
            let result = await channel.publishBatch([
                Message("0".utf8, routingKey: queue),
                Message("1".utf8, routingKey: uniqueName("nobody"), mandatory: true),
                Message("2".utf8, routingKey: tooLong),
                Message("3".utf8, routingKey: full),
                Message("4".utf8, routingKey: full),
                Message("5".utf8, routingKey: uniqueName("nobody")),
                Message("6".utf8, routingKey: queue, mandatory: true),
            ])
            #expect(result.failures.map(\.index) == [1, 2, 4])
            #expect(result.failures.map(\.error.code) == [.returned, .invalidArgument, .nacked])
            #expect(await clientError { try result.get() }?.code == .returned)
            #expect(try await channel.declareQueuePassive(queue).messageCount == 2)
        }
    }

    @Test func aChannelThatEndsInTheMiddleLeavesNoneWaiting() async throws {
        try await withQueue { channel, queue in
            var messages = (0..<100).map { Message("\($0)".utf8, routingKey: queue) }
            messages[50].exchange = Name(uniqueName("missing"))
            let result = await channel.publishBatch(messages)
            #expect(result.results.count == 100)
            #expect(result.failures.allSatisfy { $0.error.closeReason?.code == 404 })
            #expect(result.failures.contains { $0.index == 50 })
            let after = await channel.publishBatch([Message("x".utf8, routingKey: queue)])
            #expect(after.failures.map(\.error.code) == [.channelClosed])
        }
    }

    @Test func bodiesBeyondTheSocketsRoomGoOutPartByPart() async throws {
        try await withQueue { channel, queue in
            let body = ByteBuffer(repeating: 7, count: 100_000)
            let result = await channel.publishBatch((0..<100).map { _ in Message(body, routingKey: queue) })
            #expect(result.isConfirmed)
            let count = try await channel.declareQueuePassive(queue).messageCount
            #expect(count == 100)
        }
    }

    private func withQueue(_ body: (Channel, String) async throws -> Void) async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            try await body(channel, try await channel.declareQueue(exclusive: true).name.text)
        }
    }
}

@Suite struct ClientPublisherTests {
    @Test func manyTasksKeepToTheLimit() async throws {
        try await TestBroker.shared().withConnection { connection in
            let queue = try await connection.openChannel().declareQueue(exclusive: true).name
            let publisher = Publisher(connection, limit: 10)
            let gauge = Gauge()
            async let watching: Void = gauge.watch { connection.report.channels.map(\.unconfirmed).max() ?? 0 }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<300 {
                    group.addTask { try await publisher.publish("\(task)".utf8, routingKey: queue) }
                }
                try await group.waitForAll()
            }
            gauge.stop()
            await watching
            #expect(gauge.most <= 10)
            #expect(publisher.outstanding == 0)
            let count = try await connection.openChannel().declareQueuePassive(queue).messageCount
            #expect(count == 300)
            publisher.close()
            #expect(
                await clientError { try await publisher.publish("x".utf8, routingKey: queue) }?.code == .channelClosed)
        }
    }

    @Test func oneTaskKeepsTheLimitOpenAndNoMore() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let publisher = Publisher(connection, limit: 50)
            var most = 0
            for number in 0..<2000 {
                // Nobody awaits these confirmations.
                _ = try await publisher.publishDeferred(Message("\(number)".utf8, routingKey: queue))
                most = max(most, connection.report.channels.map(\.unconfirmed).max() ?? 0)
            }
            #expect(most <= 50 && most > 1)
            await publisher.drain()
            #expect(publisher.outstanding == 0)
            #expect(try await channel.declareQueuePassive(queue).messageCount == 2000)
        }
    }

    @Test func aBrokerThatDoesNotConfirmHoldsPublishersBack() async throws {
        try await TestBroker.withRestartable { broker in
            let configuration = broker.configuration {
                $0.publishTimeout = .seconds(2)
                $0.heartbeat = .zero
            }
            let connection = try await Connection.connect(configuration)
            let queue = try await connection.openChannel().declareQueue(exclusive: true).name
            let publisher = Publisher(connection, limit: 3)
            try await publisher.publish("0".utf8, routingKey: queue)
            try await broker.node.freeze()
            var confirmations: [RabbitMQClient.Confirmation] = []
            for _ in 0..<3 {
                confirmations.append(try await publisher.publishDeferred(Message("x".utf8, routingKey: queue)))
            }
            #expect(publisher.outstanding == 3)
            let waiting = Task {
                await clientError { try await publisher.publish("late".utf8, routingKey: queue) }
            }
            waiting.cancel()
            #expect(await waiting.value?.code == .cancelled)
            // Nothing of it was sent; the others are overdue, and their places free.
            #expect(connection.report.channels.map(\.published).max() == 4)
            for confirmation in confirmations {
                #expect(await clientError { try await confirmation.wait() }?.code == .indeterminate)
            }
            #expect(publisher.outstanding == 0)
            try await broker.node.thaw()
            try await publisher.publish("again".utf8, routingKey: queue)
            await connection.close()
        }
    }

    @Test func aPublisherOutlivesItsChannel() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let publishers = [
                Publisher(connection, exchange: uniqueName("missing")),
                Publisher(ChannelPool(connection, size: 1), exchange: uniqueName("missing")),
            ]
            for publisher in publishers {
                for round in 0..<5 {
                    let error = await clientError { try await publisher.publish("lost".utf8, routingKey: "k") }
                    #expect(error?.closeReason?.code == 404, "\(round)")
                    try await publisher.publish("kept".utf8, exchange: "", routingKey: queue)
                }
                let fixed = Publisher(channel, mandatory: true)
                #expect(
                    await clientError { try await fixed.publish("x".utf8, routingKey: "nobody") }?.code == .returned)
                try await fixed.publish("x".utf8, routingKey: queue)
                publisher.close()
            }
            #expect(try await channel.declareQueuePassive(queue).messageCount == 12)
            #expect(connection.report.channels.count { $0.state == .open } <= 2)
        }
    }

    @Test func batchesKeepToTheLimitToo() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let publisher = Publisher(connection, mandatory: true, limit: 64)
            let gauge = Gauge()
            async let watching: Void = gauge.watch { connection.report.channels.map(\.unconfirmed).max() ?? 0 }
            var messages = (0..<1000).map { Message("\($0)".utf8, routingKey: queue) }
            messages[500].routingKey = Name(uniqueName("nobody"))
            let batch = messages
            async let first = publisher.publishBatch(batch)
            async let second = publisher.publishBatch(batch)
            for result in await [first, second] {
                #expect(result.failures.map(\.index) == [500] && result.failures.first?.error.code == .returned)
            }
            gauge.stop()
            await watching
            #expect(gauge.most <= 64 && publisher.outstanding == 0)
            #expect(try await channel.declareQueuePassive(queue).messageCount == 1998)
        }
    }

    @Test func aMessageIdIsMadeUpOnlyForRetries() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            try await Publisher(connection).publish("a".utf8, routingKey: queue)
            let retrying = Publisher(connection, retry: .standard)
            try await retrying.publish("b".utf8, routingKey: queue)
            try await retrying.publish("c".utf8, routingKey: queue, properties: BasicProperties(messageID: "own"))
            #expect(await retrying.publishBatch([Message("d".utf8, routingKey: queue)]).isConfirmed)
            var ids: [Name?] = []
            for _ in 0..<4 {
                ids.append(try #require(try await channel.get(queue, noAck: true)).delivery.properties.messageID)
            }
            #expect(ids[0] == nil && ids[2] == "own")
            #expect(ids[1]?.count == 32 && ids[3]?.count == 32 && ids[1] != ids[3])
        }
    }

    @Test func aFullQueueIsTriedAgainWhenAskedFor() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(
                exclusive: true, arguments: QueueArguments(maxLength: 1, overflow: .rejectPublish)
            ).name
            try await channel.publish("first".utf8, routingKey: queue)
            let plain = Publisher(connection, retry: .standard)
            #expect(await clientError { try await plain.publish("x".utf8, routingKey: queue) }?.code == .nacked)
            let insistent = Publisher(
                connection,
                retry: PublishRetry(
                    attempts: 1000, base: .milliseconds(10), cap: .milliseconds(20), retriesNacked: true))
            async let published: Void = insistent.publish("second".utf8, routingKey: queue)
            #expect(await eventually { connection.report.channels.map(\.nacked).reduce(0, +) >= 4 })
            try await channel.purgeQueue(queue)
            try await published
            let got = try #require(try await channel.get(queue, noAck: true))
            #expect(String(buffer: got.delivery.body) == "second")
        }
    }
}
