import Foundation
import RabbitMQManagement
import TopCore

extension Overview {
    /// RabbitMQ's version, as far as it is told.
    package var brokerVersion: String? { rabbitMQVersion ?? managementVersion }
}

extension ClusterPart {
    /// - Parameters:
    ///   - nodes: nil if this user may not list the nodes.
    ///   - identity: the user as the broker reports it; nil if it is not known.
    init(at: Date, _ overview: Overview, nodes: [NodeInfo]?, identity: UserIdentity?) {
        self.init(
            at: at, name: overview.clusterName, version: overview.brokerVersion, user: identity?.name,
            overview: TopCore.OverviewRow(overview, nodes: nodes), nodes: (nodes ?? []).map(NodeRow.init),
            gaps: ClusterGap.all(of: overview, nodes: nodes, identity: identity))
        ratesMode = overview.ratesMode
    }
}

extension ClusterPart {
    /// Takes the states of vhosts. A list in which no vhost has one tells nothing.
    mutating func take(_ vhosts: [VhostInfo]) {
        let states = vhosts.filter { $0.clusterState != nil }
        if !states.isEmpty {
            stoppedVhosts = states.flatMap { vhost in
                (vhost.clusterState ?? [:]).filter { $0.value != "running" }
                    .sorted { $0.key < $1.key }.map { VhostState(vhost: vhost.name, node: $0.key, state: $0.value) }
            }
        }
        if vhosts.contains(where: { $0.isTracing != nil }) {
            tracedVhosts = vhosts.filter { $0.isTracing == true }.map(\.name)
        }
    }
}

extension ClusterGap {
    /// Returns what the answers leave out.
    ///
    /// - Parameter nodes: nil if this user may not list the nodes.
    static func all(
        of overview: Overview, nodes: [NodeInfo]?, identity: UserIdentity?
    ) -> [ClusterGap] {
        var gaps: [ClusterGap] = []
        if overview.isStatisticsDisabled { gaps.append(.statistics) }
        if nodes == nil { gaps.append(.nodes) }
        if let identity, !identity.canMonitor { gaps.append(.otherConnections) }
        return gaps
    }
}
