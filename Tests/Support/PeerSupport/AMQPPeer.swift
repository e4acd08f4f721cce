import AMQPWire
import NIOCore
import RabbitMQClient
import Synchronization

/// A peer on loopback that takes whatever a broker takes, and remembers it.
package final class AMQPPeer: Sendable {
    private final class Log: Sendable {
        let methods = Mutex<[Method]>([])
    }

    private let log: Log
    private let port: Int

    private init(log: Log, port: Int) {
        self.log = log
        self.port = port
    }

    /// What it was told, without the handshake and the closing.
    package var methods: [Method] {
        log.methods.withLock { methods in
            methods.filter { method in
                switch method {
                case .connectionStartOk, .connectionTuneOk, .connectionOpen, .connectionClose, .connectionCloseOk: false
                default: true
                }
            }
        }
    }

    package var configuration: ConnectionConfiguration {
        ConnectionConfiguration(
            port: port, heartbeat: .zero, connectTimeout: .seconds(5),
            operationTimeout: .seconds(5), recovery: .off)
    }

    /// - Parameter answers: what it answers instead of what a broker would, by method; empty for nothing.
    package static func with<Value>(
        cluster: String? = "shop", answers: @escaping @Sendable (Method) -> [Method]? = { _ in nil },
        _ body: (AMQPPeer) async throws -> Value
    ) async throws -> Value {
        let log = Log()
        return try await withLoopbackServer {
            Handler(cluster: cluster, answers: answers) { method in log.methods.withLock { $0.append(method) } }
        } _: { port in
            try await body(AMQPPeer(log: log, port: port))
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let cluster: String?
        private let answers: (Method) -> [Method]?
        private let see: (Method) -> Void
        private var header: ByteBuffer? = ByteBuffer()
        private var decoder = FrameDecoder(frameMax: 0)
        private var published: UInt64 = 0

        init(cluster: String?, answers: @escaping (Method) -> [Method]?, see: @escaping (Method) -> Void) {
            self.cluster = cluster
            self.answers = answers
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
                var properties: FieldTable = ["product": "peer"]
                if let cluster { properties["cluster_name"] = .string(cluster) }
                return send(0, [.connectionStart(ConnectionStart(serverProperties: properties))], context)
            }
            decoder.append(bytes)
            while let frame = try? decoder.next() {
                guard case .method(let channel, let method) = try? frame.parsed() else { continue }
                see(method)
                send(channel, answers(method) ?? usual(method), context)
            }
        }

        private func usual(_ method: Method) -> [Method] {
            switch method {
            case .connectionStartOk: return [.connectionTune(ConnectionTune(channelMax: 10, frameMax: 8192))]
            case .connectionOpen: return [.connectionOpenOk]
            case .connectionClose: return [.connectionCloseOk]
            case .channelOpen: return [.channelOpenOk]
            case .channelClose: return [.channelCloseOk]
            case .confirmSelect: return [.confirmSelectOk]
            case .basicPublish:
                published += 1
                return [.basicAck(BasicAck(deliveryTag: published))]
            case .basicQos: return [.basicQosOk]
            case .basicConsume(let consume): return [.basicConsumeOk(BasicConsumeOk(consumerTag: consume.consumerTag))]
            case .basicCancel(let cancel): return [.basicCancelOk(BasicCancelOk(consumerTag: cancel.consumerTag))]
            case .basicGet: return [.basicGetEmpty]
            case .queueDeclare(let declare): return [.queueDeclareOk(QueueDeclareOk(queue: declare.queue))]
            case .queueBind: return [.queueBindOk]
            case .queuePurge: return [.queuePurgeOk(QueuePurgeOk(messageCount: 3))]
            default: return []
            }
        }

        private func send(_ channel: UInt16, _ methods: [Method], _ context: ChannelHandlerContext) {
            var buffer = ByteBuffer()
            for method in methods { try? buffer.writeFrame(channel: channel, method) }
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
