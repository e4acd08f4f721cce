import RabbitMQManagement
import TopCore

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
