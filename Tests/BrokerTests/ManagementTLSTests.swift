import BrokerSupport
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import RabbitMQManagement
import Testing

@testable import rabbittop

/// Certificates and keys that do not fit, over HTTP and in the program's settings. No broker is needed.
@Suite struct ManagementTLSTests {
    /// Speaks TLS with this certificate, and answers nothing.
    private func serving(
        _ pair: TestCertificates.Pair, _ body: (Int) async throws -> Void
    ) async throws {
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(pair.certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: pair.key, format: .pem))))
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(server.localAddress?.port ?? 0)
        } catch {
            try await server.close()
            throw error
        }
        try await server.close()
    }

    private func overview(
        _ host: String, _ port: Int, _ tls: ManagementConfiguration.TLS
    ) async throws -> ManagementError? {
        let client = try ManagementClient(
            configuration: .init(
                address: ManagementAddress(host: host, port: port, isTLS: true), password: "s3cret", tls: tls,
                timeout: .seconds(5)))
        let error = await #expect(throws: ManagementError.self) { try await client.overview() }
        await client.shutdown()
        return error
    }

    @Test(
        "A certificate for another host: the host is named, and what the certificate is for",
        arguments: ["127.0.0.1", "localhost"])
    func otherHost(_ host: String) async throws {
        let certificates = try await TestCertificates()
        let pair = try await certificates.server("DNS:rabbit.test,DNS:*.rabbit.test,IP:10.0.0.7,IP:fd00::7")
        try await serving(pair) { port in
            let tls = ManagementConfiguration.TLS(certificateAuthorityFile: certificates.authority.certificate)
            let error = try await overview(host, port, tls)
            #expect(
                error?.code == .otherHost(host, names: ["rabbit.test", "*.rabbit.test", "10.0.0.7", "fd00::7"]),
                "\(String(describing: error))")
            #expect(
                error?.whatHappened.hasSuffix(
                    "is not for \(host); it is for rabbit.test, *.rabbit.test, 10.0.0.7, fd00::7.") == true)
            let told = try #require(error.map { rabbittop.CommandError($0) })
            #expect(told.exitCode == 69 && told.description.contains("rabbit.test"))
        }
    }

    @Test("An authority that did not sign the certificate is a failure of TLS")
    func stranger() async throws {
        let certificates = try await TestCertificates()
        try await serving(try await certificates.server("IP:127.0.0.1")) { port in
            let tls = ManagementConfiguration.TLS(certificateAuthorityFile: certificates.stranger.certificate)
            let error = try await overview("127.0.0.1", port, tls)
            guard case .tlsFailed(let reason)? = error?.code else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.contains("certificate verify failed"))
        }
    }

    @Test("Files that cannot be used are named, and the settings are to blame")
    func files() async throws {
        let certificates = try await TestCertificates()
        let one = try await certificates.client("one")
        let two = try await certificates.client("two")
        let cases: [(ca: String?, certificate: String?, key: String?, named: [String])] = [
            (nil, one.certificate, two.key, [one.certificate, two.key]), (one.key, nil, nil, [one.key]),
            ("/dev/null", nil, nil, ["/dev/null"]), (nil, one.certificate, one.certificate, [one.certificate]),
            (nil, one.key, one.key, [one.key]), (nil, one.certificate, "/dev/null", ["/dev/null"]),
        ]
        for (ca, certificate, key, named) in cases {
            let tls = ManagementConfiguration.TLS(
                certificateAuthorityFile: ca, certificateFile: certificate, privateKeyFile: key)
            let error = #expect(throws: ManagementError.self) {
                try ManagementClient(configuration: .init(address: ManagementAddress(isTLS: true), tls: tls))
            }
            guard case .badSettings(let reason, let advice)? = error?.code else {
                Issue.record("\(String(describing: error))")
                continue
            }
            for path in named { #expect(reason.contains(path), "\(reason)") }
            #expect(!advice.isEmpty)
            #expect(error.map { rabbittop.CommandError($0).exitCode } == 2)

            var settings = Settings()
            settings.usesTLS = true
            settings.caFile = ca
            settings.certificateFile = certificate
            settings.keyFile = key
            #expect { try settings.checkTLSFiles() } throws: { error in
                error is SettingsError && named.allSatisfy { "\(error)".contains($0) }
            }
            settings.usesTLS = false
            try settings.checkTLSFiles()
        }
        var settings = Settings()
        settings.usesTLS = true
        (settings.certificateFile, settings.keyFile) = (one.certificate, one.key)
        settings.caFile = certificates.authority.certificate
        try settings.checkTLSFiles()
    }

    @Test("The files that an AMQP URI names are looked at, too")
    func uri() async throws {
        let certificates = try await TestCertificates()
        let one = try await certificates.client("one")
        let two = try await certificates.client("two")
        var settings = Settings()
        settings.amqp = try AMQPAddress(
            "amqps://h?certfile=\(one.certificate)&keyfile=\(two.key)", mention: "--amqp-uri")
        #expect { try settings.checkTLSFiles() } throws: {
            "\($0)".contains(one.certificate) && "\($0)".contains(two.key)
        }
    }
}
