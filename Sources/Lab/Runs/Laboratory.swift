/// The list of experiments.
public enum Laboratory {
    /// All experiments.
    public static let experiments: [any Experiment.Type] = [
        ClosedChannelInPool.self, BrokerRestart.self, Routing.self, DeadPeer.self, Expiration.self,
        SharedConnection.self, PublisherConfirms.self,
    ]

    /// Returns the experiment with a name.
    ///
    /// - Throws: `usage`, with the valid names.
    public static func experiment(_ name: String) throws(LabError) -> any Experiment.Type {
        if let found = experiments.first(where: { $0.description.name == name }) { return found }
        throw LabError(
            .usage, "There is no experiment '\(name)'.",
            advice: "There are: \(experiments.map { $0.description.name }.joined(separator: ", ")).")
    }
}
