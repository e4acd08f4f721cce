import AMQPProxy
import BrokerSupport
import Foundation
import FoundationNetworking
import NIOCore
import RabbitMQClient
import TCPGate
import Testing

/// The proxy between a real broker and real clients of several languages.
@Suite struct ProxyTests {
    // MARK: Transparent

    @Test(.timeLimit(.minutes(2)), arguments: ["pika", "aio-pika", "kombu"])
    func otherPeoplesClientsNoticeNothing(library: String) async throws {
        let broker = try await TestBroker.shared()
        try await ProxyFixture.with(broker) { fixture in
            let queue = uniqueName("proxied")
            async let python = Python.run(
                Self.routine(library), arguments: ["\(fixture.proxy.port)", queue, "proxied-\(library)"])
            let seen = try await fixture.session("its consumer, with all it was sent") { session in
                session.channels.contains { !$0.consumers.isEmpty && $0.delivered >= 200 && $0.unacked == 7 }
            }
            #expect(seen.identity.user == "guest" && seen.identity.virtualHost == "/")
            #expect(seen.identity.clientName == "proxied-\(library)")
            #expect(seen.channels.contains { $0.consumers.values.contains(Name(queue)) })
            #expect(seen.channels.map(\.published).reduce(0, +) == 200)
            #expect(seen.channels.map(\.unconfirmed).reduce(0, +) == 0)
            // The broker knows the connection by the proxy's own socket, and by the client's name.
            let row = try await fixture.brokerConnection(named: "proxied-\(library)")
            #expect(row == seen.connection)
            _ = try await broker.management("PUT", "queues/%2F/\(queue).go", json: "{}")
            let output = try await python
            #expect(output.standardOutput.contains("200 messages, the largest of 300000 bytes"))
            try await fixture.noSessions()
            _ = try? await broker.management("DELETE", "queues/%2F/\(queue)")
            _ = try? await broker.management("DELETE", "queues/%2F/\(queue).go")
        }
    }

    @Test(.timeLimit(.minutes(1))) func whatIsNotAMQPPassesToo() async throws {
        let broker = try await TestBroker.shared()
        let configuration = ProxyConfiguration(
            listen: ("127.0.0.1", 0), upstream: ("127.0.0.1", broker.node.ports.management))
        try await ProxyFixture.with(broker, configuration) { fixture in
            let url = try #require(URL(string: "http://guest:guest@127.0.0.1:\(fixture.proxy.port)/api/overview"))
            var request = URLRequest(url: url)
            request.setValue(
                "Basic " + Data("guest:guest".utf8).base64EncodedString(), forHTTPHeaderField: "Authorization")
            let (data, _) = try await URLSession.shared.data(for: request)
            #expect(String(decoding: data, as: UTF8.self).contains("rabbitmq_version"))
        }
    }

    // MARK: Closing channels

    @Test(.timeLimit(.minutes(1))) func anyClientsChannelIsClosedWithAnyCodeAndItsSiblingLives() async throws {
        let broker = try await TestBroker.shared()
        try await ProxyFixture.with(broker) { fixture in
            let name = uniqueName("victim")
            async let python = Python.run(Self.twoChannels, arguments: ["\(fixture.proxy.port)", name])
            let session = try await fixture.session("both channels") { $0.channels.last?.published == 1 }
            let isDone = await fixture.proxy.closeChannel(
                2, of: session.id, ChannelCloseRequest(code: 541, text: "INTERNAL_ERROR - for the fun of it"))
            #expect(isDone)
            let output = try await python.standardOutput
            #expect(output.contains("closed 541 INTERNAL_ERROR - for the fun of it"))
            #expect(output.contains("sibling works"))
            #expect(output.contains("opened 2 again, and it works"))
        }
    }

