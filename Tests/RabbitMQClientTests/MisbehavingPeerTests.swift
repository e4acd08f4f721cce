import AMQPWire
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import RabbitMQClient

@Suite struct MisbehavingPeerTests {
    struct Misdeed: CustomStringConvertible, Sendable {
        var description: String
        var bytes: ByteBuffer
        var code: UInt16
    }

    static let declareOk = ByteBuffer.frame(1, .queueDeclareOk(QueueDeclareOk(queue: "q")))
    static let deliver = Method.basicDeliver(BasicDeliver(consumerTag: "c", deliveryTag: 1))

    static let misdeeds = [
        Misdeed(
            description: "wrong end octet", bytes: .frame(type: 1, channel: 1, payload: "0032000b", end: 0), code: 501),
        Misdeed(
            description: "oversized frame",
            bytes: .frame(type: 3, channel: 1, payload: String(repeating: "00", count: 8185)), code: 501),
        Misdeed(description: "unknown frame type", bytes: .frame(type: 5, channel: 1, payload: ""), code: 501),
        Misdeed(description: "truncated method", bytes: .frame(type: 1, channel: 1, payload: "0032000b05"), code: 501),
        Misdeed(
            description: "truncated table",
            bytes: .frame(1, deliver)
                + .frame(type: 2, channel: 1, payload: "003c000000000000000000002000" + "000000ff0161"),
            code: 501
        ),
        Misdeed(
            description: "unknown field type",
            bytes: .frame(1, deliver)
                + .frame(type: 2, channel: 1, payload: "003c000000000000000000002000" + "0000000301617a"),
            code: 502
        ),
        Misdeed(description: "unknown method", bytes: .frame(type: 1, channel: 1, payload: "00320063"), code: 540),
        Misdeed(description: "answer to nothing", bytes: .frame(1, .queueBindOk), code: 503),
        Misdeed(description: "a client's method", bytes: .frame(1, .queueDeclare(QueueDeclare())), code: 503),
        Misdeed(description: "body without a method", bytes: .frame(type: 3, channel: 1, payload: "00"), code: 505),
        Misdeed(description: "method inside a message", bytes: .frame(1, deliver) + declareOk, code: 505),
        Misdeed(description: "content on channel 0", bytes: .frame(type: 3, channel: 0, payload: "00"), code: 504),
        Misdeed(
            description: "channel that was never open", bytes: .frame(9, .basicAck(BasicAck(deliveryTag: 1))), code: 504
        ),
        Misdeed(description: "handshake again", bytes: .frame(0, .connectionOpenOk), code: 503),
        Misdeed(
            description: "delivery tag 0", bytes: .content(1, .basicDeliver(BasicDeliver(consumerTag: "c")), "x"),
            code: 503),
    ]

