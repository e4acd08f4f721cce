import AMQPWire
import BrokerSupport
import Logging
import NIOCore
import NIOPosix
import RabbitMQClient
import ServiceLifecycle
import TCPGate
import Testing

extension TestBroker {
    fileprivate func recovering(_ name: String) -> ConnectionConfiguration {
        configuration {
            $0.recovery = RecoveryPolicy(base: .milliseconds(50), cap: .milliseconds(500))
            $0.connectionName = name
            // A broker needs its seconds to come up again.
            $0.operationTimeout = .seconds(60)
            $0.publishTimeout = .seconds(60)
        }
    }
}

extension Connection {
    /// Returns with the first state that fits, from the present one on.
    @discardableResult
    fileprivate func reaches(_ fits: (ConnectionState) -> Bool) async -> ConnectionState? {
        for await state in states where fits(state) { return state }
        return nil
    }

    fileprivate func isLost() async {
        await reaches { if case .recovering = $0 { true } else { false } }
    }
}

@Suite("A lost connection comes back", .timeLimit(.minutes(5)))
struct ClientRecoveryTests {
    private let persistent = BasicProperties(deliveryMode: 2)

    /// Runs the body with a vhost of its own behind a gate, by which the broker goes and comes within a moment.
    private func withGate(
        _ name: String, _ body: (TestBroker, TCPGate, ConnectionConfiguration) async throws -> Void
    ) async throws {
        let broker = try await TestBroker.shared()
        let vhost = try await broker.makeVhost()
        try await TCPGate.with(port: broker.amqpPort) { gate in
            var configuration = broker.recovering(name)
            configuration.port = gate.port
            configuration.virtualHost = vhost
            try await body(broker, gate, configuration)
        }
        try await broker.deleteVhost(vhost)
    }

