import AMQPWire
import BrokerSupport
import RabbitMQClient
import TCPGate
import Testing

import struct NIOCore.ByteBuffer

/// Pools, publishers and calls on a connection that is lost and comes back.
@Suite(.timeLimit(.minutes(5))) struct ClientPoolRecoveryTests {
    @Test func aPoolGoesOnAfterItsBrokerWasKilled() async throws {
        try await TestBroker.withRestartable { broker in
            let registry = ClientRegistry()
            try await broker.withConnection(registry: registry, Self.patient) { connection in
                let queue = try await connection.openChannel().declareQueue(durable: true).name
                try await broker.syncDeclarations()
                let pool = ChannelPool(connection, size: 3, checkoutTimeout: .seconds(60))
                let leases = [try await pool.checkout(), try await pool.checkout(), try await pool.checkout()]
                leases[0].checkin()
                leases[1].checkin()
                try await leases[2].channel.publish("held".utf8, routingKey: queue)
                let held = try #require(try await leases[2].channel.get(queue)).delivery
                try await broker.node.kill()
                #expect(await eventually { !connection.isOpen })
                // More tasks than channels: all wait for the broker, and for each other.
                async let published: Void = withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<30 {
                        group.addTask {
                            try await pool.withChannel { try await $0.publish("\(task)".utf8, routingKey: queue) }
                        }
                    }
                    try await group.waitForAll()
                }
                try await broker.node.start()
                try await published
                // What was taken before the loss is stale; its channel is as good as any.
                #expect(try held.ack() == .stale)
                leases[2].checkin()
                #expect(pool.report.inUse == 0 && pool.report.open == 3 && pool.report.discarded == 0)
                let count = try await pool.withChannel { try await $0.declareQueuePassive(queue).messageCount }
                #expect(count >= 30)
                #expect(registry.report().pools.first?.connectionID == connection.id)
                await pool.close()
            }
        }
    }

    @Test func aPoolGoesOnAfterItsConnectionWasClosedByAnOperator() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withConnection(Self.patient) { connection in
            let pool = ChannelPool(connection, size: 2)
            let queue = uniqueName("kept")
            try await pool.withChannel { _ = try await $0.declareQueue(queue, exclusive: true) }
            for round in 1...3 {
                let name = TestBroker.encoded(connection.name)
                // The management database learns of a connection a moment after it is there.
                #expect(
                    await eventually {
                        (try? await broker.management("DELETE", "connections/\(name)").status) == 204
                    })
                #expect(await eventually { connection.recoveries == round })
                try await pool.withChannel { channel in
                    #expect(channel.isOpen)
                    try await channel.publish("\(round)".utf8, routingKey: queue, mandatory: true)
                }
                // And one that the broker closes meanwhile is thrown away as ever.
                _ = await clientError {
                    try await pool.withChannel { _ = try await $0.declareQueuePassive(uniqueName("missing")) }
                }
            }
            #expect(pool.report.discarded == 3)
            await pool.close()
        }
    }

    /// Loss zero, duplicates possible: what the retry promises.
    @Test func nothingIsLostWhenTheBrokerIsKilledAgainAndAgain() async throws {
        try await TestBroker.withRestartable { broker in
            try await broker.withConnection(Self.patient) { connection in
                let channel = try await connection.openChannel()
                let queue = try await channel.declareQueue(durable: true).name
                try await broker.syncDeclarations()
                let publisher = Publisher(
                    connection, limit: 200, retry: PublishRetry(attempts: 20, timeout: .seconds(240)))
                let total = 12_000
                let gauge = Gauge()
                async let published: Void = withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<100 {
                        group.addTask {
                            for number in stride(from: task, to: total, by: 100) {
                                try await publisher.publish(
                                    "\(number)".utf8, routingKey: queue,
                                    properties: BasicProperties(mode: .persistent))
                                gauge.enter()
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                for kill in 1...2 {
                    #expect(await eventually { gauge.most > kill * 2000 })
                    // Frozen first, so that some are on their way for sure.
                    try await broker.node.freeze()
                    try await Task.sleep(for: .milliseconds(100))
                    try await broker.node.kill()
                    try await broker.node.start()
                }
                try await published
                #expect(gauge.most == total && publisher.outstanding == 0)
                #expect(connection.recoveries == 2)

                var ids: [Name: String] = [:]
                var copies = 0
                while let got = try await channel.get(queue, noAck: true)?.delivery {
                    let id = try #require(got.properties.messageID)
                    let body = String(buffer: got.body)
                    // A second copy has the id of the first.
                    if let before = ids.updateValue(body, forKey: id) { #expect(before == body) }
                    copies += 1
                }
                #expect(ids.count == total && Set(ids.values).count == total)
                #expect(copies >= total)
            }
        }
    }

    @Test func callsEndWithTheLossAndLaterOnesGoThrough() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withConnection { serving in
            let channel = try await serving.openChannel()
            let queue = try await channel.declareQueue(exclusive: false, autoDelete: true).name
            let server = Task {
                try await channel.serve(queue, prefetch: 100) { request in
                    if String(buffer: request.body) == "slow" { try await Task.sleep(for: .seconds(600)) }
                    return RPCReply(request.body)
                }
            }
            try await TCPGate.with(port: broker.amqpPort) { gate in
                let connection = try await Connection.connect(
                    broker.configuration {
                        Self.patient(&$0)
                        $0.port = gate.port
                    })
                let client = RPCClient(connection, timeout: .seconds(300))
                for round in 1...3 {
                    let before = connection.report.channels.first?.confirmed ?? 0
                    #expect(String(buffer: try await client.call("first".utf8, routingKey: queue).body) == "first")
                    let slow = (0..<10).map { _ in
                        Task { await clientError { _ = try await client.call("slow".utf8, routingKey: queue) } }
                    }
                    #expect(
                        await eventually { connection.report.channels.first?.confirmed == before + 11 })
                    #expect(client.pending == 10)
                    await gate.reset()
                    // Long before their time is over.
                    for call in slow { #expect(await call.value?.code == .indeterminate) }
                    // Also one that was begun while the connection was away.
                    #expect(String(buffer: try await client.call("again".utf8, routingKey: queue).body) == "again")
                    #expect(client.pending == 0 && connection.recoveries == round)
                }
                await client.close()
                await connection.close()
            }
            server.cancel()
            _ = await server.result
        }
    }

    @Test func aServerGoesOnAfterALoss() async throws {
        let broker = try await TestBroker.shared()
        try await TCPGate.with(port: broker.amqpPort) { gate in
            let serving = try await Connection.connect(
                broker.configuration {
                    Self.patient(&$0)
                    $0.port = gate.port
                })
            let channel = try await serving.openChannel()
            let queue = uniqueName("served")
            _ = try await channel.declareQueue(queue, arguments: QueueArguments(expires: .seconds(600)))
            let gauge = Gauge()
            let server = Task {
                try await channel.serve(queue) { request in
                    gauge.enter()
                    // The first of them is cut off in the middle.
                    if gauge.most == 1 { try await Task.sleep(for: .milliseconds(300)) }
                    return RPCReply(request.body)
                }
            }
            try await broker.withConnection { connection in
                let client = RPCClient(connection, timeout: .seconds(60))
                async let cut = client.call("cut".utf8, routingKey: queue)
                #expect(await eventually { gauge.most == 1 })
                await gate.reset()
                let replies = [try await cut, try await client.call("next".utf8, routingKey: queue)]
                #expect(replies.map { String(buffer: $0.body) } == ["cut", "next"])
                await client.close()
            }
            #expect(serving.recoveries == 1)
            server.cancel()
            try await server.value
            try await channel.deleteQueue(queue)
            await serving.close()
        }
    }

    @Test func whatWasProcessedAcrossALossIsStale() async throws {
        let broker = try await TestBroker.shared()
        try await TCPGate.with(port: broker.amqpPort) { gate in
            let connection = try await Connection.connect(
                broker.configuration {
                    Self.patient(&$0)
                    $0.port = gate.port
                })
            let channel = try await connection.openChannel()
            let queue = uniqueName("processed")
            _ = try await channel.declareQueue(queue, arguments: QueueArguments(expires: .seconds(600)))
            try await channel.publish("once".utf8, routingKey: queue)
            var deliveries = try await channel.consume(queue).makeAsyncIterator()
            let first = try #require(try await deliveries.next())
            let processed = await first.process {
                await gate.reset()
                #expect(await eventually { connection.recoveries == 1 })
            }
            #expect(processed.outcome == .stale && processed.error == nil)
            let again = try #require(try await deliveries.next())
            #expect(again.redelivered)
            #expect(await again.process {}.outcome == .acknowledged)
            try await channel.deleteQueue(queue)
            await connection.close()
        }
    }

    /// Back soon, and patient until then.
    private static func patient(_ configuration: inout ConnectionConfiguration) {
        configuration.recovery = RecoveryPolicy(base: .milliseconds(20), cap: .milliseconds(500))
        configuration.operationTimeout = .seconds(60)
        configuration.publishTimeout = .seconds(60)
    }
}
