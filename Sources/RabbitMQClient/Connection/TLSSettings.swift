import NIOCore
import NIOPosix
package import NIOSSL

/// The TLS settings of a connection. Files are read for each connect, so that renewed certificates are used.
public struct TLSSettings: Sendable, Hashable {
    /// A PEM file with the trusted certificate authorities; nil uses those of the system.
    public var certificateAuthorityFile: String?
    /// A PEM file with this client's certificate and its chain; nil presents none.
    public var clientCertificateFile: String?
    /// A PEM file with the private key of `clientCertificateFile`; nil reads the key from that same file.
    public var clientKeyFile: String?
    /// The password of the client's encrypted key; nil for a key that is not encrypted. Never part of a description.
    public var clientKeyPassword: String?
    /// Whether the peer's certificate and name are checked. False accepts any peer: use it for experiments only.
    public var verifiesPeer: Bool
    /// The name to send (SNI) and to check; nil uses each endpoint's host. A certificate for the address that was
    /// connected to is accepted too.
    public var serverName: String?
    /// Whether a name is sent and checked. False omits both: any peer with a certificate of a trusted authority is then
    /// accepted.
    public var checksServerName: Bool

    /// Creates TLS settings.
    public init(
        certificateAuthorityFile: String? = nil,
        clientCertificateFile: String? = nil,
        clientKeyFile: String? = nil,
        clientKeyPassword: String? = nil,
        verifiesPeer: Bool = true,
        serverName: String? = nil,
        checksServerName: Bool = true
    ) {
        self.certificateAuthorityFile = certificateAuthorityFile
        self.clientCertificateFile = clientCertificateFile
        self.clientKeyFile = clientKeyFile
        self.clientKeyPassword = clientKeyPassword
        self.verifiesPeer = verifiesPeer
        self.serverName = serverName
        self.checksServerName = checksServerName
    }
}

extension TLSSettings: CustomReflectable {
    /// A mirror without the key's password, so that `dump` and string interpolation of an enclosing value do not show
    /// it.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "certificateAuthorityFile": certificateAuthorityFile as Any,
                "clientCertificateFile": clientCertificateFile as Any,
                "clientKeyFile": clientKeyFile as Any,
                "verifiesPeer": verifiesPeer,
                "serverName": serverName as Any,
                "checksServerName": checksServerName,
            ])
    }
}

extension TLSSettings: CustomStringConvertible {
    /// The files and checks of the settings, without the key's password.
    public var description: String {
        let parts: [(String, String?)] = [
            ("authorities", certificateAuthorityFile), ("certificate", clientCertificateFile), ("key", clientKeyFile),
            ("server name", checksServerName ? serverName : "not checked"),
            ("peer", verifiesPeer ? nil : "not verified"),
        ]
        let said = parts.compactMap { name, value in value.map { "\(name): \($0)" } }
        return "TLS" + (said.isEmpty ? "" : " (\(said.joined(separator: ", ")))")
    }
}

extension TLSSettings {
    /// Reads and checks the files. Blocks. Throws `.tlsFailed` with the file and what is wrong with it.
    package func makeContext() throws(ClientError) -> NIOSSLContext {
        var settings = NIOSSL.TLSConfiguration.makeClientConfiguration()
        if let certificateAuthorityFile {
            let authorities = try Self.certificates(in: certificateAuthorityFile, "The certificate authorities'")
            settings.trustRoots = .certificates(authorities)
        }
        if let clientCertificateFile {
            let chain = try Self.certificates(in: clientCertificateFile, "The client certificate's")
            settings.certificateChain = chain.map { .certificate($0) }
            settings.privateKey = .privateKey(try clientKey(in: clientKeyFile ?? clientCertificateFile))
        } else if clientKeyFile != nil {
            throw ClientError(
                .tlsFailed, "A client key is given without a certificate.",
                advice: "Set clientCertificateFile (certfile in a URI), too.")
        }
        settings.certificateVerification =
            !verifiesPeer ? .none : checksServerName ? .fullVerification : .noHostnameVerification
        do {
            return try NIOSSLContext(configuration: settings)
        } catch {
            let words = TLSFailure.words(error)
            // Both files were read, but they do not belong together.
            let isMisfit = error as? NIOSSLError == .failedToLoadPrivateKey || words.contains("mismatch")
            guard isMisfit, let certificate = clientCertificateFile else {
                throw ClientError(.tlsFailed, "The TLS settings cannot be used: \(words).")
            }
            throw ClientError(
                .tlsFailed,
                "The key in \(clientKeyFile ?? certificate) does not belong to the certificate in \(certificate).",
                advice: "Check that the client's key belongs to its certificate.")
        }
    }

    private static func certificates(in path: String, _ whose: String) throws(ClientError) -> [NIOSSLCertificate] {
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(path)
        } catch {
            throw unreadable(path, whose, error, "a PEM file with certificates")
        }
        if certificates.isEmpty { throw unreadable(path, whose, nil, "a PEM file with certificates") }
        return certificates
    }

    private func clientKey(in path: String) throws(ClientError) -> NIOSSLPrivateKey {
        do {
            guard let clientKeyPassword else { return try NIOSSLPrivateKey(file: path, format: .pem) }
            return try NIOSSLPrivateKey(file: path, format: .pem) { setter in setter(clientKeyPassword.utf8) }
        } catch {
            throw Self.unreadable(path, "The client key's", error, "a PEM file with the key, and its password right")
        }
    }

    private static func unreadable(
        _ path: String, _ whose: String, _ error: (any Error)?, _ wanted: String
    ) -> ClientError {
        let why = error.map { ": \(TLSFailure.words($0))" } ?? ": there is none in it"
        return ClientError(
            .tlsFailed, "\(whose) file \(path) cannot be used\(why).",
            advice: "Check that it is there, that it can be read, and that it is \(wanted).")
    }
}

extension ConnectionConfiguration {
    /// The name to send and to check; nil for none. An IP address is not sent as a name: it is checked against the
    /// addresses in the certificate.
    func tlsServerName(for endpoint: Endpoint) -> String? {
        if tls?.checksServerName == false { return nil }
        let name = tls?.serverName ?? endpoint.host
        return (try? SocketAddress(ipAddress: name, port: 0)) == nil ? name : nil
    }

    /// Reads the certificate files on a thread that may block.
    func makeTLSContext() async throws(ClientError) -> NIOSSLContext? {
        guard let tls else { return nil }
        do {
            return try await NIOThreadPool.singleton.runIfActive { try tls.makeContext() }
        } catch {
            throw error as? ClientError
                ?? ClientError(.tlsFailed, "The TLS settings cannot be read: \(TLSFailure.words(error)).")
        }
    }
}
