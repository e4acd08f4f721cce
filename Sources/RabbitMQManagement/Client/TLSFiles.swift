import NIOCore
import NIOSSL

/// Creates TLS settings from the configuration's files; an error names the file and what is wrong with it.
struct TLSFiles {
    private let files: ManagementConfiguration.TLS
    private let address: String

    init(_ configuration: ManagementConfiguration) {
        files = configuration.tls
        address = configuration.address.description
    }

    func settings() throws(ManagementError) -> TLSConfiguration {
        var result = TLSConfiguration.makeClientConfiguration()
        if files.isInsecure { result.certificateVerification = .none }
        if let path = files.certificateAuthorityFile { result.trustRoots = .certificates(try certificates(path)) }
        if let path = files.certificateFile {
            result.certificateChain = try certificates(path).map { .certificate($0) }
        }
        if let path = files.privateKeyFile {
            do {
                result.privateKey = .privateKey(try NIOSSLPrivateKey(file: path, format: .pem))
            } catch {
                throw bad("\(path) holds no private key that can be read", "Name a PEM file with a key, not encrypted.")
            }
        }
        guard let certificate = files.certificateFile, let key = files.privateKeyFile else { return result }
        do {
            _ = try NIOSSLContext(configuration: result)
        } catch {
            throw bad(
                "the key in \(key) does not belong to the certificate in \(certificate)",
                "Name the certificate and the key that were made for each other.")
        }
        return result
    }

    private func certificates(_ path: String) throws(ManagementError) -> [NIOSSLCertificate] {
        let found: [NIOSSLCertificate]
        do {
            found = try NIOSSLCertificate.fromPEMFile(path)
        } catch {
            throw bad(
                error is IOError
                    ? "the file \(path) cannot be opened" : "\(path) holds no certificate that can be read",
                "Name a PEM file with certificates, and check its permissions.")
        }
        guard !found.isEmpty else { throw bad("\(path) holds no certificate", "Name a PEM file with certificates.") }
        return found
    }

    private func bad(_ reason: String, _ advice: String) -> ManagementError {
        ManagementError(.badSettings(reason: reason, advice: advice), request: "TLS settings", address: address)
    }
}
