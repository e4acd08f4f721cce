import BrokerSupport
import Foundation
import LocalBroker
import Names
import RabbitMQClient
import Testing
import TopCore

/// Where the messages of a queue come from, as brokers tell it.
@Suite(.timeLimit(.minutes(5))) struct LinkIncomingTests {
    /// Publishes to a queue by its name, and through an exchange that leads to the one it is bound to.
    private func publishing(
        _ broker: TestBroker, _ body: (LinkUnderTest, EntityID, Connection) async throws -> Void
    ) async throws {
        let id = EntityID(vhost: "/", name: uniqueName("fed"))
        let (outer, inner) = (uniqueName("outer"), uniqueName("inner"))
        try await withLinkPeer(broker, name: "shop") { peer in
            let channel = try await peer.openChannel()
            _ = try await channel.declareQueue(id.name)
            for exchange in [outer, inner] { try await channel.declareExchange(exchange) }
            try await channel.bindExchange(inner, source: outer, routingKey: "k")
            try await channel.bindQueue(id.name, exchange: inner, routingKey: "k")
            try await channel.publish("a".utf8, routingKey: id.name.text)
            let other = try await peer.openChannel()
            try await other.publish("b".utf8, exchange: outer, routingKey: "k")
            try await LinkUnderTest.with(broker) { test in
                test.watch {
                    $0.view = .queues
                    $0.incoming = .queue(id)
                }
                try await body(test, id, peer)
            }
            try await channel.deleteQueue(id.name)
            for exchange in [outer, inner] { try await channel.deleteExchange(exchange) }
        }
    }

    @Test("With detailed rates the channels are told, also those that publish by the queue's name")
    func publishers() async throws {
        let options = BrokerNode.Options {
            $0.plugins = [.management]
            $0.configuration = ["management.rates_mode = detailed"]
        }
        try await TestBroker.withBroker(options) { broker in
            try await publishing(broker) { test, id, _ in
                // The broker counts some seconds late.
                let part = try await test.eventually("both channels", within: 30) { heard in
                    heard.incoming.flatMap { Set($0.publishers.map(\.channel)).count == 2 ? $0 : nil }
                }
                #expect(part.row == .queue(id) && part.problem == nil)
                let byName = part.publishers.filter { $0.exchange.name.isEmpty }.map(\.channel.number)
                #expect(byName == [1])
                #expect(part.bindings.map(\.routingKey) == ["k"] && part.farther.count == 1)
            }
        }
    }

    @Test("Without them the bindings are told, and that the channels are not")
    func bindingsAlone() async throws {
        try await publishing(try await TestBroker.shared()) { test, id, _ in
            let part = try await test.eventually("an answer") { $0.incoming }
            #expect(part.publishers.isEmpty && part.problem == nil)
            #expect(part.bindings.map(\.destination) == [id.name])
            #expect(part.kinds.values.contains("direct"))
            let cluster = try await test.eventually("the cluster") { $0.cluster }
            #expect(cluster.ratesMode == "basic")
        }
    }
}
