import NIOCore
import NIOPosix
import Testing

@testable import RabbitMQClient

@Suite struct TLSSettingsTests {
    @Test func anEndpointsHostIsTheNameUnlessAnotherIsGiven() {
        var configuration = ConnectionConfiguration(tls: TLSSettings())
        let named = Endpoint(host: "rabbit.example", port: 5671)
        #expect(configuration.tlsServerName(for: named) == "rabbit.example")
        #expect(configuration.tlsServerName(for: Endpoint(host: "127.0.0.1", port: 5671)) == nil)
        #expect(configuration.tlsServerName(for: Endpoint(host: "::1", port: 5671)) == nil)
        configuration.tls?.serverName = "other.example"
        #expect(configuration.tlsServerName(for: named) == "other.example")
        configuration.tls?.checksServerName = false
        #expect(configuration.tlsServerName(for: named) == nil)
    }

    @Test(
        arguments: [
            (TLSSettings(certificateAuthorityFile: "/nowhere/ca.pem"), "/nowhere/ca.pem"),
            (TLSSettings(certificateAuthorityFile: "/dev/null"), "/dev/null"),
            (TLSSettings(clientCertificateFile: "/nowhere/c.pem"), "/nowhere/c.pem"),
            (TLSSettings(clientKeyFile: "/nowhere/k.pem"), "certificate"),
        ] as [(TLSSettings, String)])
    func aFileThatCannotBeUsedIsNamed(settings: TLSSettings, mention: String) {
        let error = #expect(throws: ClientError.self) { _ = try settings.makeContext() }
        #expect(error?.code == .tlsFailed)
        #expect(error?.message.contains(mention) == true)
    }

    /// A socket that ends in the TLS handshake is a broker that goes down or comes up: it is worth another try.
    @Test func anEndInTheHandshakeIsNotPermanent() async throws {
        let error = try await error(from: ByteBuffer())
        #expect(error?.code == .closedDuringHandshake)
        #expect(error?.isPermanent == false)
        #expect(error?.message.contains("NIOSSL") == false)
    }

    /// What a broker's plain port says to the first bytes of TLS.
    @Test func aPortThatSpeaksNoTLSIsPermanent() async throws {
        let error = try await error(from: ByteBuffer(bytes: Array("AMQP\0\0\u{9}\u{1}".utf8)))
        #expect(error?.code == .tlsFailed)
        #expect(error?.isPermanent == true)
        #expect(error?.message.contains("the port does not speak TLS") == true)
    }

    /// Connects with TLS to a peer that answers the first bytes with these, and closes.
    private func error(from answer: ByteBuffer) async throws -> ClientError? {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(OneAnswer(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let configuration = ConnectionConfiguration(
            port: server.localAddress?.port ?? 0, tls: TLSSettings(verifiesPeer: false), recovery: .off)
        let error = await clientError {
            _ = try await Connection.connect(configuration, on: MultiThreadedEventLoopGroup.singleton)
        }
        try await server.close().get()
        return error
    }
}

private final class OneAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: ByteBuffer

    init(_ answer: ByteBuffer) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        context.close(promise: nil)
    }
}
