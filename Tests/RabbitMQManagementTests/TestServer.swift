import NIOCore
import NIOHTTP1
import NIOPosix
import RabbitMQManagement
import Synchronization

/// An HTTP server inside the test's process, which answers what the test says and remembers what it was asked.
final class TestServer: Sendable {
    struct Request: Sendable {
        var method: HTTPMethod
        /// Path and query as they came.
        var target: String
        var headers: HTTPHeaders
        var body: String
    }

    enum Reply: Sendable {
        /// A whole answer with a JSON body.
        case json(String, status: Int = 200, headers: [(String, String)] = [])
        /// A whole answer with any body.
        case content([UInt8], type: String, status: Int = 200, headers: [(String, String)] = [])
        /// Exactly these bytes; the connection is closed after them.
        case bytesAndClose(String)
        /// Exactly these bytes, and then nothing, with the connection open.
        case bytesAndSilence(String)
    }

    let channel: any Channel
    private let log: RequestLog

    var address: ManagementAddress { ManagementAddress(port: channel.localAddress?.port ?? 0) }
    var requests: [Request] { log.requests.withLock { $0 } }
    var targets: [String] { requests.map(\.target) }
    /// How many connections were made.
    var connections: Int { log.connections.withLock { $0 } }

    final class RequestLog: Sendable {
        let requests = Mutex<[Request]>([])
        let connections = Mutex(0)
    }

    private init(channel: any Channel, log: RequestLog) {
        self.channel = channel
        self.log = log
    }

    /// Runs a server for as long as the body runs.
    static func serving<Value>(
        _ answer: @escaping @Sendable (Request) -> Reply, _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        let log = RequestLog()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        ByteToMessageHandler(HTTPRequestDecoder()), RequestHandler(log: log, answer: answer),
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = TestServer(channel: channel, log: log)
        do {
            let value = try await body(server)
            try await channel.close()
            return value
        } catch {
            try? await channel.close()
            throw error
        }
    }

    /// Runs a server and a client for it.
    static func answering<Value>(
        _ answer: @escaping @Sendable (Request) -> Reply,
        configure: (inout ManagementConfiguration) -> Void = { _ in },
        _ body: (ManagementClient, TestServer) async throws -> Value
    ) async throws -> Value {
        try await serving(answer) { server in
            var configuration = ManagementConfiguration(
                address: server.address, username: "watcher", password: "s3cret")
            configure(&configuration)
            let client = try ManagementClient(configuration: configuration)
            do {
                let value = try await body(client, server)
                await client.shutdown()
                return value
            } catch {
                await client.shutdown()
                throw error
            }
        }
    }
}

private final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private let log: TestServer.RequestLog
    private let answer: @Sendable (TestServer.Request) -> TestServer.Reply
    private var request: TestServer.Request?

    init(log: TestServer.RequestLog, answer: @escaping @Sendable (TestServer.Request) -> TestServer.Reply) {
        self.log = log
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        log.connections.withLock { $0 += 1 }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            request = TestServer.Request(method: head.method, target: head.uri, headers: head.headers, body: "")
        case .body(let part):
            request?.body += String(buffer: part)
        case .end:
            guard let request else { return }
            self.request = nil
            log.requests.withLock { $0.append(request) }
            write(answer(request), context: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func write(_ reply: TestServer.Reply, context: ChannelHandlerContext) {
        switch reply {
        case .json(let text, let status, let headers):
            write(
                .content(Array(text.utf8), type: "application/json", status: status, headers: headers), context: context
            )
        case .content(let bytes, let type, let status, let headers):
            var buffer = ByteBuffer(string: "HTTP/1.1 \(status) Status\r\ncontent-length: \(bytes.count)\r\n")
            if !bytes.isEmpty { buffer.writeString("content-type: \(type)\r\n") }
            for (name, value) in headers { buffer.writeString("\(name): \(value)\r\n") }
            buffer.writeString("\r\n")
            buffer.writeBytes(bytes)
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        case .bytesAndClose(let text):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            context.close(promise: nil)
        case .bytesAndSilence(let text):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
    }
}
