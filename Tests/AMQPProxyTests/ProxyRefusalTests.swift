import AMQPWire
import Faults
import NIOCore
import NIOPosix
import Testing

@testable import AMQPProxy

@Suite("A proxy whose broker turns out to be another machine's")
struct ProxyRefusalTests {
    /// Greets whoever sends something, as the first node of a cluster.
    private final class Greeter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        let cluster: String

        init(cluster: String) {
            self.cluster = cluster
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let start = ConnectionStart(serverProperties: ["cluster_name": .string(cluster)])
            context.writeAndFlush(wrapOutboundOut(.frame(0, .connectionStart(start))), promise: nil)
        }
    }

    private func faults(after cluster: String) async throws -> (records: [FaultRecord], refusal: FaultError?) {
        let group = MultiThreadedEventLoopGroup.singleton
        let broker = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Greeter(cluster: cluster))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        var configuration = ProxyConfiguration(
            listen: ("127.0.0.1", 0), upstream: ("127.0.0.1", broker.localAddress?.port ?? 0))
        configuration.refusal = { name in
            name == "rabbit@here" ? nil : FaultError("it is \(name ?? "?")", advice: "", kind: .notPermitted)
        }
        let controller = ProxyController(try await ProxyServer.start(configuration))
        let run = Task { await controller.run() }
        try await controller.registry.inject(Fault("latency", for: 600))
        let (greeted, continuation) = AsyncStream.makeStream(of: Void.self)
        let client = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Hearing(continuation))
                }
            }.connect(host: "127.0.0.1", port: controller.server.port).get()
        try await client.writeAndFlush(Session.header)
        for await _ in greeted { break }
        // What is undone is undone beside.
        if cluster != "rabbit@here" {
            while await !controller.registry.inForce.isEmpty { await Task.yield() }
        }
        let records = await controller.registry.records
        let refusal: FaultError?
        do throws(FaultError) {
            try await controller.registry.inject(Fault("latency", for: 600))
            refusal = nil
        } catch {
            refusal = error
        }
        try await client.close()
        await controller.close()
        await run.value
        try await broker.close()
        return (records, refusal)
    }

    private final class Hearing: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let heard: AsyncStream<Void>.Continuation

        init(_ heard: AsyncStream<Void>.Continuation) {
            self.heard = heard
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { heard.yield() }
    }

    @Test("Its greeting undoes what is in force, and no fault is taken any more")
    func elsewhere() async throws {
        let (records, refusal) = try await faults(after: "rabbit@web-7")
        #expect(records.map(\.state) == [.undone])
        #expect(refusal?.problem == "it is rabbit@web-7" && refusal?.kind == .notPermitted)
    }

    @Test("A fault that was let through before the greeting is refused as it is carried out")
    func inBetween() async throws {
        var configuration = ProxyConfiguration(listen: ("127.0.0.1", 0), upstream: ("127.0.0.1", 1))
        configuration.refusal = { _ in FaultError("it is another's", advice: "", kind: .notPermitted) }
        let server = try await ProxyServer.start(configuration)
        let fault = try #require(ProxyFault(try FaultCatalogue.order(Fault("latency")), id: 1))
        #expect(server.isForbidden(afterGreetingOf: "rabbit@web-7"))
        let added = await #expect(throws: FaultError.self) { try await server.add(fault) }
        #expect(added?.kind == .notPermitted && server.faults.isEmpty)
        let struck = await #expect(throws: FaultError.self) {
            try await server.strikeEach(FaultAim(FaultSelector())) { $0.id }
        }
        #expect(struck?.kind == .notPermitted)
        await server.stop()
    }

    @Test("One that faults may strike keeps them")
    func here() async throws {
        let (records, refusal) = try await faults(after: "rabbit@here")
        #expect(records.map(\.state) == [.inForce] && refusal == nil)
    }
}
