import BrokerSupport
import Foundation
import NIOCore
import NIOPosix
import RabbitMQClient
import Testing

@Suite struct ClientConnectionTests {
    @Test func connectsAndTellsWhatWasAgreedOn() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withConnection { connection in
            #expect(connection.isOpen)
            #expect(connection.frameMax == 131_072)
            #expect(connection.channelMax == 2047)
            #expect(connection.heartbeat == 60)
            #expect(connection.serverProperties["product"]?.stringValue == "RabbitMQ")
            #expect(connection.name.hasSuffix("-> 127.0.0.1:\(broker.amqpPort)"))
            #expect(connection.report.state == .open)
        }
    }

    @Test func aSmallFrameMaxIsNeverProposed() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withConnection({ $0.frameMax = 4096 }) { connection in
            #expect(connection.frameMax == 8192)
        }
    }

    @Test func aLocalCloseIsOrderly() async throws {
        let connection = try await Connection.connect(try await TestBroker.shared().configuration())
        let channel = try await connection.openChannel()
        await connection.close()
        let reason = await connection.closed()
        #expect(reason.isOrderly)
        #expect(await channel.closed() == reason)
        let error = await clientError { _ = try await channel.declareQueue() }
        #expect(error?.code == .connectionClosed)
        #expect(await clientError { _ = try await connection.openChannel() }?.code == .connectionClosed)
    }

    @Test func aWrongPasswordIsAPermanent403() async throws {
        let broker = try await TestBroker.shared()
        let error = await clientError {
            _ = try await Connection.connect(broker.configuration { $0.password = "wrong" })
        }
        #expect(error?.code == .accessRefused)
        #expect(error?.closeReason?.code == 403)
        #expect(error?.closeReason?.name == "ACCESS_REFUSED")
        #expect(error?.isPermanent == true)
    }

    @Test func aMissingVirtualHostIsAPermanent530() async throws {
        let broker = try await TestBroker.shared()
        let error = await clientError {
            _ = try await Connection.connect(broker.configuration { $0.virtualHost = "no such vhost" })
        }
        #expect(error?.code == .virtualHostRefused)
        #expect(error?.closeReason?.code == 530)
        #expect(error?.closeReason?.methodName == "connection.open")
        #expect(error?.isPermanent == true)
    }

    @Test func channelNumbersAreUsedAgainAndEndAtChannelMax() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withConnection({ $0.channelMax = 3 }) { connection in
            let first = try await connection.openChannel()
            let second = try await connection.openChannel()
            let third = try await connection.openChannel()
            #expect([first.number, second.number, third.number] == [1, 2, 3])
            #expect(await clientError { _ = try await connection.openChannel() }?.code == .channelsExhausted)
            try await second.close()
            #expect(try await connection.openChannel().number == 2)
        }
    }

    @Test func anOperatorsCloseKeepsItsReason() async throws {
        let broker = try await TestBroker.shared()
        let connection = try await Connection.connect(broker.configuration())
        let channel = try await connection.openChannel()
        _ = try await broker.node.evaluate(
            """
            [rabbit_networking:close_connection(P, "maintenance") || P <- rabbit_networking:connections(), \
            [{peer_port, \(localPort(connection))}] =:= rabbit_networking:connection_info(P, [peer_port])].
            """
        )
        let reason = await connection.closed()
        #expect(reason.initiator == .peer)
        #expect(reason.code == 320)
        #expect(reason.name == "CONNECTION_FORCED")
        #expect(reason.text.contains("maintenance"))
        #expect(await channel.closed().code == 320)
    }

    @Test func heartbeatsKeepAnIdleConnectionOpen() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withConnection({ $0.heartbeat = .seconds(1) }) { connection in
            #expect(connection.heartbeat == 1)
            // Six heartbeats' time: twice what the broker would wait for ours.
            try await Task.sleep(for: .seconds(6))
            #expect(connection.isOpen)
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(exclusive: true)
        }
    }

    @Test func aFrozenBrokerIsNoticedWithinThreeHeartbeats() async throws {
        try await TestBroker.withRestartable { broker in
            let connection = try await Connection.connect(broker.configuration { $0.heartbeat = .seconds(2) })
            let channel = try await connection.openChannel()
            try await broker.node.freeze()
            let start = ContinuousClock.now
            async let pending = clientError { _ = try await channel.declareQueue(exclusive: true) }
            let reason = await connection.closed()
            let waited = ContinuousClock.now - start
            #expect(reason.initiator == .transport)
            #expect(reason.text.contains("heartbeat"))
            #expect(waited > .seconds(3) && waited < .seconds(6.5))
            #expect(await pending?.code == .connectionClosed)
            try await broker.node.thaw()
        }
    }

    @Test func aMemoryAlarmBlocksAndUnblocks() async throws {
        try await TestBroker.withRestartable { broker in
            let registry = ClientRegistry()
            var events = registry.events().makeAsyncIterator()
            let connection = try await Connection.connect(
                broker.configuration { $0.publishTimeout = .seconds(1) },
                on: MultiThreadedEventLoopGroup.singleton,
                registry: registry
            )
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            try await channel.publish("before".utf8, routingKey: queue)
            try await broker.setMemoryLimit("0.000001")
            #expect(
                await clientError { try await channel.publish("during".utf8, routingKey: queue) }?.code
                    == .indeterminate)
            #expect(await eventually { connection.blockedReason != nil })
            #expect(connection.report.state == .blocked)
            try await broker.setMemoryLimit("0.6")
            #expect(await eventually { connection.blockedReason == nil })
            try await channel.publish("after".utf8, routingKey: queue)

            var kinds: [ClientEvent.Kind] = []
            while kinds.last != .connectionUnblocked, let event = await events.next() { kinds.append(event.kind) }
            #expect(
                kinds.contains {
                    if case .connectionBlocked(let reason) = $0 { reason.contains("memory") } else { false }
                })

            // A blocked connection closes within its time.
            try await broker.setMemoryLimit("0.000001")
            _ = await clientError { try await channel.publish("again".utf8, routingKey: queue) }
            let start = ContinuousClock.now
            await connection.close(timeout: .seconds(1))
            #expect(ContinuousClock.now - start < .seconds(3))
            #expect(connection.report.state == .closed)
            try await broker.setMemoryLimit("0.6")
        }
    }

    @Test func speaksTLSAndChecksTheCertificate() async throws {
        try await TestBroker.withRestartable(TestBroker.tls) { broker in
            let files = try #require(broker.node.tlsFiles)
            var configuration = broker.configuration()
            configuration.port = broker.node.ports.amqps
            configuration.tls = TLSSettings(
                certificateAuthorityFile: files.authority.path,
                clientCertificateFile: files.clientCertificate.path,
                clientKeyFile: files.clientKey.path
            )
            let connection = try await Connection.connect(configuration)
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let body = ByteBuffer(repeating: 7, count: 1_000_000)
            try await channel.publish(body, routingKey: queue)
            #expect(try await channel.get(queue)?.delivery.body == body)
            await connection.close()

            configuration.tls?.certificateAuthorityFile = nil
            let untrusted = await clientError { _ = try await Connection.connect(configuration) }
            #expect(untrusted?.code == .tlsFailed)
            // TLS to a port that speaks none: the broker says so and resets, and the reset may overtake the words.
            configuration.port = broker.amqpPort
            let plain = await clientError { _ = try await Connection.connect(configuration) }
            #expect(plain?.code == .tlsFailed || plain?.code == .closedDuringHandshake)
        }
    }

    @Test func theReportTellsWhatLivesAndWhatDied() async throws {
        let broker = try await TestBroker.shared()
        let registry = ClientRegistry()
        let queue = uniqueName("report")
        try await broker.withConnection(registry: registry) { connection in
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(queue, exclusive: true)
            for _ in 0..<3 { try await channel.publish("x".utf8, routingKey: queue) }
            let consumer = try await channel.consume(queue, tag: "reader", prefetch: 2)
            for try await delivery in consumer {
                try delivery.ack()
                break
            }
            let failing = try await connection.openChannel()
            _ = await clientError { _ = try await failing.declareQueuePassive("missing-\(queue)") }

            let report = try #require(registry.report().connections.first)
            #expect(report.name == connection.name)
            #expect(report.clientName == "client-tests")
            #expect(report.user == "guest" && report.virtualHost == "/")
            #expect(report.bytesIn > 0 && report.bytesOut > 0 && report.framesIn > 0 && report.framesOut > 0)
            let alive = try #require(report.channels.first { $0.number == channel.number })
            #expect(alive.state == .open && alive.confirmMode && alive.prefetch == 2)
            #expect(alive.published == 3 && alive.confirmed == 3 && alive.unconfirmed == 0 && alive.acked == 1)
            let dead = try #require(report.channels.first { $0.state == .closed })
            #expect(dead.lastError?.code == 404)
            #expect(dead.lastError?.name == "NOT_FOUND")
            #expect(dead.lastError?.method == "queue.declare")
            let json = try JSONEncoder().encode(registry.report())
            #expect(try JSONDecoder().decode(ClientReport.self, from: json).connections.first?.id == connection.id)
        }
        #expect(registry.report().connections.map(\.state) == [.closed])
    }

    private func localPort(_ connection: Connection) -> String {
        let local = connection.name.split(separator: " ").first.map(String.init) ?? ""
        return local.split(separator: ":").last.map(String.init) ?? "0"
    }
}
