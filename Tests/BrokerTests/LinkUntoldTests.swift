import BrokerMonitor
import BrokerSupport
import Foundation
import LocalBroker
import Names
import RabbitMQClient
import RabbitMQManagement
import Testing
import TopCore

@Suite("What a broker does not tell")
struct LinkUntoldTests {
    /// Messages of more than a thousand bytes are refused here, too.
    private static let silent = BrokerNode.Options {
        $0.plugins = [.management, .prometheus]
        $0.configuration = ["management_agent.disable_metrics_collector = true", "max_message_size = 1000"]
    }

    private func publish(_ exchange: Name, _ key: Name, size: Int = 1) -> TopCore.Operation {
        .publish(PublishRequest(vhost: "/", exchange: exchange, routingKey: key, count: 1, body: .size(size)))
    }

    @Test func withoutStatisticsWhatCanBeKnownIsKnownAndTheRestIsSaidToBeUnknown() async throws {
        try await TestBroker.withBroker(Self.silent) { broker in
            let id = EntityID(vhost: "/", name: "orders")
            try await withLinkPeer(broker) { peer in
                let channel = try await peer.openChannel()
                _ = try await channel.declareQueue(id.name, durable: true)
                for _ in 0..<3 { try await channel.publish("x".utf8, routingKey: id.name) }
                try await LinkUnderTest.with(broker) { test in
                    test.watch {
                        $0.view = .channels
                        $0.queues = [id]
                    }
                    let cluster = try await test.eventually("the cluster", within: 20) { $0.cluster }
                    #expect(cluster.gaps == [.statistics])
                    #expect(cluster.overview.alarms == nil && cluster.overview.channels == nil)
                    // At the usual ports there is another broker, or none: the management API has the depths.
                    let depth = try await test.eventually("the depth", within: 20) { $0.bulk[id] }
                    #expect(depth.ready == 3)
                    let source = try #require(test.listen().source(.management))
                    #expect(source.state == .live && source.problem?.contains("keeps no statistics") == true)
                    guard case .failed(_, let advice?, _) = try await test.carryOut(publish("", id.name)) else {
                        Issue.record("nobody told the port")
                        return
                    }
                    #expect(advice.contains("--amqp-port"))
                    #expect(test.listen().channels == nil, "a list that would be empty is not shown")
                }
                let told = ConnectionConfiguration(host: broker.host, port: broker.amqpPort)
                try await LinkUnderTest.with(
                    broker,
                    change: {
                        $0.amqp = told
                        $0.prometheusPort = broker.node.ports.prometheus
                    }
                ) { test in
                    test.watch {
                        $0.view = .queues
                        $0.queues = [id]
                    }
                    try await test.eventually("depths of all", within: 20) { $0.source(.prometheus)?.state == .live }
                    try await test.eventually("the live depth", within: 20) { $0.live[id]?.depth.ready == 3 }
                    #expect(try await test.carryOut(publish("", id.name)) == .finished("1 confirmed"))
                    guard
                        case .failed(let what, let advice?, let kind) = try await test.carryOut(
                            publish("", id.name, size: 2_000))
                    else {
                        Issue.record("it is too large")
                        return
                    }
                    #expect(
                        what.contains("nothing was stored") && advice.contains("max_message_size"), "\(what) \(advice)")
                    #expect(kind == .other)
                }
                try await aManagementUser(broker, id)
            }
        }
    }

    /// He may use the API and AMQP, and is told of no listener.
    private func aManagementUser(_ broker: TestBroker, _ id: EntityID) async throws {
        let user = try await broker.makeUser("clerk", password: "secret", tags: "management")
        try await broker.grant(user, vhost: "/")
        try await LinkUnderTest.with(
            broker,
            change: {
                $0.management.username = user
                $0.management.password = "secret"
            }
        ) { test in
            test.watch { $0.view = .nodes }
            let cluster = try await test.eventually("the cluster", within: 20) { $0.cluster }
            #expect(cluster.gaps.contains(.nodes) && cluster.gaps.contains(.otherConnections))
            #expect(cluster.user == user && cluster.overview.alarms == nil && cluster.nodes.isEmpty)
            guard case .failed(let what, let advice?, let kind) = try await test.carryOut(publish("", id.name)) else {
                Issue.record("nobody told the port")
                return
            }
            #expect(what.contains("nothing was published") && advice.contains("--amqp-port"), "\(what) \(advice)")
            #expect(kind == .unreachable)
        }
    }
}
