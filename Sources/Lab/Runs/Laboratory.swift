/// The experiments there are.
public enum Laboratory {
    public static let experiments: [any Experiment.Type] = [
        ClosedChannelInPool.self, BrokerRestart.self, Routing.self, DeadPeer.self, Expiration.self,
        SharedConnection.self, PublisherConfirms.self,
    ]

    /// - Throws: `usage`, with the names there are.
    public static func experiment(_ name: String) throws(LabError) -> any Experiment.Type {
        if let found = experiments.first(where: { $0.description.name == name }) { return found }
        throw LabError(
            .usage, "There is no experiment '\(name)'.",
            advice: "There are: \(experiments.map { $0.description.name }.joined(separator: ", ")).")
    }
}
