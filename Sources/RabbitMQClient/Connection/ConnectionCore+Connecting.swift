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
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: configuration.tlsServerName)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    let handler = ConnectionHandler(core, handshakeDeadline: deadline)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        do {
            _ = try await bootstrap.connect(host: configuration.host, port: configuration.port).get()
        } catch {
            registry?.remove(core.id, last: nil)
            throw ClientError.connecting(to: configuration, failed: error)
        }
        try await core.awaitOpen()
        return core
    }
}

extension ConnectionConfiguration {
    /// Who we are, what we can do, and the credentials (SASL PLAIN, RFC 4616).
    var startOk: Method {
        var properties: FieldTable = [
            "product": "rabbittop RabbitMQClient",
            "platform": "Swift",
        ]
        if let connectionName { properties["connection_name"] = .string(connectionName) }
        for entry in clientProperties { properties[entry.key] = entry.value }
        // Without these the broker stays silent where we need it to speak.
        properties["capabilities"] = [
            "publisher_confirms": true,
            "exchange_exchange_bindings": true,
            "basic.nack": true,
            "consumer_cancel_notify": true,
            "connection.blocked": true,
            "consumer_priorities": true,
            "authentication_failure_close": true,
            "per_consumer_qos": true,
            "direct_reply_to": true,
        ]
        let response = [0] + Array(username.utf8) + [0] + Array(password.utf8)
        return .connectionStartOk(
            ConnectionStartOk(clientProperties: properties, mechanism: "PLAIN", response: response)
        )
    }

    /// What can be known to be wrong before a packet is sent.
    func validate() throws(ClientError) {
        if virtualHost.utf8.count > 255 {
            throw ClientError(.invalidArgument, "The virtual host's name has more than 255 bytes.")
        }
        if !(1...65_535).contains(port) { throw ClientError(.invalidArgument, "Port \(port) does not exist.") }
        var probe = ByteBuffer()
        do throws(WireError) {
            try probe.writeFrame(channel: 0, startOk)
        } catch {
            throw ClientError(.invalidArgument, "The client properties do not fit AMQP: \(error).")
        }
    }

    /// The name to ask for and to check. An address is none: it is checked against the certificate's addresses.
    var tlsServerName: String? {
        let name = tls?.serverName ?? host
        return (try? SocketAddress(ipAddress: name, port: 0)) == nil ? name : nil
    }

    /// Reads the certificate files, on a thread that may block.
    func makeTLSContext() async throws(ClientError) -> NIOSSLContext? {
        guard let tls else { return nil }
        do {
            return try await NIOThreadPool.singleton.runIfActive { try tls.makeContext() }
        } catch {
            throw ClientError(
                .tlsFailed, "The TLS settings cannot be used: \(TLSFailure.words(error)).",
                advice: "Check the certificate files.")
        }
    }
}

extension TLSSettings {
    func makeContext() throws -> NIOSSLContext {
        var settings = NIOSSL.TLSConfiguration.makeClientConfiguration()
        if let certificateAuthorityFile { settings.trustRoots = .file(certificateAuthorityFile) }
        if let clientCertificateFile {
            settings.certificateChain = try NIOSSLCertificate.fromPEMFile(clientCertificateFile).map {
                .certificate($0)
            }
        }
        if let clientKeyFile {
            settings.privateKey = .privateKey(try NIOSSLPrivateKey(file: clientKeyFile, format: .pem))
        }
        settings.certificateVerification = verifiesPeer ? .fullVerification : .none
        return try NIOSSLContext(configuration: settings)
    }
}

extension ClientError {
    static func connecting(to configuration: ConnectionConfiguration, failed error: any Error) -> ClientError {
        let address = "\(configuration.host):\(configuration.port)"
        let attempts = (error as? NIOConnectionError)?.connectionErrors.map(\.error) ?? [error]
        if !attempts.isEmpty, attempts.allSatisfy({ ($0 as? IOError)?.errnoCode == ECONNREFUSED }) {
            return ClientError(.connectionRefused, "Nothing listens at \(address).")
        }
        if error is NIOSSLError || error is BoringSSLError {
            return ClientError(.tlsFailed, "TLS with \(address) failed: \(TLSFailure.words(error)).")
        }
        if let dns = error as? NIOConnectionError, dns.connectionErrors.isEmpty {
            return ClientError(.connectFailed, "The name \(configuration.host) has no address.")
        }
        return ClientError(
            .connectFailed, "\(address) cannot be reached: \(attempts.first.map { "\($0)" } ?? "\(error)").")
    }
}

extension Error {
    /// Whether TLS says so: bytes, certificate or name were not what they should be.
    var isTLSFailure: Bool {
        self is NIOSSLError || self is BoringSSLError || self is NIOSSLExtraError
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
