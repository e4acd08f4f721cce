import AMQPProxy
import BrokerMonitor
import BrokerSupport
import Faults
import Foundation
import LocalBroker
import NIOCore
import NIOSSL
import RabbitMQClient
import RabbitMQManagement
import Testing

@testable import rabbittop

/// TLS on either side of the proxy, and under a fault's own connections.
@Suite struct ProxyTLSTests {
    @Test(.timeLimit(.minutes(4))) func eitherSideSpeaksTLSOrNot() async throws {
        try await withBroker { broker, files in
            for (clientTLS, brokerTLS) in [(false, true), (true, false), (true, true)] {
                var proxy = ProxyConfiguration(
                    listen: ("127.0.0.1", 0),
                    upstream: ("127.0.0.1", brokerTLS ? broker.node.ports.amqps : broker.amqpPort))
                if clientTLS { proxy.listenTLS = try server(files) }
                if brokerTLS { proxy.upstreamTLS = try client(files) }
                try await ProxyFixture.with(broker, proxy) { fixture in
                    let name = uniqueName("tls")
                    let configuration = fixture.configuration {
                        $0.connectionName = name
                        $0.recovery = .off
                        if clientTLS { $0.tls = TLSSettings(certificateAuthorityFile: files.authority.path) }
                    }
                    let connection = try await Connection.connect(configuration)
                    let channel = try await connection.openChannel()
                    let queue = try await channel.declareQueue(exclusive: true).name
                    // More than one TLS record, and than one frame.
                    let body = ByteBuffer(repeating: 7, count: 300_000)
                    try await channel.publish(body, routingKey: queue)
                    let got = try await channel.get(queue)
                    #expect(got?.delivery.body == body)
                    // It sees the frames within.
                    let session = try await fixture.session(name) { $0.identity.clientName == Name(name) }
                    #expect(session.channels.map(\.id) == [channel.number])
                    #expect(await fixture.proxy.closeChannel(1, of: session.id, .init(code: 404, text: "gone")))
                    let error = await clientError { _ = try await channel.get(queue) }
                    #expect(error?.closeReason?.code == 404)
                    await connection.close()
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(4))) func aBrokerThatIsNotTrustedIsNotConnectedTo() async throws {
        try await withBroker { broker, files in
            var proxy = ProxyConfiguration(listen: ("127.0.0.1", 0), upstream: ("127.0.0.1", broker.node.ports.amqps))
            // The system's authorities know nothing of a private broker's.
            proxy.upstreamTLS = try NIOSSLContext(configuration: .makeClientConfiguration())
            try await ProxyFixture.with(broker, proxy) { fixture in
                #expect(await fixture.connectError() != nil)
            }
            var amqp = ConnectionConfiguration(host: "127.0.0.1", port: broker.node.ports.amqps)
            amqp.tls = TLSSettings(certificateAuthorityFile: files.authority.path)
            let link = BrokerConfiguration(
                management: .init(address: .init(host: "127.0.0.1", port: broker.node.ports.management)), amqp: amqp)
            let order = try FaultCatalogue.order(Fault("no-route"))
            let injection = try await OwnPeerFaults(link).inject(order)
            #expect(injection.note.contains("312"))
        }
    }

    private func withBroker(_ body: (TestBroker, BrokerNode.TLSFiles) async throws -> Void) async throws {
        try await TestBroker.withRestartable(TestBroker.tls) { broker in
            try await body(broker, try #require(broker.node.tlsFiles))
        }
    }

    private func server(_ files: BrokerNode.TLSFiles) throws -> NIOSSLContext {
        try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(files.serverCertificate.path)
                    .map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: files.serverKey.path, format: .pem))))
    }

    private func client(_ files: BrokerNode.TLSFiles) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(files.authority.path)
        return try NIOSSLContext(configuration: configuration)
    }
}
