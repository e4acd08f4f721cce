import NIOCore
import NIOPosix
import NIOSSL

/// How to speak TLS with the broker.
public struct TLSSettings: Sendable, Hashable {
    /// A PEM file of the authorities to trust; nil trusts the system's.
    public var certificateAuthorityFile: String?
    /// A PEM file with this client's certificate chain; nil presents none.
    public var clientCertificateFile: String?
    /// A PEM file with the key of `clientCertificateFile`.
    public var clientKeyFile: String?
    /// Whether the peer's certificate and name are checked. False accepts anybody: for experiments only.
    public var verifiesPeer: Bool
    /// The name to ask for (SNI) and to check; nil takes each endpoint's host. A certificate for the address that was
    /// connected to is accepted too.
    public var serverName: String?

    public init(
        certificateAuthorityFile: String? = nil,
        clientCertificateFile: String? = nil,
        clientKeyFile: String? = nil,
        verifiesPeer: Bool = true,
        serverName: String? = nil
    ) {
        self.certificateAuthorityFile = certificateAuthorityFile
        self.clientCertificateFile = clientCertificateFile
        self.clientKeyFile = clientKeyFile
        self.verifiesPeer = verifiesPeer
        self.serverName = serverName
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

extension ConnectionConfiguration {
    /// The name to ask for and to check. An address is none: it is checked against the certificate's addresses.
    func tlsServerName(for endpoint: Endpoint) -> String? {
        let name = tls?.serverName ?? endpoint.host
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
