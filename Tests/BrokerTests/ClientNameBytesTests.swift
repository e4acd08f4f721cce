import AMQPWire
import BrokerSupport
import RabbitMQClient
import TCPGate
import Testing

import struct NIOCore.ByteBuffer

/// Names that Swift's Strings take for the same are two for a broker.
@Suite struct ClientNameBytesTests {
    @Test("Two queues whose names differ in bytes alone are declared, fed, consumed and recovered apart")
    func queues() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withGatedConnection { gate, connection in
            let stem = uniqueName("bytes")
            let queues: [Name] = ["\(stem)-caf\u{e9}", "\(stem)-cafe\u{301}"]
            let channel = try await connection.openChannel()
            let exchange = uniqueName("bytes")
            try await channel.declareExchange(exchange, type: "direct", autoDelete: true)
            var consumers: [Consumer] = []
            for queue in queues {
                let declared = try await channel.declareQueue(queue, autoDelete: true)
                #expect(declared.name == queue && declared.messageCount == 0)
                try await channel.bindQueue(queue, exchange: exchange, routingKey: queue)
                consumers.append(try await channel.consume(queue, tag: queue))
            }
            for round in 0...1 {
                for (queue, consumer) in zip(queues, consumers) {
                    try await channel.publish(
                        ByteBuffer(string: "\(round)"), exchange: Name(exchange), routingKey: queue, mandatory: true)
                    var iterator = consumer.makeAsyncIterator()
                    let delivery = try #require(try await iterator.next())
                    #expect(delivery.routingKey == queue && delivery.consumerTag == queue)
                    try delivery.ack()
                }
                guard round == 0 else { continue }
                await gate.reset()
                #expect(await connection.comesBack())
                let report = try #require(connection.lastRecovery)
                #expect(report.queues == 2 && report.bindings == 2 && report.consumers == 2)
                #expect(report.failures.isEmpty)
            }
            #expect(connection.report.channels.first?.consumers.map(\.queue) == queues.sorted())
        }
    }

    @Test("Names and texts that are not UTF-8 come as they were sent, and go back so")
    func invalid() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let exchange = uniqueName("bytes")
            try await channel.declareExchange(exchange, type: "fanout", autoDelete: true)
            let queue = try await channel.declareQueue(exclusive: true).name
            try await channel.bindQueue(queue, exchange: exchange)
            let keys = [Name(bytes: [0x61, 0xFF]), Name(bytes: [0x61, 0xFE])]
            for key in keys {
                var properties = BasicProperties(headers: FieldTable([.init(key: key, value: .string(key))]))
                properties.messageID = key
                try await channel.publish(
                    ByteBuffer(), exchange: Name(exchange), routingKey: key, properties: properties)
            }
            // What was delivered is published again without a change.
            for key in keys + keys {
                let delivery = try #require(try await channel.get(queue, noAck: true)).delivery
                #expect(delivery.routingKey == key && delivery.routingKey.bytes == key.bytes)
                #expect(delivery.properties.messageID == key)
                #expect(delivery.properties.headers?[key] == .string(key))
                try await channel.publish(
                    delivery.body, exchange: delivery.exchange, routingKey: delivery.routingKey,
                    properties: delivery.properties)
            }
        }
    }
}