    @Test("Killed and started again: same channels, same consumer, all is restored and reported")
    func survivesAKill() async throws {
        try await TestBroker.withRestartable { broker in
            let registry = ClientRegistry()
            let events = EventLog(registry)
            try await Connection.withConnection(broker.recovering("survivor"), registry: registry) { connection in
                let channel = try await connection.openChannel()
                let plain = try await connection.openChannel()
                try await channel.declareExchange("news", type: "topic")
                try await channel.declareExchange("world", type: "fanout", durable: true)
                try await channel.bindExchange("news", source: "world")
                _ = try await channel.declareQueue("inbox", durable: true)
                try await channel.bindQueue("inbox", exchange: "news", routingKey: "#")
                let named = try await channel.declareQueue(exclusive: true, autoDelete: true)
                try await channel.bindQueue("", exchange: "amq.topic", routingKey: "x")
                let consumer = try await channel.consume("inbox", prefetch: 10)
                var deliveries = consumer.makeAsyncIterator()
                let other = try await channel.consume(named.name, noAck: true)
                var others = other.makeAsyncIterator()
                try await channel.publish(
                    ByteBuffer(string: "before"), exchange: "news", routingKey: "a", properties: persistent)
                let before = try #require(try await deliveries.next())
                #expect(before.redelivered == false)

                try await broker.syncDeclarations()
                // Frozen, the broker takes a publish from the socket and never confirms it.
                try await broker.node.freeze()
                let pending = try await channel.publishDeferred(ByteBuffer(string: "lost?"), routingKey: "nowhere")
                try await broker.node.kill()
                await #expect { try await pending.wait() } throws: { ($0 as? ClientError)?.code == .indeterminate }
                await connection.isLost()
                #expect(!connection.isOpen)
                #expect(connection.closeReason == nil)
                #expect(registry.report().connections.map(\.state) == [.recovering])
                #expect(try before.ack() == .stale)

                // What is asked for now waits until it can be done.
                async let published: Void = channel.publish(
                    ByteBuffer(string: "after"), exchange: "world", routingKey: "a", properties: persistent)
                async let declared = plain.declareQueuePassive("inbox")
                async let another = connection.openChannel()
                try await broker.node.start()
                try await published
                #expect(try await declared.name == "inbox")
                #expect(try await another.number == 3)

                #expect(connection.state == .open)
                #expect(connection.recoveries == 1)
                let report = try #require(connection.lastRecovery)
                #expect(report.reason.initiator == .transport)
                #expect(report.failures == [])
                #expect(report.attempts >= 1)
                #expect(
                    [report.channels, report.exchanges, report.queues, report.bindings, report.consumers]
                        == [2, 2, 2, 3, 2])
                #expect(registry.report().connections.first?.lastRecovery == report)
                #expect([channel.number, plain.number] == [1, 2])

                // The message that was not acknowledged comes again, then the new one, in the same sequence.
                let again = try #require(try await deliveries.next())
                #expect(String(buffer: again.body) == "before")
                #expect(again.redelivered)
                #expect(try again.ack() == .sent)
                let after = try #require(try await deliveries.next())
                #expect(String(buffer: after.body) == "after")
                try after.ack()

                #expect(other.queueName != named.name)
                try await channel.publish(ByteBuffer(string: "hi"), exchange: "amq.topic", routingKey: "x")
                #expect(try await others.next().map { String(buffer: $0.body) } == "hi")
            }
            let kinds = await events.kinds(until: .connectionClosed)
            #expect(kinds == [.connectionOpened, .connectionLost, .connectionRecovered, .connectionClosed])
        }
    }

    @Test("What cannot be restored is reported once, its consumer fails, and all else comes back")
    func reportsFailures() async throws {
        try await withGate("partly") { broker, gate, configuration in
            let connection = try await Connection.connect(configuration)
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue("changed", durable: true)
            try await channel.bindQueue("changed", exchange: "amq.direct", routingKey: "k")
            _ = try await channel.declareQueue("good", durable: true)
            try await broker.withConnection({ $0.virtualHost = configuration.virtualHost }) { other in
                let side = try await other.openChannel()
                try await side.deleteQueue("changed")
                _ = try await side.declareQueue("changed", durable: true, arguments: ["x-max-length": 5])
                _ = try await side.declareQueue("transient")
            }
            let good = try await channel.consume("good", prefetch: 1)
            let orphan = try await channel.consume("transient", prefetch: 1)
            await gate.vanish()
            await connection.isLost()
            // As a queue that is not durable does with its broker.
            try await broker.withConnection({ $0.virtualHost = configuration.virtualHost }) { other in
                _ = try await other.openChannel().deleteQueue("transient")
            }
            try await gate.admit()
            await connection.reaches { $0 == .open }

            let report = try #require(connection.lastRecovery)
            #expect(
                report.failures.map(\.entity) == [
                    .queue(name: "changed"), .consumer(tag: orphan.tag, queue: "transient"),
                ])
            #expect(report.failures.map(\.code) == [406, 404])
            var orphans = orphan.makeAsyncIterator()
            await #expect { _ = try await orphans.next() } throws: { ($0 as? ClientError)?.code == .consumerCancelled }
            #expect(channel.isOpen)
            try await channel.publish(ByteBuffer(string: "hi"), routingKey: "good")
            var goods = good.makeAsyncIterator()
            #expect(try await goods.next().map { String(buffer: $0.body) } == "hi")
            await connection.close()
        }
    }

    @Test("Attempts run out: the connection closes for good, and everybody hears why")
    func givesUp() async throws {
        try await withGate("finite") { _, gate, configuration in
            var configuration = configuration
            configuration.recovery.attempts = 3
            let connection = try await Connection.connect(configuration)
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue("q", durable: true)
            var deliveries = try await channel.consume("q").makeAsyncIterator()
            await gate.vanish()
            let reason = await connection.closed()
            #expect(reason.text.contains("Nothing listens"))
            await #expect { _ = try await deliveries.next() } throws: {
                ($0 as? ClientError)?.code == .connectionClosed
            }
            await #expect { try await channel.publish(ByteBuffer(string: "x"), routingKey: "q") } throws: {
                ($0 as? ClientError)?.code == .connectionClosed
            }
        }
    }

    @Test("Closing it while it is away ends it at once")
    func closesWhileAway() async throws {
        try await withGate("closing") { _, gate, configuration in
            let connection = try await Connection.connect(configuration)
            let channel = try await connection.openChannel()
            let other = try await connection.openChannel()
            await gate.vanish()
            await connection.isLost()
            let waiting = Task { try await channel.publish(ByteBuffer(string: "x"), routingKey: "q") }
            try await other.close()
            #expect(!other.isOpen)
            let start = ContinuousClock.now
            await connection.close()
            #expect(ContinuousClock.now - start < .seconds(5))
            #expect(connection.closeReason?.code == 200)
            await #expect { try await waiting.value } throws: { ($0 as? ClientError)?.code == .connectionClosed }
        }
    }

    @Test("As a service it waits for its broker, lets operations wait with it, and closes at a graceful shutdown")
    func runsAsAService() async throws {
        try await withGate("service") { _, gate, configuration in
            await gate.vanish()
            var configuration = configuration
            configuration.recovery.retriesFirstConnect = true
            let connection = Connection(configuration)
            let group = ServiceGroup(services: [connection], logger: Logger(label: "test"))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                await connection.isLost()
                async let channel = connection.openChannel()
                try await gate.admit()
                #expect(try await channel.number == 1)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            #expect(connection.closeReason?.code == 200)
        }
    }

    @Test("A transaction that the loss cut in two cannot be committed")
    func losesTransactionsWhole() async throws {
        try await withGate("tx") { _, gate, configuration in
            let connection = try await Connection.connect(configuration)
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue("tx", durable: true)
            try await channel.selectTransactions()
            try await channel.publishUnconfirmed(
                ByteBuffer(string: "first half"), routingKey: "tx", properties: persistent)
            await gate.vanish()
            await connection.isLost()
            try await gate.admit()
            try await channel.publishUnconfirmed(
                ByteBuffer(string: "second half"), routingKey: "tx", properties: persistent)
            await #expect { try await channel.commit() } throws: { ($0 as? ClientError)?.code == .indeterminate }
            try await channel.publishUnconfirmed(ByteBuffer(string: "whole"), routingKey: "tx", properties: persistent)
            try await channel.commit()
            let message = try #require(try await channel.get("tx", noAck: true))
            #expect(String(buffer: message.delivery.body) == "whole")
            #expect(message.messageCount == 0)
            await connection.close()
        }
    }
}

/// What a registry tells, by its kinds.
private struct EventLog {
    enum Kind: Equatable {
        case connectionOpened, connectionLost, connectionRecovered, connectionClosed
    }

    let events: AsyncStream<ClientEvent>

    init(_ registry: ClientRegistry) { events = registry.events() }

    func kinds(until last: Kind) async -> [Kind] {
        var kinds: [Kind] = []
        for await event in events {
            switch event.kind {
            case .connectionOpened: kinds.append(.connectionOpened)
            case .connectionLost: kinds.append(.connectionLost)
            case .connectionRecovered: kinds.append(.connectionRecovered)
            case .connectionClosed: kinds.append(.connectionClosed)
            default: break
            }
            if kinds.last == last { return kinds }
        }
        return kinds
    }
}
