import AMQPWire
import BrokerSupport
import Foundation
import RabbitMQClient
import Testing

import struct NIOCore.ByteBuffer

@Suite struct ClientTypedTests {
    @Test func theBrokerTakesWhatIsNamed() async throws {
        try await withChannel { channel in
            let classic = uniqueName("classic")
            let arguments = QueueArguments(
                messageTTL: .seconds(60), expires: .seconds(600), maxLength: 10, maxLengthBytes: 1 << 20,
                overflow: .rejectPublishDeadLetter, deadLetterExchange: "", deadLetterRoutingKey: "dead",
                maxPriority: 5,
                singleActiveConsumer: true, mode: .lazy, version: 1)
            _ = try await channel.declareQueue(classic, type: .classic, arguments: arguments)
            let quorum = uniqueName("quorum")
            _ = try await channel.declareQueue(
                quorum, type: .quorum,
                arguments: QueueArguments(
                    overflow: .rejectPublish, deadLetterExchange: "", deadLetterRoutingKey: classic,
                    deadLetterStrategy: .atLeastOnce, deliveryLimit: 2, leaderLocator: .clientLocal, initialMembers: 1))
            let stream = uniqueName("stream")
            _ = try await channel.declareQueue(
                stream,
                arguments: QueueArguments(
                    type: .stream, maxLengthBytes: 1 << 30, leaderLocator: .clientLocal, initialMembers: 1,
                    maxAge: .seconds(3600), maxSegmentBytes: 1 << 20))

            let broker = try await TestBroker.shared()
            for (queue, type) in [(classic, "classic"), (quorum, "quorum"), (stream, "stream")] {
                let answer = try await broker.management("GET", "queues/%2F/\(queue)")
                let row = try #require(answer.json as? [String: Any])
                #expect(row["type"] as? String == type)
                let durable = row["durable"] as? Bool
                #expect(durable == (type != "classic"))
                // Nothing was misread on the way: the broker has exactly what the table says.
                let told = try #require(row["arguments"] as? [String: Any])
                if type == "classic" {
                    var expected = arguments
                    expected.type = .classic
                    #expect(Set(told.keys) == Set(expected.table.map(\.key.text)))
                    #expect(told["x-message-ttl"] as? Int == 60_000 && told["x-expires"] as? Int == 600_000)
                    #expect(told["x-single-active-consumer"] as? Bool == true)
                }
                try await channel.deleteQueue(queue)
            }
        }
    }

    @Test func theExistingFormsStayWhatTheyWere() async throws {
        try await withChannel { channel in
            let one = try await channel.declareQueue(exclusive: true)
            let two = try await channel.declareQueue(exclusive: true, arguments: ["x-max-length": 5])
            let three = try await channel.declareQueue(exclusive: true, arguments: [:])
            let exchange = uniqueName("exchange")
            try await channel.declareExchange(exchange, type: "topic", autoDelete: true)
            try await channel.declareExchange(exchange, type: .topic, autoDelete: true)
            try await channel.bindQueue(one.name, exchange: exchange)
            let consumer = try await channel.consume(two.name, arguments: ["x-priority": 1])
            try await consumer.cancel()
            _ = try await channel.consume(three.name)
        }
    }

    @Test func theLongestTimesAreThoseThatTheBrokerTakes() async throws {
        try await withChannel { channel in
            let queue = try await channel.declareQueue(
                exclusive: true,
                arguments: QueueArguments(messageTTL: .seconds(20 * 365 * 86_400), expires: .seconds(20 * 365 * 86_400))
            ).name
            let properties = BasicProperties(mode: .transient, timeToLive: .seconds(20 * 365 * 86_400))
            try await channel.publish("x".utf8, routingKey: queue, properties: properties, mandatory: true)
            let got = try #require(try await channel.get(queue, noAck: true)).delivery
            #expect(got.properties.timeToLive == .seconds(315_360_000))
            // One more, and the broker refuses it: the limit is not ours.
            let error = await clientError {
                _ = try await channel.declareQueue(exclusive: true, arguments: ["x-message-ttl": 315_360_000_001])
            }
            #expect(error?.closeReason?.code == 406)
        }
    }

