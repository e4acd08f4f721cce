import AMQPWire
import BrokerMonitor
import BrokerSupport
import Faults
import Foundation
import Names
import RabbitMQClient
import Testing
import TopCore

@Suite struct LinkOperationTests {
    /// A broker, a queue on it, and a link.
    private func withQueue(
        arguments: FieldTable = [:], durable: Bool = true,
        _ body: (LinkUnderTest, EntityID, RabbitMQClient.Channel, TestBroker) async throws -> Void
    ) async throws {
        let broker = try await TestBroker.shared()
        let id = EntityID(vhost: "/", name: uniqueName("operate"))
        try await withLinkPeer(broker) { peer in
            let channel = try await peer.openChannel()
            _ = try await channel.declareQueue(id.name.text, durable: durable, arguments: arguments)
            try await LinkUnderTest.with(broker) { try await body($0, id, channel, broker) }
            try await channel.deleteQueue(id.name.text)
        }
    }

    @Test func publishesConfirmed() async throws {
        try await withQueue { test, id, channel, _ in
            var request = PublishRequest(vhost: "/", exchange: "", routingKey: id.name, count: 5_000, body: .size(100))
            request.headers = [("kind", "test")]
            request.persistent = true
            let report = try await test.carryOut(.publish(request))
            #expect(report == .finished("5,000 confirmed"))
            #expect(try await channel.declareQueuePassive(id.name.text).messageCount == 5_000)
            let message = try #require(try await channel.get(id.name.text, noAck: true))
            #expect(message.delivery.body.readableBytes == 100)
            #expect(message.delivery.properties.headers?["kind"] == "test")
            #expect(message.delivery.properties.deliveryMode == 2)
        }
    }

    @Test func publishesAtARateUntilItIsCancelled() async throws {
        try await withQueue { test, id, channel, _ in
            let operation = OperationID(7)
            test.perform(
                .start(
                    operation,
                    .publish(
                        PublishRequest(
                            vhost: "/", exchange: "", routingKey: id.name, count: nil, rate: 100, body: .text("x")))))
            let start = Date()
            try await test.eventually("progress") { heard in
                heard.reports.contains { $0.id == operation && Date().timeIntervalSince(start) > 2 }
            }
            // Another operation is not delayed by it.
            _ = try await test.browse(id, count: 1)
            test.perform(.cancel(operation))
            let report = try await test.eventually("its end", within: 5) { $0.ending(operation) }
            guard case .cancelled(let words) = report else {
                Issue.record("\(report)")
                return
            }
            let count = Int(try await channel.declareQueuePassive(id.name.text).messageCount)
            #expect(words == "\(count) confirmed")
            let seconds = Date().timeIntervalSince(start)
            #expect(Double(count) > 50 && Double(count) < 130 * seconds + 20)
            #expect(Double(test.listen().reports.count { $0.id == operation }) <= 6 * seconds + 2)
        }
    }

    @Test func unroutableMessagesComeBack() async throws {
        try await withQueue { test, _, _, _ in
            let request = PublishRequest(
                vhost: "/", exchange: "amq.direct", routingKey: "nowhere", count: 10, body: .text("x"))
            guard case .failed(let words, _, _) = try await test.carryOut(.publish(request)) else {
                Issue.record("messages that reached no queue are a failure")
                return
            }
            #expect(words == "0 confirmed, 10 returned (NO_ROUTE)")
            let missing = PublishRequest(
                vhost: "/", exchange: Name(uniqueName("none")), routingKey: "", count: 10, body: .text("x"))
            let report = try await test.carryOut(.publish(missing))
            guard case .failed(let what, _, _) = report else {
                Issue.record("\(report)")
                return
            }
            #expect(what.contains("404"))
            try await test.eventually("news of it") {
                $0.events.contains { $0.code == 404 && $0.source != .eventExchange }
            }
        }
    }

