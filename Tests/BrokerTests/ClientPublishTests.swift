import AMQPWire
import BrokerSupport
import RabbitMQClient
import TCPGate
import Testing

import struct NIOCore.ByteBuffer

@Suite struct ClientPublishTests {
    @Test func aConfirmedMessageIsThereWithAllItsProperties() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let properties = BasicProperties(
                contentType: "text/plain",
                contentEncoding: "utf-8",
                headers: [
                    "text": "täglich", "number": 42, "flag": true, "list": [1, "two"], "nested": ["a": ["b": 1.5]],
                ],
                deliveryMode: 2,
                priority: 3,
                correlationID: "c",
                replyTo: "r",
                expiration: "60000",
                messageID: "m",
                timestamp: 1_700_000_000,
                type: "t",
                userID: "guest",
                appID: "a",
                clusterID: "k"
            )
            try await channel.publish("hello".utf8, routingKey: queue, properties: properties)
            let got = try #require(try await channel.get(queue, noAck: true))
            #expect(String(buffer: got.delivery.body) == "hello")
            #expect(got.delivery.properties == properties)
            #expect(got.delivery.routingKey == queue && got.delivery.exchange == "")
            #expect(try await channel.get(queue)?.messageCount == nil)
        }
    }

    @Test(arguments: [0, 1, 131_064, 131_065, 1_000_000])
    func bodiesOfAnySizeComeBackWhole(size: Int) async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let body = ByteBuffer(bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try await channel.publish(body, routingKey: queue, mandatory: true)
            let got = try #require(try await channel.get(queue))
            #expect(got.delivery.body == body)
            try got.delivery.ack()
        }
    }

    @Test func unroutableMandatoryMessagesFailAndOnlyThose() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let exchange = uniqueName("keyed")
            try await channel.declareExchange(exchange, autoDelete: true)
            try await channel.bindQueue(queue, exchange: exchange, routingKey: "bound")
            var confirmations: [RabbitMQClient.Confirmation] = []
            for number in 0..<100 {
                confirmations.append(
                    try await channel.publishDeferred(
                        ByteBuffer(),
                        exchange: exchange,
                        routingKey: number % 7 == 3 ? "unbound" : "bound",
                        mandatory: true
                    )
                )
            }
            for (number, confirmation) in confirmations.enumerated() {
                let error = await clientError { try await confirmation.wait() }
                if number % 7 == 3 {
                    #expect(error?.code == .returned)
                    #expect(error?.returned?.code == 312)
                    #expect(error?.returned?.text == "NO_ROUTE")
                    #expect(error?.returned?.routingKey == "unbound")
                } else {
                    #expect(error == nil)
                }
            }
            #expect(channel.report.returned == 14)
        }
    }

    @Test func aMessageThatTheQueueRejectsIsNacked() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(
                exclusive: true,
                arguments: ["x-max-length": 1, "x-overflow": "reject-publish"]
            ).name
            try await channel.publish("1".utf8, routingKey: queue)
            #expect(await clientError { try await channel.publish("2".utf8, routingKey: queue) }?.code == .nacked)
            #expect(channel.report.nacked == 1 && channel.report.confirmed == 1)
        }
    }

    @Test func aMissingExchangeFailsAllUnconfirmedOfTheChannel() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let other = try await connection.openChannel()
            let exchange = uniqueName("missing")
            let errors = await withTaskGroup(of: ClientError?.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        await clientError { try await channel.publish("x".utf8, exchange: exchange, routingKey: "k") }
                    }
                }
                return await group.reduce(into: [ClientError?]()) { $0.append($1) }
            }
            #expect(errors.count == 10)
            for error in errors {
                #expect(error?.code == .indeterminate || error?.code == .channelClosed)
                #expect(error?.closeReason?.code == 404)
                #expect(error?.closeReason?.methodName == "basic.publish")
            }
            let queue = try await other.declareQueue(exclusive: true).name
            try await other.publish("x".utf8, routingKey: queue)
        }
    }

    @Test func aThousandTasksPublishOnOneChannel() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<1000 {
                    group.addTask {
                        for part in 0..<5 { try await channel.publish("\(task)-\(part)".utf8, routingKey: queue) }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await channel.declareQueuePassive(queue).messageCount == 5000)
            #expect(channel.report.confirmed == 5000)
            var seen: Set<String> = []
            let consumer = try await channel.consume(queue, prefetch: 500)
            for try await delivery in consumer {
                seen.insert(String(buffer: delivery.body))
                try delivery.ack()
                if seen.count == 5000 { break }
            }
            #expect(seen.count == 5000)
        }
    }

    @Test func unconfirmedPublishesWaitForTheSocketAndAllArrive() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let body = ByteBuffer(repeating: 1, count: 100_000)
            for _ in 0..<200 { try await channel.publishUnconfirmed(body, routingKey: queue) }
            // The broker answers a declare ahead of what still waits in the queue's mailbox.
            #expect(await eventually { (try? await channel.declareQueuePassive(queue).messageCount) == 200 })
        }
    }

    @Test func aBrokerThatDiesLeavesPublishesIndeterminate() async throws {
        let broker = try await TestBroker.shared()
        try await TCPGate.with(port: broker.amqpPort) { gate in
            let connection = try await Connection.connect(broker.configuration { $0.port = gate.port })
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            await gate.blackHole()
            let confirmation = try await channel.publishDeferred(.init(string: "x"), routingKey: queue)
            async let waiting = clientError { try await confirmation.wait() }
            await gate.vanish()
            #expect(await waiting?.code == .indeterminate)
            #expect(await waiting?.closeReason?.initiator == .transport)
            #expect(
                await clientError { try await channel.publish("y".utf8, routingKey: queue) }?.code == .connectionClosed)
        }
    }
}