    @Test func aTimeToLiveRunsOut() async throws {
        try await withChannel { channel in
            let queue = try await channel.declareQueue(exclusive: true).name
            let short = BasicProperties(mode: .persistent, media: .text, timeToLive: .microseconds(1))
            try await channel.publish("gone".utf8, routingKey: queue, properties: short)
            let date = Date(timeIntervalSince1970: 1_700_000_000)
            let long = BasicProperties(mode: .persistent, media: .json, timeToLive: .seconds(60), sentAt: date)
            try await channel.publish("kept".utf8, routingKey: queue, properties: long)
            #expect(await eventually { (try? await channel.declareQueuePassive(queue).messageCount) == 1 })
            let got = try #require(try await channel.get(queue, noAck: true)).delivery
            #expect(String(buffer: got.body) == "kept")
            #expect(got.properties.mode == .persistent && got.properties.media == .json)
            #expect(got.properties.sentAt == date && got.properties.timeToLive == .seconds(60))
        }
    }

    @Test func headersDecideTheWay() async throws {
        try await withChannel { channel in
            let exchange = uniqueName("headers")
            let rest = uniqueName("rest")
            try await channel.declareExchange(rest, type: .fanout, autoDelete: true)
            try await channel.declareExchange(
                exchange, type: .headers, autoDelete: true, arguments: ExchangeArguments(alternateExchange: rest))
            let all = try await channel.declareQueue(exclusive: true).name
            let any = try await channel.declareQueue(exclusive: true).name
            let withX = try await channel.declareQueue(exclusive: true).name
            let others = try await channel.declareQueue(exclusive: true).name
            try await channel.bindQueue(all, exchange: exchange, matching: HeadersMatch(.all, ["a": 1, "b": "two"]))
            try await channel.bindQueue(any, exchange: exchange, matching: HeadersMatch(.any, ["a": 1, "b": "two"]))
            try await channel.bindQueue(withX, exchange: exchange, matching: HeadersMatch(.allWithX, ["x-own": true]))
            try await channel.bindQueue(others, exchange: rest)
            for headers: FieldTable in [["a": 1, "b": "two"], ["b": "two"], ["x-own": true], ["c": 3]] {
                try await channel.publish(
                    "m".utf8, exchange: exchange, routingKey: "",
                    properties: BasicProperties(mode: .transient, headers: headers), mandatory: true)
            }
            var counts: [UInt32] = []
            for queue in [all, any, withX, others] {
                counts.append(try await channel.declareQueuePassive(queue).messageCount)
            }
            #expect(counts == [1, 2, 1, 1])
            try await channel.unbindQueue(any, exchange: exchange, matching: HeadersMatch(.any, ["a": 1, "b": "two"]))
            try await channel.publish(
                "m".utf8, exchange: exchange, routingKey: "",
                properties: BasicProperties(mode: .transient, headers: ["b": "two"]), mandatory: true)
            #expect(try await channel.declareQueuePassive(others).messageCount == 2)
        }
    }

