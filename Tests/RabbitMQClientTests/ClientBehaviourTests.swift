import AMQPWire
import NIOCore
import NIOPosix
import Testing

@testable import RabbitMQClient

@Suite struct ClientBehaviourTests {
    static let brokerLike: ScriptedPeer.Script = { channel, method in
        switch method {
        case .queueDeclare(let declare): .method(channel, .queueDeclareOk(QueueDeclareOk(queue: declare.queue)))
        case .confirmSelect: .method(channel, .confirmSelectOk)
        default: nil
        }
    }

    @Test func manyRequestsShareOneWriteAndKeepTheirOrder() async throws {
        try await ScriptedPeer.with(script: Self.brokerLike) { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            let before = peer.reads.count
            let names = (0..<20).map { "queue-\($0)" }
            let results = await channel.declareQueuesPassive(names)
            #expect(results.map { try? $0.get().name } == names.map { Name($0) })
            // The event loop may be just at it when the first are there; it is not woken again before all are.
            let reads = peer.reads.dropFirst(before)
            #expect(reads.reduce(0, +) == 20 && reads.count <= 2)
            #expect(await channel.declareQueuesPassive([String]()).isEmpty)
            await connection.close()
        }
    }

    @Test func confirmsSettleByNumberWhateverTheirOrder() async throws {
        let script: ScriptedPeer.Script = { channel, method in
            switch method {
            case .confirmSelect: return .method(channel, .confirmSelectOk)
            case .queueDeclare:
                // Asked for when all six are published: 2 alone, 5 refused, then all to 6.
                return .bytes(
                    .frame(channel, .basicAck(BasicAck(deliveryTag: 2)))
                        + .frame(channel, .basicNack(BasicNack(deliveryTag: 5)))
                        + .frame(channel, .basicAck(BasicAck(deliveryTag: 6, multiple: true)))
                        + .frame(channel, .queueDeclareOk(QueueDeclareOk(queue: "q")))
                )
            default: return nil
            }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            var confirmations: [RabbitMQClient.Confirmation] = []
            for _ in 0..<6 { confirmations.append(try await channel.publishDeferred(ByteBuffer(), routingKey: "k")) }
            #expect(confirmations.map(\.sequence) == [1, 2, 3, 4, 5, 6])
            let (one, five) = (confirmations[0], confirmations[4])
            async let first = clientError { try await one.wait() }
            async let again = clientError { try await one.wait() }
            async let fifth = clientError { try await five.wait() }
            _ = try await channel.declareQueue("q")
            #expect(await first == nil)
            #expect(await again == nil)
            #expect(await fifth?.code == .nacked)
            #expect(await clientError { try await confirmations[4].wait() }?.code == .nacked)
            for index in [0, 1, 2, 3, 5] { try await confirmations[index].wait() }
            let report = channel.report
            #expect(report.confirmed == 5 && report.nacked == 1 && report.unconfirmed == 0)
            await connection.close()
        }
    }

    @Test func aPublishWithoutItsConfirmEndsAsIndeterminate() async throws {
        try await ScriptedPeer.with(script: Self.brokerLike) { peer in
            let connection = try await peer.connect { $0.publishTimeout = .milliseconds(150) }
            let channel = try await connection.openChannel()
            #expect(await clientError { try await channel.publish([1], routingKey: "k") }?.code == .indeterminate)
            let cancelled = Task { await clientError { try await channel.publish([2], routingKey: "k") } }
            cancelled.cancel()
            #expect(await cancelled.value?.code == .cancelled)
            // The channel goes on.
            #expect(try await channel.declareQueue("q").name == "q")
            await connection.close()
        }
    }

    @Test func aPeerThatDoesNotReadHoldsPublishersBack() async throws {
        try await ScriptedPeer.with(script: Self.brokerLike) { peer in
            let connection = try await peer.connect { $0.publishTimeout = .seconds(20) }
            let channel = try await connection.openChannel()
            let body = ByteBuffer(repeating: 1, count: 1 << 16)
            for _ in 0..<500 { try await channel.publishUnconfirmed(body, routingKey: "k") }
            #expect(connection.report.channels.first?.published == 500)
            _ = try await channel.declareQueue("q")
            await connection.close()
        }
    }

