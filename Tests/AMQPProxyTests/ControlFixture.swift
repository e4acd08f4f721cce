import Faults
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

@testable import AMQPProxy

/// A control API before no broker, and sockets that say to it what they like.
struct ControlFixture: Sendable {
    let controller: ProxyController
    let port: Int

    static func with(
        capacity: Int = 20_000, patience: TimeAmount = .seconds(30), _ body: (ControlFixture) async throws -> Void
    ) async throws {
        let server = try await ProxyServer.start(
            ProxyConfiguration(listen: ("127.0.0.1", 0), upstream: ("127.0.0.1", 1)))
        let controller = ProxyController(server, ledger: Ledger(capacity: capacity))
        let ledger = Task { await controller.run() }
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        var control = try ControlAPI(controller, host: "127.0.0.1", port: 0)
        control.patience = patience
        let api = control
        let serving = Task { try await api.run { continuation.yield($0) } }
        var port = 0
        for await found in ports {
            port = found
            break
        }
        var failure: (any Error)?
        do { try await body(ControlFixture(controller: controller, port: port)) } catch { failure = error }
        await controller.close()
        serving.cancel()
        _ = try? await serving.value
        await ledger.value
        if let failure { throw failure }
    }

    /// An answer as it came.
    struct Answer: Sendable {
        var status: Int
        var head: String
        var body: String
        var isClosed: Bool
    }

    /// Sends bytes, and reads one answer, or what there is when the connection ends or 5 s are over.
    func send(_ bytes: some Sequence<UInt8>) async throws -> Answer {
        let collector = AnswerCollector()
        let channel = try await socket(collector)
        try? await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
        let timer = channel.eventLoop.scheduleTask(in: .seconds(5)) { channel.close(promise: nil) }
        let answer = await collector.answer()
        timer.cancel()
        try? await channel.close().get()
        return answer
    }

    func send(_ text: String) async throws -> Answer { try await send(text.utf8) }

    func request(_ method: String, _ path: String, _ body: String? = nil) async throws -> Answer {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        return try await send(text + "\r\n" + (body ?? ""))
    }

    /// A connection that sends a request, so many times, and reads nothing.
    func unread(_ path: String, times: Int = 1) async throws -> any Channel {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false)
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(string: Self.get(path, times: times))).get()
        return channel
    }

    /// A connection that sends a request and reads all that comes.
    func reading(_ path: String) async throws -> (channel: any Channel, collector: AnswerCollector) {
        let collector = AnswerCollector()
        let channel = try await socket(collector)
        try await channel.writeAndFlush(ByteBuffer(string: Self.get(path, times: 1))).get()
        return (channel, collector)
    }

    private static func get(_ path: String, times: Int) -> String {
        String(repeating: "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n", count: times)
    }

    private func socket(_ collector: AnswerCollector) async throws -> any Channel {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in channel.pipeline.addHandler(CollectingHandler(collector)) }
            .connect(host: "127.0.0.1", port: port).get()
    }
}

/// What one connection got.
final class AnswerCollector: Sendable {
    private struct State {
        var bytes = ByteBuffer()
        var isClosed = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = NIOLockedValueBox(State())

    func take(_ bytes: ByteBuffer) {
        let waiter = state.withLockedValue { state -> CheckedContinuation<Void, Never>? in
            state.bytes.writeImmutableBuffer(bytes)
            guard Self.isWhole(state.bytes) else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    var isClosed: Bool { state.withLockedValue { $0.isClosed } }

    func close() {
        let waiter = state.withLockedValue { state -> CheckedContinuation<Void, Never>? in
            state.isClosed = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    func answer() async -> ControlFixture.Answer {
        await withCheckedContinuation { continuation in
            let isDone = state.withLockedValue { state in
                guard !state.isClosed, !Self.isWhole(state.bytes) else { return true }
                state.waiter = continuation
                return false
            }
            if isDone { continuation.resume() }
        }
        let (bytes, isClosed) = state.withLockedValue { ($0.bytes, $0.isClosed) }
        let text = String(buffer: bytes)
        let parts = text.utf8.split(separator: 0x0D, maxSplits: 1).first.map { String(Substring($0)) } ?? ""
        let status = parts.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let end = text.range(of: "\r\n\r\n")
        return ControlFixture.Answer(
            status: status, head: end.map { String(text[..<$0.lowerBound]) } ?? text,
            body: end.map { String(text[$0.upperBound...]) } ?? "", isClosed: isClosed)
    }

    /// Whether a head and so much of a body as it promises are there.
    private static func isWhole(_ bytes: ByteBuffer) -> Bool {
        let text = String(buffer: bytes)
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        let length = text[..<end.lowerBound].lowercased().components(of: "content-length: ").flatMap { Int($0) }
        return length.map { text[end.upperBound...].utf8.count >= $0 } ?? false
    }
}

extension String {
    /// What stands behind a header's name, up to the end of its line.
    fileprivate func components(of name: String) -> String? {
        range(of: name).map { self[$0.upperBound...].prefix { !$0.isNewline } }.map(String.init)
    }

    fileprivate func range(of text: String) -> Range<Index>? { firstRange(of: text) }
}

private final class CollectingHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let collector: AnswerCollector

    init(_ collector: AnswerCollector) { self.collector = collector }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { collector.take(unwrapInboundIn(data)) }
    func channelInactive(context: ChannelHandlerContext) { collector.close() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
