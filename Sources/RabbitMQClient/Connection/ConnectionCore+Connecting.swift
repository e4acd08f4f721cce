import AMQPWire
import Logging
import NIOCore
import NIOPosix
import NIOSSL

extension ConnectionCore {
    /// Connects, and returns once the connection is open.
    static func connect(
        _ configuration: ConnectionConfiguration,
        on group: any EventLoopGroup,
        logger: Logger,
        registry: ClientRegistry?
    ) async throws(ClientError) -> ConnectionCore {
        try configuration.validate()
        let endpoint = Endpoint(host: configuration.host, port: configuration.port)
        let deadline = NIODeadline.now() + TimeAmount(configuration.connectTimeout)
        let tls = try await configuration.makeTLSContext()
        let core = ConnectionCore(configuration, eventLoop: group.any(), logger: logger, registry: registry)
        registry?.add(core)
        let bootstrap = ClientBootstrap(group: core.eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: .init(low: 1 << 18, high: 1 << 20))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let name = configuration.tlsServerName(for: endpoint)
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: name)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    let handler = ConnectionHandler(core, handshakeDeadline: deadline)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        do {
            _ = try await bootstrap.connect(host: endpoint.host, port: endpoint.port).get()
        } catch {
            registry?.remove(core.id, last: nil)
            throw ClientError.connecting(to: endpoint, failed: error)
        }
        try await core.awaitOpen()
        return core
    }
}

extension SocketAddress {
    /// `address:port`, as the broker writes it.
    var text: String? {
        guard let ipAddress, let port else { return nil }
        return "\(ipAddress):\(port)"
    }
}

extension TimeAmount {
    static func / (amount: TimeAmount, divisor: Int64) -> TimeAmount { .nanoseconds(amount.nanoseconds / divisor) }
}
