import NIOCore
import NIOPosix
import NIOSSL

extension ManagementClient {
    /// Returns the names in a server's certificate. Uses a TLS handshake of its own in which nothing is sent. Empty if
    /// the certificate cannot be obtained.
    func certificateNames(of address: ManagementAddress) async -> [String] {
        if let names = state.withLock({ $0.certificateNames[address] }) { return names }
        let names = await CertificateNames.of(address, on: http.eventLoopGroup)
        state.withLock { $0.certificateNames[address] = names }
        return names
    }
}

/// Reads a server's certificate without trusting it.
enum CertificateNames {
    /// The maximum number of names in a message; more would fill a screen.
    private static let most = 8
    private static let patience = TimeAmount.seconds(2)

    static func of(_ address: ManagementAddress, on group: any EventLoopGroup) async -> [String] {
        guard let context = try? NIOSSLContext(configuration: .makeClientConfiguration()) else { return [] }
        let isName = (try? SocketAddress(ipAddress: address.host, port: 0)) == nil
        let found = group.next().makePromise(of: [String].self)
        let bootstrap = ClientBootstrap(group: found.futureResult.eventLoop).connectTimeout(patience)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let tls = try NIOSSLClientHandler(
                        context: context, serverHostname: isName ? address.host : nil,
                        customVerificationCallback: { certificates, verified in
                            found.succeed(certificates.first.map { Array($0.names.prefix(most)) } ?? [])
                            // The certificate is accepted, but nothing is sent. Refusing it would leave an entry in the
                            // broker's log.
                            verified.succeed(.certificateVerified)
                        })
                    try channel.pipeline.syncOperations.addHandler(tls)
                    try channel.pipeline.syncOperations.addHandler(EndOfHandshake(found))
                }
            }
        let channel = try? await bootstrap.connect(host: address.host, port: address.port).get()
        if channel == nil { found.succeed([]) }
        let limit = found.futureResult.eventLoop.scheduleTask(in: patience) { found.succeed([]) }
        let names = (try? await found.futureResult.get()) ?? []
        limit.cancel()
        channel?.close(promise: nil)
        return names
    }

    /// Ends the wait when the handshake fails or the connection closes without a certificate.
    private final class EndOfHandshake: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let found: EventLoopPromise<[String]>

        init(_ found: EventLoopPromise<[String]>) {
            self.found = found
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            found.succeed([])
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            found.succeed([])
            context.fireChannelInactive()
        }
    }
}

extension NIOSSLCertificate {
    /// The host names and addresses in the certificate.
    fileprivate var names: [String] {
        _subjectAlternativeNames().compactMap { name in
            let bytes = Array(name.contents)
            switch name.nameType {
            case .dnsName: return BrokerText.harmless(String(decoding: bytes, as: UTF8.self), limit: 100)
            case .ipAddress:
                return (try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: 0))?.ipAddress
            default: return nil
            }
        }
    }
}
