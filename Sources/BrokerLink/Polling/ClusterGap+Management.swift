import RabbitMQManagement
import TopCore

extension ClusterGap {
    /// What the answers leave out.
    ///
    /// - Parameter nodes: nil where this user may not ask for them.
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