    @Test func consumesUntilCancelledOrTheQueueGoes() async throws {
        try await withQueue { test, id, channel, _ in
            for _ in 0..<50 { try await channel.publish("x".utf8, routingKey: id.name.text) }
            let operation = OperationID(9)
            test.perform(
                .start(operation, .consume(ConsumeRequest(queue: id, prefetch: 10, acknowledge: .manual))))
            try await test.eventually("50 taken") { heard in
                heard.reports.contains { entry in
                    guard entry.id == operation, case .progress(let text, _) = entry.report else { return false }
                    return text.hasPrefix("50 messages")
                }
            }
            #expect(try await channel.declareQueuePassive(id.name.text).consumerCount == 1)
            test.perform(.cancel(operation))
            #expect(try await test.eventually("its end") { $0.ending(operation) } == .cancelled("50 messages taken"))
            #expect(try await channel.declareQueuePassive(id.name.text).messageCount == 0)

            let other = OperationID(10)
            test.perform(.start(other, .consume(ConsumeRequest(queue: id, prefetch: 1, acknowledge: .never))))
            try await test.eventually("a consumer") { heard in
                heard.reports.contains { $0.id == other }
            }
            #expect(try await test.carryOut(.deleteQueue(id)) == .finished("deleted queue \(id.name)"))
            let report = try await test.eventually("the broker's cancel") { $0.ending(other) }
            guard case .failed = report else {
                Issue.record("\(report)")
                return
            }
        }
    }

    @Test(arguments: [CloseChannelMethod.polite, .notFound, .preconditionFailed])
    func closesAChannelOfOurs(method: CloseChannelMethod) async throws {
        try await withQueue { test, id, _, _ in
            let operation = OperationID(11)
            test.perform(.start(operation, .consume(ConsumeRequest(queue: id, prefetch: 1, acknowledge: .manual))))
            test.watch {
                $0.view = .client
                $0.interval = 0.2
            }
            let row = try await test.eventually("its channel") { heard in
                heard.client?.rows.first { row in
                    let isOurs = row.name == Name("rabbittop consume")
                    return isOurs && row.channelState == "open" && row.consumers == 1
                }
            }
            let report = try await test.carryOut(.closeClientChannel(row.id, method))
            guard case .finished(let words) = report else {
                Issue.record("\(report)")
                return
            }
            let code = method == .polite ? 200 : method == .notFound ? 404 : 406
            #expect(words.contains("\(code)"))
            _ = try await test.eventually("the consumer's end") { $0.ending(operation) }
            if code != 200 {
                let entry = try await test.eventually("the news") { heard in
                    heard.events.first { $0.code == code && $0.connection == row.connection }
                }
                #expect(entry.clientName == "rabbittop consume")
                try await Task.sleep(for: .seconds(1))
                #expect(test.listen().events.count { $0.code == code && $0.connection == row.connection } == 1)
            }
        }
    }

    @Test func purgesClosesAndDeletes() async throws {
        try await withQueue { test, id, channel, broker in
            try await channel.publish("x".utf8, routingKey: id.name.text)
            #expect(try await test.carryOut(.purge(id)) == .finished("purged \(id.name)"))
            #expect(try await channel.declareQueuePassive(id.name.text).messageCount == 0)
            let exchange = EntityID(vhost: "/", name: uniqueName("exchange"))
            try await channel.declareExchange(exchange.name.text)
            #expect(
                try await test.carryOut(.deleteExchange(exchange)) == .finished("deleted exchange \(exchange.name)"))
            guard case .failed = try await test.carryOut(.deleteExchange(exchange)) else {
                Issue.record("deleted twice")
                return
            }
            let peer = try await Connection.connect(
                ConnectionConfiguration(port: broker.amqpPort, recovery: .off), on: linkEventLoops)
            // The management API knows a connection when its statistics arrive.
            try await test.eventually("the listener") { $0.source(.logExchange)?.state == .live }
            var report = try await test.carryOut(.closeConnection(Name(peer.name), reason: "too noisy"))
            for _ in 0..<50 {
                guard case .failed = report else { break }
                try await Task.sleep(for: .milliseconds(200))
                report = try await test.carryOut(.closeConnection(Name(peer.name), reason: "too noisy"))
            }
            #expect(report == .finished("closed connection \(peer.name)"))
            let reason = await peer.closed()
            #expect(reason.code == 320 && reason.text.contains("too noisy"))
            let entry = try await test.eventually("the news") { heard in
                heard.events.first { $0.connection == peer.name && $0.code == 320 }
            }
            #expect(entry.kind == .closed && entry.text.contains("too noisy"))
        }
    }
}
