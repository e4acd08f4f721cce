import AMQPWire
import BrokerSupport
import RabbitMQClient
import TCPGate
import Testing

import struct NIOCore.ByteBuffer

/// Rows 19 to 21 of the fault matrix: what was declared comes back, or it is said what does not.
@Suite struct FaultMatrixRecoveringTests {
    @Test func row19AnExclusiveQueueThatIsStillLockedIsTriedAgain() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withGatedConnection { gate, connection in
            let channel = try await connection.openChannel()
            let queue = uniqueName("locked")
            _ = try await channel.declareQueue(queue, exclusive: true)
            let exchange = uniqueName("locked")
            try await channel.declareExchange(exchange, autoDelete: true)
            try await channel.bindQueue(queue, exchange: exchange, routingKey: "k")
            let consumer = try await channel.consume(queue, tag: "locked")
            let plain = try await channel.declareQueue(uniqueName("plain"), autoDelete: true).name
            // The client's socket is gone; the broker has not heard of it, and keeps the queue for the old connection.
            await gate.reset([.client])
            #expect(await connection.comesBack())
            // The rest of the connection is in use before the queue is free.
            #expect(try await channel.declareQueuePassive(plain).name == plain)
            let failure = try #require(connection.lastRecovery?.failures.first)
            #expect(failure.code == 405 && failure.isTriedAgain)
            #expect(failure.entity == .queue(name: Name(queue)))
            #expect(channel.isOpen)
            // Now the broker hears of it.
            await gate.endHalves()
            #expect(await eventually { connection.lastRecovery?.failures.isEmpty == true })
            try await channel.publish("k".utf8, exchange: exchange, routingKey: "k", mandatory: true)
            var iterator = consumer.makeAsyncIterator()
            let delivery = try #require(try await iterator.next())
            #expect(String(buffer: delivery.body) == "k")
            #expect(try delivery.ack() == .sent)
            #expect(connection.recoveries == 1)
        }
    }

    @Test func row20AServerNamedQueuesNewNameReachesItsBindingsAndConsumers() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withGatedConnection { gate, connection in
            let exchange = uniqueName("fan")
            let channel = try await connection.openChannel()
            try await channel.declareExchange(exchange, type: "topic", autoDelete: true)
            let queue = try await channel.declareQueue(exclusive: true).name
            #expect(queue.hasPrefix("amq.gen-"))
            try await channel.bindQueue(queue, exchange: exchange, routingKey: "a.*")
            try await channel.bindQueue(queue, exchange: exchange, routingKey: "b.*")
            let consumer = try await channel.consume(queue)
            var iterator = consumer.makeAsyncIterator()
            var names = [queue]
            for round in 1...2 {
                await gate.reset()
                #expect(await connection.comesBack(round))
                let report = try #require(connection.lastRecovery)
                #expect(report.queues == 1 && report.bindings == 2 && report.consumers == 1 && report.failures.isEmpty)
                #expect(!names.contains(consumer.queueName) && consumer.queueName.hasPrefix("amq.gen-"))
                names.append(consumer.queueName)
                for key in ["a.\(round)", "b.\(round)"] {
                    try await channel.publish(key.utf8, exchange: exchange, routingKey: key, mandatory: true)
                    let delivery = try #require(try await iterator.next())
                    #expect(delivery.routingKey == key && delivery.consumerTag == consumer.tag)
                    try delivery.ack()
                }
                #expect(connection.report.channels.first?.consumers.first?.queue == consumer.queueName)
            }
            // The earlier ones are not there any more.
            for name in names.dropLast() {
                let error = await clientError {
                    _ = try await connection.openChannel().declareQueuePassive(name)
                }
                #expect(error?.closeReason?.code == 404)
            }
        }
    }

    @Test func row21OneEntityThatFailsIsReportedOnceAndTheOthersRecover() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withGatedConnection { gate, connection in
            let channel = try await connection.openChannel()
            let stem = uniqueName("one-fails")
            var queues: [String] = []
            var consumers: [Consumer] = []
            let exchange = "\(stem)-x"
            try await channel.declareExchange(exchange, type: "fanout", autoDelete: true)
            for number in 0..<5 {
                let queue = try await channel.declareQueue("\(stem)-\(number)", autoDelete: true).name
                try await channel.bindQueue(queue, exchange: exchange)
                consumers.append(try await channel.consume(queue, tag: "c\(number)"))
                queues.append(queue.text)
            }
            // While the client is away one queue becomes another's, with other arguments.
            await gate.refuse()
            await gate.reset()
            try await broker.withConnection { other in
                let thief = try await other.openChannel()
                #expect(
                    await eventually {
                        (try? await other.withChannel { try await $0.declareQueuePassive(queues[2]) }) == nil
                    })
                _ = try await thief.declareQueue(queues[2], arguments: ["x-max-length": 7])
                try await gate.admit()
                #expect(await connection.comesBack())
                let report = try #require(connection.lastRecovery)
                #expect(report.queues == 4 && report.bindings == 4 && report.consumers == 4 && report.exchanges == 1)
                #expect(report.failures.count { $0.entity == .queue(name: Name(queues[2])) } == 1)
                #expect(report.failures.first { $0.entity == .queue(name: Name(queues[2])) }?.code == 406)
                #expect(Set(report.failures.map(\.entity)).count == report.failures.count)
                // Its consumer says so; the others go on, on the channel that they were on.
                let error = await clientError { for try await _ in consumers[2] {} }
                #expect(error?.code == .consumerCancelled && error?.message.contains(queues[2]) == true)
                #expect(channel.isOpen)
                try await channel.publish("all".utf8, exchange: exchange, routingKey: "")
                for number in [0, 1, 3, 4] {
                    var iterator = consumers[number].makeAsyncIterator()
                    let delivery = try #require(try await iterator.next())
                    #expect(String(buffer: delivery.body) == "all")
                    try delivery.ack()
                }
                _ = try await thief.deleteQueue(queues[2])
            }
        }
    }

    @Test func row21AQueueThatIsGoneAndWasNotOursEndsItsConsumerAlone() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withConnection { other in
            let theirs = try await other.openChannel()
            let queue = uniqueName("theirs")
            _ = try await theirs.declareQueue(queue)
            try await broker.withGatedConnection { gate, connection in
                let channel = try await connection.openChannel()
                let ours = try await channel.declareQueue(uniqueName("ours"), autoDelete: true).name
                let orphan = try await channel.consume(queue)
                let steady = try await channel.consume(ours)
                await gate.refuse()
                await gate.reset()
                _ = try await theirs.deleteQueue(queue)
                try await gate.admit()
                #expect(await connection.comesBack())
                let error = await clientError { for try await _ in orphan {} }
                #expect(error?.code == .consumerCancelled && error?.message.contains(queue) == true)
                let failures = try #require(connection.lastRecovery?.failures)
                #expect(failures.map(\.entity) == [.consumer(tag: orphan.tag, queue: Name(queue))])
                #expect(failures.first?.code == 404)
                try await channel.publish("on".utf8, routingKey: ours, mandatory: true)
                var iterator = steady.makeAsyncIterator()
                #expect(try await iterator.next().map { String(buffer: $0.body) } == "on")
            }
        }
    }

    @Test func aConsumerThatIsAskedForDuringARecoveryIsStartedOnce() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withQueue("asked") { queue, direct in
            try await broker.withGatedConnection { gate, connection in
                let channel = try await connection.openChannel()
                await gate.refuse()
                await gate.reset()
                #expect(await eventually { !connection.isOpen })
                let asking = Task { try await channel.consume(queue, tag: "asked") }
                let given = Task { try await channel.consume(queue, tag: "given up") }
                #expect(await eventually { channel.report.consumers.count == 2 })
                given.cancel()
                #expect(await clientError { _ = try await given.value }?.code == .cancelled)
                try await gate.admit()
                var iterator = try await asking.value.makeAsyncIterator()
                try await direct.publish("once".utf8, routingKey: queue)
                #expect(try await iterator.next().map { String(buffer: $0.body) } == "once")
                #expect(try await direct.declareQueuePassive(queue).consumerCount == 1)
                #expect(channel.report.consumers.map(\.tag) == ["asked"])
                #expect(connection.recoveries == 1)
            }
        }
    }
}
