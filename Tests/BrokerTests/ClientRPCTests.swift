import AMQPWire
import BrokerSupport
import RabbitMQClient
import Testing

import struct NIOCore.ByteBuffer

@Suite struct ClientRPCTests {
    private struct Refused: Error {}

    @Test func manyCallsAtOnceEachGetTheirOwnReply() async throws {
        try await withServer { request in
            // Replies come in another order than the calls.
            if request.deliveryTag.isMultiple(of: 3) { try await Task.sleep(for: .milliseconds(5)) }
            return RPCReply("re: \(String(buffer: request.body))".utf8, properties: request.properties)
        } client: { connection, queue in
            let client = RPCClient(connection, timeout: .seconds(60))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        let reply = try await client.call(
                            "\(number)".utf8, routingKey: queue,
                            properties: BasicProperties(headers: ["n": .int64(Int64(number))]))
                        #expect(String(buffer: reply.body) == "re: \(number)")
                        #expect(reply.properties.headers?["n"] == .int64(Int64(number)))
                    }
                }
                try await group.waitForAll()
            }
            #expect(client.pending == 0)
            // One channel served them all.
            #expect(connection.report.channels.count { $0.state == .open } == 1)
            await client.close()
            #expect(await eventually { connection.report.channels.allSatisfy { $0.state == .closed } })
            #expect(
                await clientError { _ = try await client.call("x".utf8, routingKey: queue) }?.code == .channelClosed)
        }
    }

    @Test func aCallThatReachesNoQueueFailsAtOnce() async throws {
        try await TestBroker.shared().withConnection { connection in
            let client = RPCClient(connection, timeout: .seconds(60))
            let start = ContinuousClock.now
            let error = await clientError { _ = try await client.call("x".utf8, routingKey: uniqueName("nobody")) }
            #expect(error?.code == .returned && error?.returned?.code == 312)
            #expect(ContinuousClock.now - start < .seconds(30))
            #expect(client.pending == 0)
            // A missing exchange closes the channel; the next call has another.
            let missing = await clientError {
                _ = try await client.call("x".utf8, exchange: uniqueName("missing"), routingKey: "k")
            }
            #expect(missing?.code == .indeterminate && missing?.closeReason?.code == 404)
            #expect(
                await clientError { _ = try await client.call("x".utf8, routingKey: uniqueName("nobody")) }?.code
                    == .returned)
            await client.close()
        }
    }

    @Test func everyCallEnds() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let client = RPCClient(connection)
            let error = await clientError {
                _ = try await client.call("x".utf8, routingKey: queue, timeout: .milliseconds(300))
            }
            #expect(error?.code == .timeout)
            // Its request does not outlive it.
            #expect(await eventually { (try? await channel.declareQueuePassive(queue).messageCount) == 0 })
            let cancelled = Task {
                await clientError { _ = try await client.call("y".utf8, routingKey: queue, timeout: .seconds(600)) }
            }
            #expect(await eventually { client.pending == 1 })
            cancelled.cancel()
            #expect(await cancelled.value?.code == .cancelled)
            let closed = Task {
                await clientError { _ = try await client.call("z".utf8, routingKey: queue, timeout: .seconds(600)) }
            }
            #expect(await eventually { client.pending == 1 })
            await client.close()
            #expect(await closed.value?.code == .channelClosed)
            #expect(client.pending == 0)
        }
    }

    @Test func aLateReplyIsNobodys() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let client = RPCClient(connection)
            func request() async throws -> Delivery {
                var request: Delivery?
                #expect(
                    try await eventually {
                        request = try await channel.get(queue, noAck: true)?.delivery
                        return request != nil
                    }
                )
                return try #require(request)
            }
            let first = Task {
                await clientError { _ = try await client.call("1".utf8, routingKey: queue, timeout: .seconds(60)) }
            }
            let late = try await request()
            first.cancel()
            #expect(await first.value?.code == .cancelled)
            async let second = client.call("2".utf8, routingKey: queue, timeout: .seconds(60))
            func reply(to request: Delivery, _ text: String) async throws {
                try await channel.publish(
                    text.utf8, routingKey: try #require(request.properties.replyTo),
                    properties: BasicProperties(correlationID: request.properties.correlationID?.text))
            }
            try await reply(to: late, "too late")
            try await reply(to: late, "twice")
            try await reply(to: try await request(), "in time")
            #expect(String(buffer: try await second.body) == "in time")
            await client.close()
        }
    }

    @Test func aHandlerThatThrowsIsAskedAgainAndThenLeftAlone() async throws {
        try await withServer { request in
            if String(buffer: request.body) == "bad" { throw Refused() }
            return request.redelivered ? nil : RPCReply("fine".utf8)
        } client: { connection, queue in
            let client = RPCClient(connection)
            #expect(
                await clientError {
                    _ = try await client.call("bad".utf8, routingKey: queue, timeout: .seconds(1))
                }?.code == .timeout)
            #expect(String(buffer: try await client.call("good".utf8, routingKey: queue).body) == "fine")
            // Nobody asked for a reply.
            try await connection.openChannel().publish("good".utf8, routingKey: queue)
            #expect(
                await eventually {
                    guard let state = try? await connection.openChannel().declareQueuePassive(queue) else {
                        return false
                    }
                    return state.messageCount == 0
                })
            await client.close()
        }
    }

    @Test func severalClientsShareAConnectionAndOneAChannel() async throws {
        try await withServer {
            RPCReply($0.body)
        } client: { connection, queue in
            let channel = try await connection.openChannel()
            let clients = [RPCClient(connection), RPCClient(connection), RPCClient(channel)]
            for (number, client) in clients.enumerated() {
                #expect(String(buffer: try await client.call("\(number)".utf8, routingKey: queue).body) == "\(number)")
            }
            for client in clients { await client.close() }
            #expect(channel.isOpen)
        }
    }

    /// Serves a queue on a connection of its own.
    private func withServer(
        _ handler: @escaping @Sendable (Delivery) async throws -> RPCReply?,
        client: (Connection, String) async throws -> Void
    ) async throws {
        let broker = try await TestBroker.shared()
        try await broker.withConnection { serving in
            let channel = try await serving.openChannel()
            let queue = uniqueName("rpc")
            _ = try await channel.declareQueue(queue, arguments: QueueArguments(expires: .seconds(600)))
            let server = Task { try await channel.serve(queue, prefetch: 50, handler) }
            do {
                try await broker.withConnection { try await client($0, queue) }
            } catch {
                server.cancel()
                throw error
            }
            server.cancel()
            try await server.value
            try await channel.deleteQueue(queue)
        }
    }
}
