import AMQPWire
import NIOCore
import NIOPosix
import Testing

@testable import AMQPProxy

/// The raw peer before brokers that misbehave in their turn.
@Suite struct RawPeerTests {
    /// Listens, says some bytes to whoever comes, and perhaps ends the socket at once.
    private static func withServer(
        saying bytes: ByteBuffer, thenEnds: Bool = false,
        _ body: (RawPeerConfiguration) async throws -> Void
    ) async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Speaker(bytes, ends: thenEnds))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        var configuration = RawPeerConfiguration(
            address: RawPeerAddress(host: "127.0.0.1", port: listener.localAddress?.port ?? 0), username: "guest",
            password: "guest", name: "raw")
        configuration.patience = .milliseconds(300)
        do {
            try await body(configuration)
        } catch {
            try await listener.close().get()
            throw error
        }
        try await listener.close().get()
    }

    private static func frames(_ methods: (UInt16, AMQPWire.Method)...) throws -> ByteBuffer {
        var bytes = ByteBuffer()
        for (channel, method) in methods { try bytes.writeFrame(channel: channel, method) }
        return bytes
    }

    private static func greeting() throws -> ByteBuffer {
        try frames(
            (0, .connectionStart(ConnectionStart())), (0, .connectionTune(ConnectionTune(heartbeat: 60))),
            (0, .connectionOpenOk))
    }

    private func connectError(_ configuration: RawPeerConfiguration) async -> RawPeerError? {
        do throws(RawPeerError) {
            await (try RawPeer.connect(configuration)).end()
            return nil
        } catch {
            return error
        }
    }

    @Test(.timeLimit(.minutes(1))) func aBrokerThatSaysNothingIsGivenUpInTime() async throws {
        try await Self.withServer(saying: ByteBuffer()) { configuration in
            #expect(await connectError(configuration) == .silent("connection.start"))
        }
    }

    @Test(.timeLimit(.minutes(1))) func rubbishIsNotAMQP() async throws {
        try await Self.withServer(saying: ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n")) { configuration in
            #expect(await connectError(configuration) == .wire(.notAMQP))
        }
        var wrong = ByteBuffer()
        wrong.writeFrame(type: 1, channel: 0, payload: ByteBuffer(bytes: [0, 10, 0]), end: 0xCE)
        try await Self.withServer(saying: wrong) { configuration in
            #expect(await connectError(configuration) == .wire(.truncated))
        }
    }

    @Test(.timeLimit(.minutes(1))) func aSocketThatEndsEndsTheWait() async throws {
        try await Self.withServer(saying: ByteBuffer(), thenEnds: true) { configuration in
            guard case .ended = await connectError(configuration) else {
                Issue.record("it should have ended")
                return
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func aCloseAnswersAnyWaitAndIsQuoted() async throws {
        let close = ConnectionClose(replyCode: .resourceError, replyText: "RESOURCE_ERROR - no more")
        var bytes = try Self.greeting()
        bytes.writeImmutableBuffer(try Self.frames((0, .connectionClose(close))))
        try await Self.withServer(saying: bytes) { configuration in
            let peer = try await RawPeer.connect(configuration)
            let error = await #expect(throws: RawPeerError.self) { try await peer.openChannel() }
            #expect(error == .connectionClosed(close))
            #expect("\(try #require(error))" == "506 RESOURCE_ERROR - no more on the connection")
            await peer.end()
            #expect(!peer.isOpen)
            let later = await #expect(throws: RawPeerError.self) { _ = try await peer.next() }
            #expect(later == .ended("it was closed here"))
        }
    }

    @Test(.timeLimit(.minutes(1))) func aCloseThatIsNotAnsweredEndsAllTheSame() async throws {
        try await Self.withServer(saying: try Self.greeting()) { configuration in
            let peer = try await RawPeer.connect(configuration)
            let waiting = Task { () async throws(RawPeerError) -> RawFrame in try await peer.next() }
            #expect(await peer.close(within: .milliseconds(100)) == false)
            await #expect(throws: RawPeerError.self) { _ = try await waiting.value }
            #expect(await peer.close() == false)
            await peer.ended()
        }
    }

    @Test(.timeLimit(.minutes(1))) func ofAFloodOfFramesOnlySoMuchIsKept() async throws {
        var bytes = try Self.greeting()
        let count = 20_000
        for tag in 1...count {
            try bytes.writeFrame(channel: 1, .basicAck(BasicAck(deliveryTag: UInt64(tag))))
        }
        try await Self.withServer(saying: bytes) { configuration in
            let peer = try await RawPeer.connect(configuration)
            // Nobody asks for them for a while; then they come, each once and in order.
            try await Task.sleep(for: .milliseconds(100))
            #expect(try await peer.onLoop { $0.kept } < 10_000)
            for tag in 1...count {
                let ack: BasicAck = try await peer.expect("basic.ack") {
                    if case .basicAck(let ack) = $0 { ack } else { nil }
                }
                guard ack.deliveryTag == UInt64(tag) else {
                    Issue.record("\(ack.deliveryTag) in place of \(tag)")
                    break
                }
            }
            await peer.end()
        }
    }
}

private final class Speaker: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let bytes: ByteBuffer
    private let ends: Bool

    init(_ bytes: ByteBuffer, ends: Bool) {
        self.bytes = bytes
        self.ends = ends
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        let ends = self.ends
        channel.writeAndFlush(bytes).whenComplete { _ in
            if ends { channel.close(promise: nil) }
        }
    }
}
