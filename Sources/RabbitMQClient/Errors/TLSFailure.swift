import NIOSSL

/// What the TLS library said, without its own source files and numbers.
enum TLSFailure {
    /// `CERTIFICATE_VERIFY_FAILED` becomes `certificate verify failed`; what has no such word is told as it is.
    static func words(_ error: any Error) -> String {
        let text = "\(error)"
        let reasons = text.matches(of: /OPENSSL_internal:([A-Z0-9_]+)/).map {
            $0.1.lowercased().replacing("_", with: " ")
        }
        return reasons.isEmpty ? text : reasons.joined(separator: ", ")
    }
}

extension Error {
    /// Whether TLS says so: bytes, certificate or name were not what they should be.
    var isTLSFailure: Bool {
        self is NIOSSLError || self is BoringSSLError || self is NIOSSLExtraError
    }
}
