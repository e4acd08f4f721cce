import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// What one end of a connection has heard.
final class Ear: Sendable {
    struct Heard: Equatable {
        var bytes = ByteBuffer()
        var isActive = false
        /// The socket has ended; with a reset when the error says so.
        var hasEnded = false
        var wasReset = false
    }

    private let heard = NIOLockedValueBox(Heard())

    var now: Heard { heard.withLockedValue { $0 } }
    var text: String { String(buffer: now.bytes) }

    func note(_ change: (inout Heard) -> Void) { heard.withLockedValue { change(&$0) } }

    /// Waits until what was heard is such. False after 10 s.
    func hears(_ condition: (Heard) -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if condition(now) { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return false
    }

    func hears(_ text: String) async -> Bool { await hears { String(buffer: $0.bytes) == text } }
}

private final class EarHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let ear: Ear
    private let echoes: Bool

    init(_ ear: Ear, echoes: Bool = false) {
        self.ear = ear
        self.echoes = echoes
    }

    func channelActive(context: ChannelHandlerContext) { ear.note { $0.isActive = true } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        ear.note { $0.bytes.writeImmutableBuffer(bytes) }
        if echoes { context.writeAndFlush(wrapOutboundOut(bytes), promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { ear.note { $0.hasEnded = true } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if (error as? IOError)?.errnoCode == ECONNRESET { ear.note { $0.wasReset = true } }
        context.close(promise: nil)
    }
}

/// A server that keeps what it hears from its latest client, and can answer everything with itself.
final class EchoServer: Sendable {
    let ears = NIOLockedValueBox<[Ear]>([])
    private let clients: NIOLockedValueBox<[any Channel]>
    private let channel: any Channel

    var port: Int { channel.localAddress?.port ?? 0 }
    var latest: Ear { ears.withLockedValue { $0.last } ?? Ear() }

    private init(echoes: Bool) async throws {
        let ears = self.ears
        let clients = NIOLockedValueBox<[any Channel]>([])
        self.clients = clients
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let ear = Ear()
                    ears.withLockedValue { $0.append(ear) }
                    clients.withLockedValue { $0.append(channel) }
                    try channel.pipeline.syncOperations.addHandler(EarHandler(ear, echoes: echoes))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// Ends the sockets of its clients, and goes on listening.
    func dropClients() async {
        for client in clients.withLockedValue({ $0 }) { try? await client.close().get() }
    }

    static func with<Value>(echoes: Bool = true, _ body: (EchoServer) async throws -> Value) async throws -> Value {
        let server = try await EchoServer(echoes: echoes)
        let result: Result<Value, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        await server.dropClients()
        try? await server.channel.close().get()
        return try result.get()
    }
}

/// A client that keeps what it hears.
struct Client: Sendable {
    let ear: Ear
    let channel: any Channel

    static func connect(_ port: Int) async throws -> Client {
        let ear = Ear()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(EarHandler(ear))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return Client(ear: ear, channel: channel)
    }

    func send(_ text: String) { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }
    func close() async { try? await channel.close().get() }
}
