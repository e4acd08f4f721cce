import Names

extension Form.Key {
    static let cluster = "cluster"
}

/// The clusters that messages can be moved or copied to.
extension State {
    /// The clusters as a form names them, the one that is shown first; empty where no other is configured.
    private var targetClusters: [(label: String, cluster: Name?)] {
        let others = options.clusters.filter { $0 != options.cluster }
        guard !others.isEmpty else { return [] }
        let here = options.cluster.map { "\($0) (shown)" } ?? "the one shown"
        return [(here, nil)] + others.map { ($0.text, $0) }
    }

    /// The field for the target's cluster; `nil` where no other is configured.
    var targetClusterField: Form.Field? {
        let labels = targetClusters.map(\.label)
        guard let here = labels.first else { return nil }
        return Form.Field(
            key: Form.Key.cluster, label: "Cluster", kind: .choice(labels), value: here,
            hint: "← → another of the configuration")
    }

    /// Returns the cluster of a label; `nil` for the one that is shown.
    func targetCluster(labelled label: String) -> Name? {
        targetClusters.first { $0.label.hasSameBytes(as: label) }?.cluster
    }
}
