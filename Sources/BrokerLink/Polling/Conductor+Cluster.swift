import Foundation
import RabbitMQManagement
import TopCore

extension Conductor {
    func pollCluster() async throws(ManagementError) {
        let overview = try await management.overview()
        // A user may see the overview and not the nodes.
        var nodes: [RabbitMQManagement.NodeRow] = []
        var refusal: ManagementError?
        do {
            nodes = try await management.nodes().items
        } catch {
            guard error.result != .dead else { throw error }
            refusal = error
        }
        learn(overview)
        inbox.post(
            .cluster(
                ClusterPart(
                    at: Date(), name: overview.clusterName,
                    version: overview.rabbitMQVersion ?? overview.managementVersion,
                    user: user, overview: TopCore.OverviewRow(overview, nodes: nodes),
                    nodes: nodes.map(TopCore.NodeRow.init))))
        if let refusal { throw refusal }
    }

    /// Where everything else is, and what it can tell.
    private func learn(_ overview: Overview) {
        let isFirst = self.overview == nil
        self.overview = overview
        facts.queueCount = overview.queues
        let counts = [overview.connections, overview.channels, overview.consumers]
        facts.isSmall = counts.allSatisfy { ($0 ?? .max) <= PollPlan.smallBroker }
        amqp = BrokerAddress.amqp(configuration, overview)
        prometheus = BrokerAddress.prometheus(configuration, overview)
        board.keep(.prometheus, nodes: Set(prometheus.keys))
        let usable = prometheus.keys.filter { !uselessEndpoints.contains($0) }.sorted()
        facts.prometheusNodes = usable
        facts.lacksBulk = usable.isEmpty
        if prometheus.isEmpty {
            board.set(
                .prometheus, .notEnabled, "the broker reports no Prometheus endpoint",
                advice: "rabbitmq-plugins enable rabbitmq_prometheus, on every node")
        } else {
            board.remove(.prometheus)
        }
        if amqp == nil {
            board.set(
                .amqp, .notEnabled, "the broker reports no AMQP listener that we could use",
                advice: "Name the address with --amqp-uri.")
        } else if isFirst {
            board.set(.amqp, .off, interval: 1)
            onSuspicion?()
        }
        bell.ring()
    }

    func pollVhosts() async throws(ManagementError) {
        inbox.post(.vhosts(try await lists.vhosts().items.map(\.name).sorted()))
    }
}
