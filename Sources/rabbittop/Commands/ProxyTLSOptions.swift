import ArgumentParser
import NIOSSL

/// The TLS options of both sides of the proxy.
struct ProxyTLSOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Speak TLS with applications: the proxy's certificate chain, PEM.", valueName: "file"))
    var listenCertFile: String?
    @Option(help: ArgumentHelp("The key of that certificate, PEM.", valueName: "file")) var listenKeyFile: String?
    @Flag(help: "Speak TLS with the broker.") var upstreamTLS = false
    @Option(help: ArgumentHelp("Certificate authorities for the broker's certificate, PEM.", valueName: "file"))
    var upstreamCACertFile: String?
    @Option(help: ArgumentHelp("A certificate of the proxy's own for the broker, PEM.", valueName: "file"))
    var upstreamCertFile: String?
    @Option(help: ArgumentHelp("The key of that certificate, PEM.", valueName: "file")) var upstreamKeyFile: String?
    @Flag(help: "Do not check the broker's certificate.") var upstreamInsecure = false

    func validate() throws {
        if (listenCertFile == nil) != (listenKeyFile == nil) {
            throw ValidationError("Give --listen-cert-file and --listen-key-file together.")
        }
        if (upstreamCertFile == nil) != (upstreamKeyFile == nil) {
            throw ValidationError("Give --upstream-cert-file and --upstream-key-file together.")
        }
        let needsTLS = upstreamCACertFile != nil || upstreamCertFile != nil || upstreamInsecure
        if needsTLS, !upstreamTLS { throw ValidationError("Options of the broker's TLS need --upstream-tls.") }
    }

    func listenContext() throws -> NIOSSLContext? {
        guard let listenCertFile, let listenKeyFile else { return nil }
        return try context(listenCertFile) {
            TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(listenCertFile).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: listenKeyFile, format: .pem)))
        }
    }

    func upstreamContext() throws -> NIOSSLContext? {
        guard upstreamTLS else { return nil }
        return try context(upstreamCACertFile ?? upstreamCertFile ?? "") {
            var configuration = TLSConfiguration.makeClientConfiguration()
            if let upstreamCACertFile { configuration.trustRoots = .file(upstreamCACertFile) }
            if let upstreamCertFile, let upstreamKeyFile {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(upstreamCertFile)
                    .map { .certificate($0) }
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: upstreamKeyFile, format: .pem))
            }
            if upstreamInsecure { configuration.certificateVerification = .none }
            return configuration
        }
    }

    private func context(_ file: String, _ make: () throws -> TLSConfiguration) throws -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: try make())
        } catch {
            throw CommandError("The TLS files cannot be used (\(file)): \(error)\nCheck that they exist and are PEM.")
        }
    }
}
