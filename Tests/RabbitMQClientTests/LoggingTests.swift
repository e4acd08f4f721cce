import AMQPWire
import InMemoryLogging
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import RabbitMQClient

/// What a connection tells its logger, on real sockets.
@Suite struct LoggingTests {
    private func logger(_ level: Logger.Level) -> (Logger, InMemoryLogHandler) {
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = level
        return (logger, handler)
    }

    private func connect(_ peer: ScriptedPeer, _ logger: Logger) async throws(ClientError) -> Connection {
        try await Connection.connect(
            peer.configuration { $0.connectionName = "orders" }, on: MultiThreadedEventLoopGroup.singleton,
            logger: logger)
    }

    private static let script: ScriptedPeer.Script = { channel, method in
        switch method {
        case .queueDeclare:
            .method(
                channel,
                .channelClose(
                    ChannelClose(
                        replyCode: .notFound, replyText: "NOT_FOUND - no queue 'q'", classID: 50, methodID: 10)))
        case .queuePurge:
            .method(
                0,
                .connectionClose(
                    ConnectionClose(replyCode: .connectionForced, replyText: "going", classID: 0, methodID: 0)))
        default: nil
        }
    }

    @Test func whatHappensHasItsLevelAndItsPlace() async throws {
        let (logger, handler) = logger(.debug)
        try await ScriptedPeer.with(script: Self.script) { peer in
            let connection = try await connect(peer, logger)
            let channel = try await connection.openChannel()
            _ = await clientError { _ = try await channel.declareQueuePassive("q") }
            let other = try await connection.openChannel()
            _ = await clientError { _ = try await other.purgeQueue("q") }
            _ = await connection.closed()
            let entries = handler.entries
            #expect(
                entries.map { "\($0.level) \($0.message)" } == [
                    "debug connection open", "debug channel open", "warning channel closed by an error",
                    "debug channel open", "debug channel closed", "error connection ended by an error",
                ])
            for entry in entries {
                #expect(entry.metadata[LogMetadataKey.connectionID] == "\(connection.id)")
                #expect(entry.metadata[LogMetadataKey.connectionName] == "\(connection.name)")
                #expect(entry.metadata[LogMetadataKey.clientName] == "orders")
                #expect(entry.metadata[LogMetadataKey.virtualHost] == "/")
                #expect(entry.metadata[LogMetadataKey.endpoint] == "127.0.0.1:\(peer.port)")
            }
            let refused = try #require(entries.first { $0.level == .warning })
            #expect(refused.metadata[LogMetadataKey.channel] == "1")
            #expect(refused.metadata[LogMetadataKey.replyCode] == "404")
            #expect(refused.metadata[LogMetadataKey.replyName] == "NOT_FOUND")
            #expect(refused.metadata[LogMetadataKey.replyText] == "NOT_FOUND - no queue 'q'")
            #expect(refused.metadata[LogMetadataKey.method] == "queue.declare")
            #expect(refused.metadata[LogMetadataKey.initiator] == "peer")
            let ended = try #require(entries.last)
            #expect(ended.metadata[LogMetadataKey.replyCode] == "320")
            #expect(ended.metadata[LogMetadataKey.advice] != nil)
            #expect(ended.metadata[LogMetadataKey.channel] == nil)
        }
    }

    @Test func anOrderlyLifeIsSilentAboveDebug() async throws {
        let (logger, handler) = logger(.info)
        try await ScriptedPeer.with { peer in
            let connection = try await connect(peer, logger)
            let channel = try await connection.openChannel()
            try await channel.close()
            await connection.close()
            #expect(handler.entries.isEmpty)
        }
    }

    @Test func aPeerThatBreaksTheProtocolIsTold() async throws {
        let (logger, handler) = logger(.warning)
        let script: ScriptedPeer.Script = { channel, method in
            if case .queueDeclare = method {
                .bytes(.frame(type: 1, channel: channel, payload: "FFFFFFFF"))
            } else {
                nil
            }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await connect(peer, logger)
            let channel = try await connection.openChannel()
            _ = await clientError { _ = try await channel.declareQueuePassive("q") }
            _ = await connection.closed()
            let entry = try #require(handler.entries.first)
            #expect(entry.level == .warning && entry.message == "the peer broke the protocol")
            #expect(entry.metadata[LogMetadataKey.replyCode] == "540")
        }
    }

    @Test func whatIsToldWithoutASocket() {
        let error = ClientError(.connectionRefused, "Nothing listens at a:1.")
        let late = ClientLog.notBackYet(error, attempt: 3, delay: .milliseconds(250))
        #expect(late.level == .debug)
        #expect(late.metadata[LogMetadataKey.attempt] == "3" && late.metadata[LogMetadataKey.delay] == "0.25")
        #expect(late.metadata[LogMetadataKey.error] == "connectionRefused")
        #expect(ClientLog.connectionGivenUp(error).level == .error)
        #expect(ClientLog.connectionBlocked(reason: "low on memory").level == .warning)
        #expect(ClientLog.connectionUnblocked.level == .info)
        #expect(
            ClientLog.connectionLost(CloseReason(initiator: .transport, scope: .connection, code: 0, text: "reset"))
                .level
                == .warning)
    }
}
