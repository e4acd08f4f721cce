import NIOCore
internal import NIOSSL

/// Texts for errors of the TLS library, without its source files and line numbers.
enum TLSFailure {
    /// Returns the error's text: `CERTIFICATE_VERIFY_FAILED` becomes `certificate verify failed`; an error without such
    /// a name is described as it is.
    static func words(_ error: any Error) -> String {
        if error.isEndDuringTLS { return "the peer closed the socket in the TLS handshake (does the port speak TLS?)" }
        if let error = error as? NIOSSLError {
            switch error {
            case .noSuchFilesystemObject: return "there is no such file"
            case .failedToLoadCertificate: return "no certificate can be read in it"
            case .failedToLoadPrivateKey: return "no key can be read in it"
            case .uncleanShutdown: return "the peer closed the socket without a TLS close_notify"
            default: break
            }
        }
        if let words = notForHost(error) { return words }
        let text = "\(error)"
        let reasons = text.matches(of: /OPENSSL_internal:([A-Z0-9_]+)/).map {
            $0.1.lowercased().replacing("_", with: " ")
        }
        if reasons.isEmpty { return text }
        let hints: [(sign: String, meaning: String)] = [
            ("certificate required", "the broker asks for a client certificate"),
            ("alert unknown ca", "the broker does not trust the client certificate's authority"),
            ("wrong version number", "the port does not speak TLS"),
        ]
        let said = reasons.joined(separator: ", ")
        return hints.first { said.contains($0.sign) }.map { "\(said) (\($0.meaning))" } ?? said
    }
}

extension TLSFailure {
    /// The maximum number of a certificate's names in a message; more would fill a screen.
    private static let mostNames = 8

    /// Returns a text if the broker's certificate is for another host, with the names that it is for; nil for every
    /// other error.
    static func otherHost(_ error: any Error, _ context: ChannelHandlerContext) -> String? {
        guard let words = notForHost(error) else { return nil }
        let certificate = (try? context.pipeline.syncOperations.nioSSL_peerCertificate()) ?? nil
        let names = certificate?.names.prefix(mostNames).joined(separator: ", ") ?? ""
        return names.isEmpty ? words : "\(words), but for \(names)"
    }

    private static func notForHost(_ error: any Error) -> String? {
        guard let error = error as? NIOSSLExtraError, error == .failedToValidateHostname else { return nil }
        guard let name = "\(error)".firstMatch(of: /find (.+) in certificate/)?.1, name != "<none>" else {
            return "the broker's certificate is not for the address that was connected to"
        }
        return "the broker's certificate is not for \(name)"
    }
}

extension NIOSSLCertificate {
    /// The host names and addresses in the certificate. Names are reduced to characters that names can have, whatever
    /// the peer sent.
    fileprivate var names: [String] {
        _subjectAlternativeNames().compactMap { name in
            let bytes = Array(name.contents)
            switch name.nameType {
            case .dnsName:
                let isName = bytes.count <= 253 && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F }
                return isName ? String(decoding: bytes, as: UTF8.self) : nil
            case .ipAddress:
                return (try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: 0))?.ipAddress
            default: return nil
            }
        }
    }
}

extension Error {
    /// Whether it is a TLS failure: bytes, certificate or name were not valid. A socket that only ended is not: the
    /// next attempt may succeed.
    var isTLSFailure: Bool {
        if isEndDuringTLS { return false }
        if let error = self as? NIOSSLError { return error != .uncleanShutdown }
        return self is BoringSSLError || self is NIOSSLExtraError
    }

    /// Whether the socket ended before the TLS handshake was complete.
    fileprivate var isEndDuringTLS: Bool {
        guard case .handshakeFailed(let cause) = self as? NIOSSLError else { return false }
        return [.sslError([.eofDuringHandshake]), .zeroReturn, .syscallError].contains(cause)
    }
}
