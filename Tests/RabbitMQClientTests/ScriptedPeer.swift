import AMQPWire
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

@testable import RabbitMQClient

/// A peer on loopback that does the handshake as a broker does, and anything after it as the test says.
final class ScriptedPeer: Sendable {
    /// What the peer does with a method after the handshake; nil leaves it to the peer: it opens and closes channels.
    typealias Script = @Sendable (_ channel: UInt16, _ method: Method) -> Answer?

    enum Answer: Sendable {
        case bytes(ByteBuffer)
        /// Sends these bytes and resets the connection.
        case bytesAndReset(ByteBuffer)
        case nothing

        static func method(_ channel: UInt16, _ method: Method) -> Answer { .bytes(.frame(channel, method)) }
    }

    enum Greeting: Sendable {
        case handshake
        case silence
        case goodbye
        case bytes(ByteBuffer)
    }

    private struct Seen {
        var methods: [(UInt16, Method)] = []
        var reads: [Int] = []
    }

    private let seen: NIOLockedValueBox<Seen>
    private let server: any NIOCore.Channel

    private init(seen: NIOLockedValueBox<Seen>, server: any NIOCore.Channel) {
        self.seen = seen
        self.server = server
    }

    var port: Int { server.localAddress?.port ?? 0 }
    var methods: [Method] { seen.withLockedValue { $0.methods.map(\.1) } }
    /// How many methods came with each read of the socket.
    var reads: [Int] { seen.withLockedValue { $0.reads } }

    /// The code with which the client closed the connection.
    var closeCode: UInt16? {
        methods.compactMap { if case .connectionClose(let close) = $0 { close.replyCode.rawValue } else { nil } }.first
    }

    static func with<Value>(
        greeting: Greeting = .handshake,
        heartbeat: UInt16 = 0,
        script: @escaping Script = { _, _ in nil },
        _ body: (ScriptedPeer) async throws -> Value
    ) async throws -> Value {
        let seen = NIOLockedValueBox(Seen())
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        PeerHandler(greeting: greeting, heartbeat: heartbeat, script: script) { methods in
                            seen.withLockedValue {
                                $0.methods += methods
                                $0.reads.append(methods.count)
                            }
                        }
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let peer = ScriptedPeer(seen: seen, server: server)
        do {
            let value = try await body(peer)
            try? await server.close().get()
            return value
        } catch {
            try? await server.close().get()
            throw error
        }
    }

    func configuration(_ change: (inout ConnectionConfiguration) -> Void = { _ in }) -> ConnectionConfiguration {
        var configuration = ConnectionConfiguration(
            port: port,
            heartbeat: .zero,
            connectTimeout: .seconds(3),
            operationTimeout: .seconds(3),
            recovery: .off
        )
        change(&configuration)
        return configuration
    }

    func connect(
        registry: ClientRegistry? = nil,
        _ change: (inout ConnectionConfiguration) -> Void = { _ in }
    ) async throws(ClientError) -> Connection {
        try await Connection.connect(
            configuration(change),
            on: MultiThreadedEventLoopGroup.singleton,
            registry: registry
        )
    }
}

extension ByteBuffer {
    static func frame(_ channel: UInt16, _ method: Method) -> ByteBuffer {
        var buffer = ByteBuffer()
        try? buffer.writeFrame(channel: channel, method)
        return buffer
    }

    static func frame(type: UInt8, channel: UInt16, payload: String, end: UInt8 = RawFrame.end) -> ByteBuffer {
        var buffer = ByteBuffer()
        let digits = payload.compactMap(\.hexDigitValue)
        let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
        buffer.writeFrame(type: type, channel: channel, payload: ByteBuffer(bytes: bytes), end: end)
        return buffer
    }

    static func content(_ channel: UInt16, _ method: Method, _ body: String) -> ByteBuffer {
        var buffer = ByteBuffer()
        try? buffer.writeContent(
            channel: channel,
            method,
            properties: BasicProperties(),
            body: ByteBuffer(string: body),
            frameMax: 8192
        )
        return buffer
    }

    static func + (a: ByteBuffer, b: ByteBuffer) -> ByteBuffer {
        var sum = a
        sum.writeImmutableBuffer(b)
        return sum
    }
}

private final class PeerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let greeting: ScriptedPeer.Greeting
    private let heartbeat: UInt16
    private let script: ScriptedPeer.Script
    private let see: ([(UInt16, Method)]) -> Void
    private var header: ByteBuffer? = ByteBuffer()
    private var decoder = FrameDecoder(frameMax: 0)

    init(
        greeting: ScriptedPeer.Greeting,
        heartbeat: UInt16,
        script: @escaping ScriptedPeer.Script,
        see: @escaping ([(UInt16, Method)]) -> Void
    ) {
        self.greeting = greeting
        self.heartbeat = heartbeat
        self.script = script
        self.see = see
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if var start = header {
            start.writeBuffer(&bytes)
            guard let version = try? ProtocolHeader.read(from: &start), version == .amqp091 else {
                header = start
                return
            }
            header = nil
            switch greeting {
            case .handshake:
                let start = ConnectionStart(serverProperties: ["product": "peer"], mechanisms: "PLAIN")
                send(.frame(0, .connectionStart(start)), context)
            case .silence: break
            case .goodbye: context.close(promise: nil)
            case .bytes(let bytes): send(bytes, context)
            }
            return
        }
        decoder.append(bytes)
        var methods: [(UInt16, Method)] = []
        while let frame = try? decoder.next() {
            guard case .method(let channel, let method) = try? frame.parsed() else { continue }
            methods.append((channel, method))
        }
        see(methods)
        for (channel, method) in methods { answer(channel, method, context) }
    }

    private func answer(_ channel: UInt16, _ method: Method, _ context: ChannelHandlerContext) {
        switch script(channel, method) {
        case .bytes(let bytes): return send(bytes, context)
        case .bytesAndReset(let bytes):
            // Closing with SO_LINGER of 0 resets.
            if let options = context.channel as? any SocketOptionProvider {
                _ = options.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            }
            return context.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenComplete { _ in
                context.close(promise: nil)
            }
        case .nothing: return
        case nil: break
        }
        switch method {
        case .connectionStartOk:
            let tune = ConnectionTune(channelMax: 10, frameMax: 8192, heartbeat: heartbeat)
            send(.frame(0, .connectionTune(tune)), context)
        case .connectionOpen: send(.frame(0, .connectionOpenOk), context)
        case .connectionClose: send(.frame(0, .connectionCloseOk), context)
        case .channelOpen: send(.frame(channel, .channelOpenOk), context)
        case .channelClose: send(.frame(channel, .channelCloseOk), context)
        default: break
        }
    }

    private func send(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// The error that `body` throws; nil when it throws none or one of another type.
func clientError(_ body: () async throws -> Void) async -> ClientError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? ClientError
    }
}

/// Waits until `condition` holds. False after 10 s.
func eventually(_ condition: () async -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return false
}