    @Test func isClosedWithTheProperCode() async throws {
        // Each connection waits a second for the answer to its close: they wait side by side.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for misdeed in Self.misdeeds { group.addTask { try await Self.check(misdeed) } }
            try await group.waitForAll()
        }
    }

    private static func check(_ misdeed: Misdeed) async throws {
        let script: ScriptedPeer.Script = { _, method in
            if case .queueDeclare = method { .bytes(misdeed.bytes) } else { nil }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            let error = await clientError { _ = try await channel.declareQueue() }
            #expect(error?.code == .connectionClosed, "\(misdeed)")
            let reason = await connection.closed()
            #expect(reason.code == misdeed.code, "\(misdeed)")
            #expect(reason.initiator == .local, "\(misdeed)")
            #expect(await eventually { peer.closeCode == misdeed.code }, "\(misdeed)")
            #expect(await channel.closed() == reason, "\(misdeed)")
        }
    }

    /// RabbitMQ ends the whole connection with 504 for a `channel.close` on a channel that was not opened.
    @Test func anOpenThatIsCancelledBeforeItIsSentLeavesNothingToClose() async throws {
        try await ScriptedPeer.with { peer in
            let connection = try await peer.connect()
            for _ in 0..<20 {
                let error = await Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return await clientError { _ = try await connection.openChannel() }
                }.value
                #expect(error?.code == .cancelled)
            }
            let channel = try await connection.openChannel()
            #expect(channel.number == 1)
            try await channel.close()
            let methods = peer.methods.map(\.name).filter { $0.hasPrefix("channel.") }
            #expect(methods == ["channel.open", "channel.close"])
            await connection.close()
        }
    }

    @Test func anOpenThatTimesOutIsClosedInOrder() async throws {
        let opened = NIOLockedValueBox(0)
        let script: ScriptedPeer.Script = { channel, method in
            guard case .channelOpen = method else { return nil }
            // The first is answered only when the close has come.
            let isFirst = opened.withLockedValue { count in
                count += 1
                return count == 1
            }
            return isFirst ? .nothing : nil
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect { $0.operationTimeout = .milliseconds(200) }
            let error = await clientError { _ = try await connection.openChannel() }
            #expect(error?.code == .timeout)
            #expect(await eventually { peer.methods.map(\.name).contains("channel.close") })
            let channel = try await connection.openChannel()
            try await channel.close()
            let methods = peer.methods.map(\.name).filter { $0.hasPrefix("channel.") }
            #expect(methods == ["channel.open", "channel.close", "channel.open", "channel.close"])
            await connection.close()
        }
    }

    @Test func framesForAChannelJustClosedAreIgnored() async throws {
        let late =
            ByteBuffer.content(1, Self.deliver, "late") + Self.declareOk
            + .frame(1, .basicAck(BasicAck(deliveryTag: 1)))
        let script: ScriptedPeer.Script = { channel, method in
            switch method {
            case .channelClose where channel == 1: .bytes(late + .frame(1, .channelCloseOk) + late)
            case .queueDeclare: .method(channel, .queueDeclareOk(QueueDeclareOk(queue: "q")))
            default: nil
            }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect()
            let other = try await connection.openChannel()
            let first = try await connection.openChannel()
            #expect(other.number == 1 && first.number == 2)
            try await other.close()
            #expect(try await first.declareQueue().name == "q")
            #expect(connection.isOpen)
            await connection.close()
        }
    }

    @Test func aResetInMidMessageDeliversNothing() async throws {
        let whole = ByteBuffer.content(
            1, .basicDeliver(BasicDeliver(consumerTag: "c", deliveryTag: 1)), "whole message")
        let half = try #require(whole.getSlice(at: 0, length: whole.readableBytes - 5))
        let script: ScriptedPeer.Script = { channel, method in
            switch method {
            case .basicQos: .method(channel, .basicQosOk)
            case .basicConsume:
                .bytesAndReset(.frame(channel, .basicConsumeOk(BasicConsumeOk(consumerTag: "c"))) + half)
            default: nil
            }
        }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect()
            let channel = try await connection.openChannel()
            let error = await clientError {
                for try await _ in try await channel.consume("q", tag: "c") {
                    Issue.record("half a message was delivered")
                }
            }
            #expect(error?.code == .connectionClosed)
            #expect(await connection.closed().initiator == .transport)
        }
    }

    @Test func failuresOfTheHandshakeAreTyped() async throws {
        func code(_ greeting: ScriptedPeer.Greeting) async throws -> ClientError.Code? {
            try await ScriptedPeer.with(greeting: greeting) { peer in
                await clientError { _ = try await peer.connect { $0.connectTimeout = .milliseconds(300) } }?.code
            }
        }
        #expect(try await code(.goodbye) == .closedDuringHandshake)
        #expect(try await code(.silence) == .handshakeTimeout)
        #expect(try await code(.bytes(ByteBuffer(bytes: Array("AMQP".utf8) + [0, 1, 0, 0]))) == .protocolMismatch)
        #expect(try await code(.bytes(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n"))) == .protocolMismatch)
        let external = ConnectionStart(mechanisms: "EXTERNAL")
        #expect(try await code(.bytes(.frame(0, .connectionStart(external)))) == .mechanismNotOffered)
    }

    @Test func nothingListening() async throws {
        let port = try await ScriptedPeer.with { $0.port }
        let error = await clientError {
            let configuration = ConnectionConfiguration(port: port)
            _ = try await Connection.connect(configuration, on: MultiThreadedEventLoopGroup.singleton)
        }
        #expect(error?.code == .connectionRefused)
        #expect(error?.isPermanent == false)
    }

    @Test func aCancelledConnectEndsAtOnce() async throws {
        try await ScriptedPeer.with(greeting: .silence) { peer in
            let task = Task { await clientError { _ = try await peer.connect { $0.connectTimeout = .seconds(60) } } }
            try await Task.sleep(for: .milliseconds(100))
            task.cancel()
            #expect(await task.value?.code == .cancelled)
        }
    }

    @Test func aSilentPeerIsDeadAfterTwoToThreeHeartbeats() async throws {
        try await ScriptedPeer.with(heartbeat: 1) { peer in
            let connection = try await peer.connect { $0.heartbeat = .seconds(1) }
            let start = ContinuousClock.now
            let reason = await connection.closed()
            let waited = ContinuousClock.now - start
            #expect(reason.initiator == .transport && reason.text.contains("heartbeat"))
            #expect(waited >= .seconds(2) && waited < .seconds(3.5))
        }
    }

    @Test func aCloseWithoutAnAnswerIsBounded() async throws {
        let script: ScriptedPeer.Script = { _, method in if case .connectionClose = method { .nothing } else { nil } }
        try await ScriptedPeer.with(script: script) { peer in
            let connection = try await peer.connect()
            let start = ContinuousClock.now
            await connection.close(timeout: .milliseconds(200))
            #expect(ContinuousClock.now - start < .seconds(2))
            #expect(connection.closeReason?.isOrderly == true)
            #expect(!connection.isOpen)
        }
    }
}
