import AMQPProxy
import BrokerSupport
import NIOCore
import NIOPosix
import RabbitMQClient
import Testing

/// A proxy before a broker.
struct ProxyFixture: Sendable {
    let broker: TestBroker
    let proxy: ProxyServer

    init(_ broker: TestBroker, _ configuration: ProxyConfiguration? = nil) async throws {
        self.broker = broker
        proxy = try await ProxyServer.start(
            configuration
                ?? ProxyConfiguration(listen: ("127.0.0.1", 0), upstream: ("127.0.0.1", broker.amqpPort)))
    }

    /// Runs the body with a proxy, and ends it.
    static func with(
        _ broker: TestBroker, _ configuration: ProxyConfiguration? = nil, _ body: (ProxyFixture) async throws -> Void
    ) async throws {
        let fixture = try await ProxyFixture(broker, configuration)
        do {
            try await body(fixture)
        } catch {
            await fixture.proxy.stop()
            throw error
        }
        await fixture.proxy.stop()
    }

    /// How this library's client reaches the broker through the proxy.
    func configuration(_ change: (inout ConnectionConfiguration) -> Void = { _ in }) -> ConnectionConfiguration {
        broker.configuration {
            $0.port = proxy.port
            change(&$0)
        }
    }

    /// The error of a connect through the proxy; nil when it works.
    func connectError() async -> ClientError? {
        await clientError { try await Connection.withConnection(configuration()) { _ in } }
    }

    /// A socket to the proxy that says nothing.
    func rawSocket() async throws -> any NIOCore.Channel {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: proxy.port).get()
    }

    /// Waits for a session of which the condition holds.
    func session(_ what: String, where condition: (SessionReport) -> Bool) async throws -> SessionReport {
        var found: SessionReport?
        let isThere = await eventually {
            found = await proxy.sessions().first(where: condition)
            return found != nil
        }
        let sessions = await proxy.sessions()
        return try #require(isThere ? found : nil, "no session with \(what) among \(sessions)")
    }

    /// Waits until all sessions have ended.
    func noSessions() async throws {
        let isEmpty = await eventually { await proxy.sessions().isEmpty }
        #expect(isEmpty)
    }

    /// The name by which the broker lists the connection of the client that calls itself so.
    func brokerConnection(named name: String) async throws -> String {
        var found: String?
        _ = try await eventually {
            let rows = try await broker.management("GET", "connections").json as? [[String: Any]] ?? []
            found =
                rows.first {
                    ($0["client_properties"] as? [String: Any])?["connection_name"] as? String == name
                }?["name"] as? String
            return found != nil
        }
        return try #require(found)
    }

    func brokerHasChannel(_ number: UInt16, of session: SessionReport) async throws -> Bool {
        let names = try await broker.node.evaluate(
            "[N || P <- rabbit_channel:list(), [{name, N}] <- [rabbit_channel:info(P, [name])]].")
        return names.contains("\(session.connection ?? "") (\(number))")
    }
}
