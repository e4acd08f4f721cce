import NIOCore
import RabbitMQManagement
import Synchronization

/// A management API on loopback that answers what the test says, and remembers what it was asked.
package final class APIServer: Sendable {
    package struct Answer: Sendable {
        package var status: Int
        package var body: String

        package init(status: Int = 200, body: String) {
            self.status = status
            self.body = body
        }

        package static func json(_ body: String) -> Answer { Answer(body: body) }
        package static let missing = Answer(status: 404, body: #"{"error":"Object Not Found","reason":"Not Found"}"#)
        /// What RabbitMQ says to a user without access to a vhost.
        package static let noAccess = Answer(
            status: 401, body: #"{"error":"not_authorised","reason":"User not authorised to access virtual host"}"#)
    }

    private final class Log: Sendable {
        let targets = Mutex<[String]>([])
    }

    private let log: Log
    private let port: Int

    private init(log: Log, port: Int) {
        self.log = log
        self.port = port
    }

    /// Path and query of every request so far.
    package var targets: [String] { log.targets.withLock { $0 } }

    package var configuration: ManagementConfiguration {
        ManagementConfiguration(
            address: ManagementAddress(host: "127.0.0.1", port: port), username: "clerk",
            password: "secret")
    }

    package static func with<Value>(
        _ answer: @escaping @Sendable (_ target: String) -> Answer, _ body: (APIServer) async throws -> Value
    ) async throws -> Value {
        let log = Log()
        return try await withLoopbackServer {
            Handler { target in
                log.targets.withLock { $0.append(target) }
                return answer(target)
            }
        } _: { port in
            try await body(APIServer(log: log, port: port))
        }
    }

    /// Requests without a body only.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: (String) -> Answer
        private var text = ""

        init(answer: @escaping (String) -> Answer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            while let end = text.firstRange(of: "\r\n\r\n") {
                let head = text[..<end.lowerBound]
                text = String(text[end.upperBound...])
                let words = head.split(separator: " ", maxSplits: 2)
                let answer = words.count > 1 ? answer(String(words[1])) : .missing
                let reply =
                    "HTTP/1.1 \(answer.status) Answer\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(answer.body.utf8.count)\r\n\r\n\(answer.body)"
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: reply)), promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
