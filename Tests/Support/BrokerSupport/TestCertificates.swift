import Foundation
import LocalBroker

/// Certificates for tests of TLS, made by openssl in a temporary folder that goes with the last reference: an authority,
/// what it signed, and another authority that nobody trusts.
public final class TestCertificates: Sendable {
    /// openssl did not do as asked.
    public struct Failed: Error, CustomStringConvertible {
        public var description: String
    }

    /// A certificate and its key, PEM.
    public struct Pair: Sendable {
        public var certificate: String
        public var key: String
    }

    private let folder: URL
    /// Signs what the tests trust.
    public let authority: Pair
    /// Signs what they do not.
    public let stranger: Pair

    public init() async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: uniqueName("rabbittop-certificates"))
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let extensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"]
        authority = try await Self.pair("authority", in: folder, extensions: extensions)
        stranger = try await Self.pair("stranger", in: folder, extensions: extensions)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// A server's certificate that holds for these names, written as openssl has them: `DNS:rabbit.test`.
    public func server(_ alternativeNames: String) async throws -> Pair {
        try await Self.pair(
            "server", in: folder,
            extensions: ["subjectAltName=\(alternativeNames)", "extendedKeyUsage=serverAuth"], signedBy: authority)
    }

    /// A client's certificate with this common name.
    public func client(_ commonName: String, signedBy authority: Pair? = nil) async throws -> Pair {
        try await Self.pair(
            commonName, in: folder, extensions: ["extendedKeyUsage=clientAuth"],
            signedBy: authority ?? self.authority)
    }

    /// The same key, encrypted with a password.
    public func encrypted(_ key: String, password: String) async throws -> String {
        let path = key + ".encrypted"
        try await Self.openssl(["pkey", "-in", key, "-aes256", "-passout", "pass:\(password)", "-out", path])
        return path
    }

    private static func pair(
        _ commonName: String, in folder: URL, extensions: [String], signedBy authority: Pair? = nil
    ) async throws -> Pair {
        let stem = folder.appending(path: uniqueName(commonName)).path
        let pair = Pair(certificate: stem + ".pem", key: stem + "-key.pem")
        var arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=\(commonName)", "-keyout", pair.key, "-out", pair.certificate,
        ]
        if let authority {
            arguments += ["-CA", authority.certificate, "-CAkey", authority.key]
            arguments += ["-addext", "basicConstraints=critical,CA:FALSE"]
        }
        for value in extensions { arguments += ["-addext", value] }
        try await openssl(arguments)
        return pair
    }

    private static func openssl(_ arguments: [String]) async throws {
        let output = try await ChildCommand(
            executable: "/usr/bin/openssl", arguments: arguments,
            environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]
        ).run(deadline: .seconds(60))
        guard output.succeeded else { throw Failed(description: "openssl failed:\n" + output.standardError) }
    }
}