    @Test func aPriorConsumerIsServedFirst() async throws {
        try await withChannel { channel in
            let queue = try await channel.declareQueue(exclusive: true).name
            let low = try await channel.consume(queue, arguments: ConsumerArguments(priority: -1), prefetch: 10)
            let high = try await channel.consume(queue, arguments: ConsumerArguments(priority: 5), prefetch: 2)
            for number in 0..<3 { try await channel.publish("\(number)".utf8, routingKey: queue) }
            var highIterator = high.makeAsyncIterator()
            var lowIterator = low.makeAsyncIterator()
            var bodies: [String] = []
            for _ in 0..<2 { bodies.append(String(buffer: try #require(try await highIterator.next()).body)) }
            #expect(bodies == ["0", "1"])
            // Its prefetch is used up: the next one's turn.
            #expect(String(buffer: try #require(try await lowIterator.next()).body) == "2")
        }
    }

    @Test func anExclusiveConsumerIsAlone() async throws {
        try await withChannel { channel in
            let queue = try await channel.declareQueue(exclusive: true).name
            let alone = try await channel.consume(queue, exclusive: true, arguments: ConsumerArguments())
            #expect(await clientError { _ = try await channel.consume(queue) }?.closeReason?.code == 403)
            #expect(alone.queueName == queue)
        }
    }

    @Test func oneActiveConsumerAndTheNextInReserve() async throws {
        try await withChannel { channel in
            let queue = try await channel.declareQueue(
                exclusive: true, arguments: QueueArguments(singleActiveConsumer: true)
            ).name
            let first = try await channel.consume(queue, prefetch: 100)
            let second = try await channel.consume(queue, prefetch: 100)
            for number in 0..<10 { try await channel.publish("\(number)".utf8, routingKey: queue) }
            var firstIterator = first.makeAsyncIterator()
            for _ in 0..<10 { try #require(try await firstIterator.next()).ack() }
            #expect(channel.report.consumers.first { $0.tag == second.tag }?.buffered == 0)
            try await first.cancel()
            try await channel.publish("next".utf8, routingKey: queue)
            var secondIterator = second.makeAsyncIterator()
            #expect(String(buffer: try #require(try await secondIterator.next()).body) == "next")
        }
    }

    @Test func aStreamIsReadFromWhereOneLikes() async throws {
        try await withChannel { channel in
            let stream = uniqueName("stream")
            _ = try await channel.declareQueue(stream, type: .stream)
            for number in 0..<20 { try await channel.publish("\(number)".utf8, routingKey: stream) }
            func first(_ offset: StreamOffset) async throws -> Delivery {
                let consumer = try await channel.consume(
                    stream, arguments: ConsumerArguments(streamOffset: offset), prefetch: 5)
                var iterator = consumer.makeAsyncIterator()
                let delivery = try #require(try await iterator.next())
                try delivery.ack()
                try await consumer.cancel()
                return delivery
            }
            let oldest = try await first(.first)
            #expect(String(buffer: oldest.body) == "0" && oldest.streamOffset == 0)
            let tenth = try await first(.offset(10))
            #expect(String(buffer: tenth.body) == "10" && tenth.streamOffset == 10)
            #expect(try await first(.timestamp(Date(timeIntervalSinceNow: -3600))).streamOffset == 0)
            #expect(try await first(.interval(.seconds(3600))).streamOffset == 0)
            #expect(try await first(.age("1h")).streamOffset == 0)
            #expect(try await first(.last).streamOffset ?? 0 > 0)
            let consumer = try await channel.consume(
                stream, arguments: ConsumerArguments(streamOffset: .next), prefetch: 5)
            try await channel.publish("new".utf8, routingKey: stream)
            var iterator = consumer.makeAsyncIterator()
            #expect(String(buffer: try #require(try await iterator.next()).body) == "new")
            try await channel.deleteQueue(stream)
        }
    }

    @Test func aQuorumQueueCountsItsDeliveries() async throws {
        try await withChannel { channel in
            let queue = uniqueName("quorum")
            let dead = try await channel.declareQueue(exclusive: true).name.text
            _ = try await channel.declareQueue(
                queue, type: .quorum,
                arguments: QueueArguments(deadLetterExchange: "", deadLetterRoutingKey: dead, deliveryLimit: 2))
            try await channel.publish("again".utf8, routingKey: queue, properties: BasicProperties(mode: .persistent))
            var counts: [Int?] = []
            var iterator = try await channel.consume(queue).makeAsyncIterator()
            for _ in 0..<3 {
                let delivery = try #require(try await iterator.next())
                counts.append(delivery.deliveryCount)
                await delivery.process(onFailure: .requeue) { throw CancellationError() }
            }
            #expect(counts == [nil, 1, 2])
            #expect(await eventually { (try? await channel.declareQueuePassive(dead).messageCount) == 1 })
            try await channel.deleteQueue(queue)
        }
    }

    private func withChannel(_ body: (Channel) async throws -> Void) async throws {
        try await TestBroker.shared().withConnection { connection in
            try await body(try await connection.openChannel())
        }
    }
}