    @Test func aTimedOutGetGivesItsMessageBack() async throws {
        let script: ScriptedPeer.Script = { channel, method in
            switch method {
            case .basicGet: .nothing
            case .queueDeclare:
                .bytes(
                    .content(channel, .basicGetOk(BasicGetOk(deliveryTag: 1)), "late")
                        + .frame(channel, .queueDeclareOk(QueueDeclareOk(queue: "q")))
                )
            default: nil
            }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect { $0.operationTimeout = .milliseconds(200) }
            let channel = try await connection.openChannel()
            #expect(await clientError { _ = try await channel.get("q") }?.code == .timeout)
            #expect(try await channel.declareQueue("q").name == "q")
            #expect(
                await eventually {
                    peer.methods.contains(.basicReject(BasicReject(deliveryTag: 1, requeue: true)))
                }
            )
            #expect(channel.report.unacked == 0)
            await connection.close()
        }
    }

    @Test func whatItTellsTheBrokerOfItself() async throws {
        try await ScriptedPeer.with { peer in
            let connection = try await peer.connect {
                $0.connectionName = "named"
                $0.username = "user"
                $0.password = "secret"
                $0.clientProperties = ["instance": "7"]
            }
            let startOk = peer.methods.compactMap { method -> ConnectionStartOk? in
                if case .connectionStartOk(let startOk) = method { startOk } else { nil }
            }.first
            let properties = try #require(startOk?.clientProperties)
            #expect(properties["connection_name"] == "named" && properties["instance"] == "7")
            let capabilities = try #require(properties["capabilities"]?.tableValue)
            for name in [
                "publisher_confirms", "exchange_exchange_bindings", "basic.nack", "consumer_cancel_notify",
                "connection.blocked", "consumer_priorities", "authentication_failure_close", "per_consumer_qos",
                "direct_reply_to",
            ] {
                #expect(capabilities[name] == true, "\(name)")
            }
            #expect(startOk?.mechanism == "PLAIN")
            #expect(startOk?.response == Array("\0user\0secret".utf8))
            #expect(connection.channelMax == 10 && connection.frameMax == 8192)
            await connection.close()
        }
    }

    @Test func thePasswordIsInNoDescription() {
        let configuration = ConnectionConfiguration(username: "user", password: "s3cr3t")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("s3cr3t"))
        }
    }

    @Test func secretsAreRenewed() async throws {
        let script: ScriptedPeer.Script = { _, method in
            if case .connectionUpdateSecret = method { .method(0, .connectionUpdateSecretOk) } else { nil }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect()
            try await connection.updateSecret("token", reason: "expiry")
            #expect(
                peer.methods.contains(
                    .connectionUpdateSecret(ConnectionUpdateSecret(newSecret: Array("token".utf8), reason: "expiry"))
                )
            )
            await connection.close()
        }
    }

    @Test func aWaitForAnEndEndsWithItsTask() async throws {
        try await ScriptedPeer.with { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            let waits = [Task { await connection.closed() }, Task { await channel.closed() }]
            for wait in waits { wait.cancel() }
            for wait in waits { #expect(await wait.value.text == "no longer awaited") }
            #expect(connection.isOpen && channel.isOpen)
            await connection.close()
        }
    }

    @Test func theRegistryKeepsWhatDiedAndNoMoreThanItShould() async throws {
        let script: ScriptedPeer.Script = { channel, method in
            guard case .queueDeclare = method else { return nil }
            let close = ChannelClose(replyCode: .notFound, replyText: "no queue", classID: 50, methodID: 10)
            return .method(channel, .channelClose(close))
        }
        let registry = ClientRegistry(keptClosed: 3)
        var events = registry.events().makeAsyncIterator()
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect(registry: registry)
            for _ in 0..<5 {
                let channel = try await connection.openChannel()
                #expect(channel.number == 1)
                _ = await clientError { _ = try await channel.declareQueuePassive("missing") }
            }
            let report = try #require(registry.report().connections.first)
            #expect(report.channels.map(\.id) == [3, 4, 5])
            #expect(report.channels.allSatisfy { $0.lastError?.code == 404 && $0.state == .closed })
            await connection.close()
            #expect(registry.report().connections.map(\.state) == [.closed])
            #expect(registry.report().connections.first?.lastError == nil)

            var kinds: [String] = []
            while kinds.last != "connectionClosed", let event = await events.next() {
                #expect(event.connectionID == connection.id)
                switch event.kind {
                case .connectionOpened: kinds.append("connectionOpened")
                case .connectionClosed: kinds.append("connectionClosed")
                case .channelOpened: kinds.append("opened")
                case .channelClosed(let reason): kinds.append("\(reason.code)")
                case .connectionLost, .connectionRecovered, .connectionBlocked, .connectionUnblocked, .publishReturned,
                    .consumerCancelled:
                    Issue.record("unexpected \(event)")
                }
            }
            let five = Array(repeating: ["opened", "404"], count: 5).flatMap(\.self)
            #expect(kinds == ["connectionOpened"] + five + ["connectionClosed"])
        }
    }
}