    @Test(.timeLimit(.minutes(1))) func aChannelClosedTowardsTheBrokerAloneIsAZombieInItsClient() async throws {
        let broker = try await TestBroker.shared()
        try await ProxyFixture.with(broker) { fixture in
            let name = uniqueName("zombie")
            let connection = try await Connection.connect(fixture.configuration { $0.connectionName = name })
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let session = try await fixture.session("the channel") { $0.identity.clientName == Name(name) }
            #expect(try await fixture.brokerHasChannel(channel.number, of: session))
            #expect(
                await fixture.proxy.closeChannel(
                    channel.number, of: session.id, ChannelCloseRequest(code: 200, text: "", towards: [.broker])))
            #expect(try await eventually { try await !fixture.brokerHasChannel(channel.number, of: session) })
            #expect(channel.isOpen && connection.isOpen)
            try await channel.publishUnconfirmed(ByteBuffer(string: "into the void"), routingKey: queue)
            let other = try await connection.openChannel()
            #expect(try await other.declareQueuePassive(queue).messageCount == 0)
            try await channel.close()
            // Its number is used again.
            let next = try await connection.openChannel()
            #expect(next.number == channel.number)
            #expect(try await next.declareQueuePassive(queue).messageCount == 0)
            await connection.close()
        }
    }

    @Test(.timeLimit(.minutes(1))) func aChannelClosedTowardsTheClientAloneStaysAtTheBrokerUntilItsNumberIsUsedAgain()
        async throws
    {
        let broker = try await TestBroker.shared()
        try await ProxyFixture.with(broker) { fixture in
            let name = uniqueName("orphan")
            let connection = try await Connection.connect(fixture.configuration { $0.connectionName = name })
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let consumer = try await channel.consume(queue)
            let session = try await fixture.session("the consumer") {
                $0.identity.clientName == Name(name) && $0.channels.first?.consumers.isEmpty == false
            }
            #expect(
                await fixture.proxy.closeChannel(
                    channel.number, of: session.id,
                    ChannelCloseRequest(code: 406, text: "PRECONDITION_FAILED - as if", towards: [.client])))
            let error = await clientError {
                for try await _ in consumer { Issue.record("nothing was published") }
            }
            #expect(error?.closeReason?.code == 406 && error?.closeReason?.text == "PRECONDITION_FAILED - as if")
            #expect(try await fixture.brokerHasChannel(channel.number, of: session))
            let next = try await connection.openChannel()
            #expect(next.number == channel.number)
            #expect(try await next.declareQueuePassive(queue).consumerCount == 0)
            await connection.close()
        }
    }

    // MARK: Bad days

    @Test(.timeLimit(.minutes(5))) func whileTheBrokerIsAwayConnectsAreRefusedAndThenWorkAgain() async throws {
        let broker = try await TestBroker.shared()
        try await TCPGate.with(port: broker.amqpPort) { gate in
            let configuration = ProxyConfiguration(listen: ("127.0.0.1", 0), upstream: ("127.0.0.1", gate.port))
            try await ProxyFixture.with(broker, configuration) { fixture in
                let connection = try await Connection.connect(fixture.configuration())
                await gate.vanish()
                #expect(await connection.closed().initiator == .transport)
                // The first notices; from then on nobody listens.
                #expect(await eventually { await fixture.connectError()?.code == .connectionRefused })
                try await gate.admit()
                #expect(await eventually { await fixture.connectError() == nil })
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func whileTheBrokerIsAwayClientsAreTold320IfThatIsWanted() async throws {
        let broker = try await TestBroker.shared()
        // Port 1 is nobody's.
        var configuration = ProxyConfiguration(listen: ("127.0.0.1", 0), upstream: ("127.0.0.1", 1))
        configuration.whenAway = .close
        try await ProxyFixture.with(broker, configuration) { fixture in
            let error = await fixture.connectError()
            #expect(error?.closeReason?.code == 320)
            let output = try await Python.run(
                """
                import pika, sys
                try:
                    pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", int(sys.argv[1])))
                except pika.exceptions.AMQPConnectionError as e:
                    print(e)
                """, arguments: ["\(fixture.proxy.port)"])
            #expect(
                output.standardOutput.contains("(320) 'CONNECTION_FORCED - the broker behind the proxy is away'"))
        }
    }

    @Test(.timeLimit(.minutes(1))) func aProxyThatStopsTellsBothSides() async throws {
        let broker = try await TestBroker.shared()
        let fixture = try await ProxyFixture(broker)
        let name = uniqueName("stopped")
        let connection = try await Connection.connect(fixture.configuration { $0.connectionName = name })
        let silent = try await fixture.rawSocket()
        _ = try await fixture.session("the client") { $0.identity.clientName == Name(name) }
        let start = ContinuousClock.now
        await fixture.proxy.stop()
        #expect(ContinuousClock.now - start < .seconds(2))
        let reason = await connection.closed()
        #expect(reason.code == 320 && reason.text.contains("the proxy is stopping"))
        // The broker was told, too: it has no error of it in its log.
        let isLogged = try await eventually {
            let log = try String(contentsOf: broker.node.logFile, encoding: .utf8)
            return log.split(separator: "\n").contains {
                $0.contains("[info]") && $0.contains("closing AMQP connection") && $0.contains(name)
            }
        }
        #expect(isLogged)
        try? await silent.close().get()
        #expect(await fixture.connectError()?.code == .connectionRefused)
    }

    @Test(.timeLimit(.minutes(3))) func aSlowReaderHoldsBackTheSenderAndTheProxyKeepsLittle() async throws {
        let broker = try await TestBroker.shared()
        try await ProxyFixture.with(broker) { fixture in
            let (name, queue) = (uniqueName("slow"), uniqueName("heap"))
            try await Connection.withConnection(broker.configuration()) { connection in
                let channel = try await connection.openChannel()
                _ = try await channel.declareQueue(queue)
                let body = ByteBuffer(repeating: 1, count: 1 << 20)
                for _ in 0..<64 { try await channel.publish(body, routingKey: queue) }
            }
            let memory = try Self.residentMegabytes()
            let sign = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("read"))
            defer { try? FileManager.default.removeItem(at: sign) }
            async let python = Python.run(
                Self.slowReader, arguments: ["\(fixture.proxy.port)", name, queue, sign.path])
            // It reads nothing until the broker's bytes have stood still for ten looks.
            var (arrived, still) = (UInt64(0), 0)
            let stands = try await eventually {
                let now = try await fixture.session(name) { $0.identity.clientName == Name(name) }.bytesFromBroker
                still = now == arrived && now > 1 << 20 ? still + 1 : 0
                arrived = now
                return still == 10
            }
            #expect(stands)
            #expect(arrived < 40 << 20, "the proxy goes on reading from the broker")
            #expect(try Self.residentMegabytes() < memory + 30)
            try Data().write(to: sign)
            #expect(try await python.standardOutput.contains("got 64"))
        }
    }

    @Test(.timeLimit(.minutes(2))) func manyConnectsLeaveNothing() async throws {
        let broker = try await TestBroker.shared()
        try await ProxyFixture.with(broker) { fixture in
            func sockets() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            }
            try await fixture.rawSocket().close().get()
            try await fixture.noSessions()
            let before = try sockets()
            // The broker's listener lets 128 connections wait. When a slow broker refuses more, the proxy stops listening
            // until it takes them again, and those that it has not accepted by then are refused.
            func connect(_ times: UInt64) async throws {
                let goal = fixture.proxy.accepted + times
                while fixture.proxy.accepted < goal {
                    await withTaskGroup(of: Void.self) { group in
                        for _ in 0..<50 { group.addTask { try? await fixture.rawSocket().close().get() } }
                    }
                }
                try await fixture.noSessions()
            }
            // What the allocator keeps for itself it has by then.
            try await connect(4_000)
            let memory = try Self.residentMegabytes()
            try await connect(6_000)
            #expect(fixture.proxy.accepted >= 10_001)
            #expect(try await eventually { try sockets() <= before + 5 })
            // A session that stayed would be some 10 kB.
            #expect(try Self.residentMegabytes() < memory + 20)
        }
    }

    private static func residentMegabytes() throws -> Double {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) } ?? 0) / 1_024
    }
}
