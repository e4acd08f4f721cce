import Testing

@testable import LocalBroker

@Suite struct ClusterConfigurationTests {
    /// RabbitMQ 4 refuses to boot with a list that has a node twice.
    @Test func noNodeIsListedTwiceAmongItsPeers() {
        #expect(
            BrokerCluster.peers(ofNode: 1, stem: "rt") == ["cluster_formation.classic_config.nodes.1 = rt-1@localhost"])
        #expect(
            BrokerCluster.peers(ofNode: 3, stem: "rt") == [
                "cluster_formation.classic_config.nodes.1 = rt-1@localhost",
                "cluster_formation.classic_config.nodes.2 = rt-3@localhost",
            ])
    }
}
