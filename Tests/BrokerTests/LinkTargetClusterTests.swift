import BrokerMonitor
import BrokerOperations
import BrokerSupport
import Names
import RabbitMQClient
import RabbitMQManagement
import Testing
import TopCore

/// Moving messages to other clusters of the configuration.
struct LinkTargetClusterTests {
    private struct Clusters: TargetClusters {
        var known: [Name: BrokerConfiguration]

        func broker(of cluster: Name) throws(TargetClusterError) -> BrokerConfiguration {
            guard let broker = known[cluster] else { throw TargetClusterError("the configuration has no such cluster") }
            return broker
        }
    }

    private static func configuration(_ broker: TestBroker, password: String = "guest") -> BrokerConfiguration {
        BrokerConfiguration(
            management: ManagementConfiguration(
                address: ManagementAddress(host: broker.host, port: broker.node.ports.management), password: password))
    }

    @Test("Messages arrive where the cluster is; one that cannot be reached or refuses the user takes nothing")
    func moves() async throws {
        let broker = try await TestBroker.shared()
        let vhost = try await broker.makeVhost()
        let secret = "never-to-be-shown"
        var readOnly = Self.configuration(broker)
        readOnly.isReadOnly = true
        let away = BrokerConfiguration(
            management: ManagementConfiguration(
                address: ManagementAddress(host: "127.0.0.1", port: 1), password: secret))
        let clusters = Clusters(known: [
            "other": Self.configuration(broker), "wrong": Self.configuration(broker, password: secret), "away": away,
            "fixed": readOnly,
        ])
        let id = EntityID(vhost: "/", name: uniqueName("leaving"))
        try await withLinkPeer(broker) { peer in
            let channel = try await peer.openChannel()
            _ = try await channel.declareQueue(id.name.text, durable: true)
            for number in 0..<5 { try await channel.publish("\(number)".utf8, routingKey: id.name.text) }
            func depth() async throws -> Int { Int(try await channel.declareQueuePassive(id.name.text).messageCount) }
            try await broker.expectSuccess("PUT", "queues/\(vhost)/there", json: #"{"durable":true}"#)
            try await LinkUnderTest.with(broker, clusters: clusters) { test in
                var action = MessageAction(.move(.queue("there")), .all, of: id)
                action.vhost = Name(vhost)
                for (cluster, part) in [
                    ("wrong", "nothing was taken: wrong: "), ("away", "nothing was taken: away: "),
                    ("fixed", "refused"), ("unknown", "the configuration has no such cluster"),
                ] as [(Name, String)] {
                    action.cluster = cluster
                    guard case .failed(let what, let advice, _) = try await test.carryOut(.messages(.act(action)))
                    else {
                        Issue.record("\(cluster) was moved to")
                        continue
                    }
                    #expect(what.contains(part), "\(what)")
                    #expect(!what.contains(secret) && advice?.contains(secret) != true)
                    #expect(try await depth() == 5)
                }
                // The same queue by another name of its cluster.
                var loop = MessageAction(.move(.queue(id.name)), .all, of: id)
                loop.cluster = "other"
                guard case .failed(let what, _, _) = try await test.carryOut(.messages(.act(loop))) else {
                    Issue.record("a queue was moved into itself")
                    return
                }
                #expect(what.contains("is the queue itself"))

                action.cluster = "other"
                let (summary, _, end) = try await test.act(action)
                #expect(summary == "5 messages moved" && end == .finished)
                #expect(try await depth() == 0)
            }
            try await channel.deleteQueue(id.name.text)
        }
        try await withLinkPeer(broker, vhost: vhost) { peer in
            let there = try await peer.openChannel().declareQueuePassive("there")
            #expect(there.messageCount == 5)
        }
        try await broker.deleteVhost(vhost)
    }
}
