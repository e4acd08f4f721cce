import Foundation

/// A certificate authority, and certificates for a server on this machine and for a client, made by `openssl`.
struct TLSCertificates: Sendable {
    var files: BrokerNode.TLSFiles

    /// Creates the files; they are valid for ten days from now.
    func make() async throws(BrokerNodeError) {
        let folder = files.authority.deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw BrokerNodeError(.folder, "\(folder.path) cannot be made: \(error.localizedDescription).")
        }
        let authorityKey = folder.appendingPathComponent("ca-key.pem")
        try await request(
            subject: "/CN=rabbittop private broker authority", key: authorityKey, certificate: files.authority,
            extensions: ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"], signedBy: nil)
        try await request(
            subject: "/CN=localhost", key: files.serverKey, certificate: files.serverCertificate,
            extensions: ["subjectAltName=DNS:localhost,IP:127.0.0.1", "extendedKeyUsage=serverAuth"],
            signedBy: authorityKey)
        try await request(
            subject: "/CN=guest", key: files.clientKey, certificate: files.clientCertificate,
            extensions: ["subjectAltName=DNS:guest", "extendedKeyUsage=clientAuth"], signedBy: authorityKey)
    }

    private func request(
        subject: String, key: URL, certificate: URL, extensions: [String], signedBy authorityKey: URL?
    ) async throws(BrokerNodeError) {
        var arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "10",
            "-subj", subject, "-keyout", key.path, "-out", certificate.path,
        ]
        if let authorityKey {
            arguments += ["-CA", files.authority.path, "-CAkey", authorityKey.path]
            arguments += ["-addext", "basicConstraints=critical,CA:FALSE"]
        }
        for value in extensions { arguments += ["-addext", value] }
        let output: CommandOutput
        do {
            output = try await ChildCommand(
                executable: "/usr/bin/openssl", arguments: arguments,
                environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"], directory: "/"
            ).run(deadline: .seconds(30))
        } catch  where error.code == .notStarted {
            throw BrokerNodeError(
                .notStarted, error.message, advice: "Install openssl, which makes the broker's certificates.")
        }
        guard output.succeeded else {
            throw BrokerNodeError(
                .commandFailed, "openssl could not make the certificate for \(subject).",
                advice: "Version 3.0 or later is needed.", output: output.standardError)
        }
    }
}
