import AMQPProxy
import BrokerSupport
import Faults
import Foundation
import NIOConcurrencyHelpers
import NIOCore
import RabbitMQClient
import Testing

/// Channels closed from the middle, hundreds of times under traffic: each end gets its whole handshake, and no connection is
/// lost by it.
@Suite(.timeLimit(.minutes(3))) struct ProxyClosingTests {
    /// Publishes and consumes on channels that it opens again whenever they are closed.
    private static func work(_ connection: Connection, _ queue: String, _ closes: NIOLockedValueBox<Int>) async {
        while !Task.isCancelled, connection.isOpen {
            do throws(ClientError) {
                let channel = try await connection.openChannel()
                let consumer = try await channel.consume(queue, prefetch: 20)
                let publisher = Task {
                    while (try? await channel.publish(ByteBuffer(string: "x"), routingKey: queue)) != nil {}
                }
                var deliveries = consumer.makeAsyncIterator()
                while let delivery = try? await deliveries.next() { _ = try? delivery.ack() }
                await publisher.value
                let reason = await channel.closed()
                if reason.code == 406 { closes.withLockedValue { $0 += 1 } }
            } catch {
                if error.code == .connectionClosed { return }
            }
        }
    }

    @Test(arguments: ["both", "client"]) func noCloseCostsTheConnection(towards: String) async throws {
        let broker = try await TestBroker.shared()
        let sides: Set<Side> = towards == "both" ? [.client, .broker] : [.client]
        let wanted = towards == "both" ? 400 : 100
        let before = try Data(contentsOf: broker.node.logFile).count
        try await ProxyFixture.with(broker) { fixture in
            let name = uniqueName("closing")
            let closes = NIOLockedValueBox(0)
            let connection = try await Connection.connect(
                fixture.configuration {
                    $0.connectionName = name
                    $0.operationTimeout = .seconds(5)
                })
            let setup = try await connection.openChannel()
            let queue = try await setup.declareQueue(exclusive: true).name
            let session = try await fixture.session("the name") { $0.identity.clientName == name }
            let workers = (0..<3).map { _ in Task { await Self.work(connection, queue.text, closes) } }
            var injected = 0
            let deadline = ContinuousClock.now + .seconds(60)
            while injected < wanted, ContinuousClock.now < deadline, connection.isOpen {
                let report = await fixture.proxy.sessions().first { $0.id == session.id }
                for channel in report?.channels ?? [] where channel.id != setup.number {
                    let request = ChannelCloseRequest(code: 406, text: "from the middle", towards: sides)
                    if await fixture.proxy.closeChannel(channel.id, of: session.id, request) { injected += 1 }
                }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...12)))
            }
            #expect(connection.isOpen, "\(String(describing: connection.closeReason)) after \(injected)")
            #expect(injected >= wanted)
            #expect(connection.report.recoveries == 0)
            // One that comes while a channel is just set up is its call's error, and is not counted here.
            #expect(closes.withLockedValue { $0 } > wanted / 20)
            for worker in workers { worker.cancel() }
            await connection.close()
            for worker in workers { await worker.value }
        }
        // What the broker holds against a client is an error in its log.
        let log = String(decoding: try Data(contentsOf: broker.node.logFile).dropFirst(before), as: UTF8.self)
        #expect(!log.contains("expected 'channel.open'") && !log.contains("second 'channel.open' seen"))
    }
}
