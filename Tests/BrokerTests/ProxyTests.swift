import AMQPProxy
import BrokerSupport
import Foundation
import FoundationNetworking
import NIOCore
import RabbitMQClient
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
            #expect(seen.channels.contains { $0.consumers.values.contains(queue) })
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
            let session = try await fixture.session("the channel") { $0.identity.clientName == name }
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
                $0.identity.clientName == name && $0.channels.first?.consumers.isEmpty == false
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
        try await TestBroker.withBroker { broker in
            try await ProxyFixture.with(broker) { fixture in
                let connection = try await Connection.connect(fixture.configuration())
                try await broker.node.kill()
                #expect(await connection.closed().initiator == .transport)
                // The first notices; from then on nobody listens.
                #expect(await eventually { await fixture.connectError()?.code == .connectionRefused })
                try await broker.node.start()
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
        _ = try await fixture.session("the client") { $0.identity.clientName == name }
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

    @Test(.timeLimit(.minutes(2))) func aSlowReaderHoldsBackTheSenderAndTheProxyKeepsLittle() async throws {
        let broker = try await TestBroker.shared()
        try await ProxyFixture.with(broker) { fixture in
            let name = uniqueName("slow")
            let connection = try await Connection.connect(fixture.configuration { $0.connectionName = name })
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let body = ByteBuffer(repeating: 1, count: 1 << 20)
            for _ in 0..<64 { try await channel.publish(body, routingKey: queue) }
            let memory = try Self.residentMegabytes()
            // Without acknowledgements and without a limit: only the socket holds the broker back.
            let consumer = try await channel.consume(queue, noAck: true, prefetch: 0)
            // It takes nothing until the broker's bytes have stood still for ten looks.
            var (arrived, still) = (UInt64(0), 0)
            let stands = try await eventually {
                let now = try await fixture.session(name) { $0.identity.clientName == name }.bytesFromBroker
                still = now == arrived && now > 1 << 20 ? still + 1 : 0
                arrived = now
                return still == 10
            }
            #expect(stands)
            #expect(arrived < 40 << 20, "the proxy goes on reading from the broker")
            #expect(try Self.residentMegabytes() < memory + 40)
            var deliveries = consumer.makeAsyncIterator()
            var count = 0
            while count < 64, let delivery = try await deliveries.next() {
                #expect(delivery.body.readableBytes == 1 << 20)
                count += 1
            }
            #expect(count == 64)
            await connection.close()
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
            func connect(_ times: Int) async throws {
                for _ in 0..<(times / 50) {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<50 { group.addTask { try await fixture.rawSocket().close().get() } }
                        try await group.waitForAll()
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

    // MARK: Scripts

    private static let twoChannels = """
        import pika, sys, time
        connection = pika.BlockingConnection(pika.ConnectionParameters(
            "127.0.0.1", int(sys.argv[1]), client_properties={"connection_name": sys.argv[2]}))
        first, second = connection.channel(), connection.channel()
        queue = first.queue_declare("", exclusive=True).method.queue
        second.basic_publish("", "nowhere", b"here I am")
        deadline = time.time() + 20
        try:
            while time.time() < deadline:
                second.queue_declare(queue, passive=True)
                time.sleep(0.02)
        except pika.exceptions.ChannelClosedByBroker as e:
            print("closed", e.reply_code, e.reply_text)
        first.confirm_delivery()
        first.basic_publish("", queue, b"x", mandatory=True)
        print("sibling works")
        third = connection.channel(2)
        third.queue_declare(queue, passive=True)
        print("opened", third.channel_number, "again, and it works")
        connection.close()
        """

    /// Publishes 200 messages, confirmed, consumes them and acknowledges all but the last seven; those when a queue `….go`
    /// exists.
    private static func routine(_ library: String) -> String {
        let common = """
            import sys, time
            port, queue, name = int(sys.argv[1]), sys.argv[2], sys.argv[3]
            bodies = [b"x" * (300000 if n == 100 else n) for n in range(200)]
            """
        let own =
            switch library {
            case "pika":
                """
                import pika
                parameters = pika.ConnectionParameters(
                    "127.0.0.1", port, client_properties={"connection_name": name}, heartbeat=10)
                connection = pika.BlockingConnection(parameters)
                channel = connection.channel()
                channel.queue_declare(queue, durable=True)
                channel.confirm_delivery()
                for body in bodies:
                    channel.basic_publish("", queue, body, mandatory=True)
                consumer = connection.channel()
                consumer.basic_qos(prefetch_count=300)
                got, tags = [], []
                def taken(channel, method, properties, body):
                    got.append(body)
                    tags.append(method.delivery_tag)
                    if len(got) == 193:
                        channel.basic_ack(method.delivery_tag, multiple=True)
                consumer.basic_consume(queue, taken)
                def exists():
                    probe = connection.channel()
                    try:
                        probe.queue_declare(queue + ".go", passive=True)
                        return True
                    except pika.exceptions.ChannelClosedByBroker:
                        return False
                while len(got) < 200 or not exists():
                    connection.process_data_events(0.05)
                for tag in tags[193:]:
                    consumer.basic_ack(tag)
                connection.close()
                """
            case "aio-pika":
                """
                import asyncio, aio_pika
                got = []
                async def main():
                    connection = await aio_pika.connect(
                        f"amqp://guest:guest@127.0.0.1:{port}/?heartbeat=10&name={name}")
                    channel = await connection.channel()
                    await channel.set_qos(prefetch_count=300)
                    q = await channel.declare_queue(queue, durable=True)
                    for body in bodies:
                        await channel.default_exchange.publish(aio_pika.Message(body), routing_key=queue)
                    messages = []
                    async with q.iterator() as messages_of:
                        async for message in messages_of:
                            got.append(message.body)
                            messages.append(message)
                            if len(messages) <= 193:
                                await message.ack()
                            if len(messages) == 200:
                                while True:
                                    try:
                                        probe = await connection.channel()
                                        await probe.declare_queue(queue + ".go", passive=True)
                                        break
                                    except aio_pika.exceptions.ChannelClosed:
                                        await asyncio.sleep(0.05)
                                for rest in messages[193:]:
                                    await rest.ack()
                                break
                    await connection.close()
                asyncio.run(main())
                """
            default:
                """
                import kombu
                got, messages = [], []
                with kombu.Connection(
                        f"amqp://guest:guest@127.0.0.1:{port}//",
                        transport_options={"confirm_publish": True, "client_properties": {"connection_name": name}}) as connection:
                    q = kombu.Queue(queue, durable=True)
                    producer = connection.Producer()
                    for body in bodies:
                        producer.publish(body, routing_key=queue, declare=[q], content_type="application/data",
                                         content_encoding="binary")
                    def taken(body, message):
                        got.append(bytes(message.body or b""))
                        messages.append(message)
                        if len(messages) <= 193:
                            message.ack()
                    def exists():
                        channel = connection.channel()
                        try:
                            channel.queue_declare(queue + ".go", passive=True)
                            return True
                        except connection.channel_errors:
                            return False
                    with connection.Consumer(q, callbacks=[taken], prefetch_count=300):
                        while len(got) < 200 or not exists():
                            try:
                                connection.drain_events(timeout=0.1)
                            except TimeoutError:
                                pass
                        for message in messages[193:]:
                            message.ack()
                """
            }
        return common + "\n" + own + """

            assert sorted(got) == sorted(bodies), "something was changed"
            print(len(got), "messages, the largest of", max(map(len, got)), "bytes")
            """
    }
}
