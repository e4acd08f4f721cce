public import BrokerMonitor
public import Names

/// The clusters of the configuration, as far as messages can be moved or copied to them.
///
/// The program injects them into an `OperationRunner`; this module does not know its configuration.
public protocol TargetClusters: Sendable {
    /// Returns how a cluster is reached, with its password.
    func broker(of cluster: Name) throws(TargetClusterError) -> BrokerConfiguration
}

/// Why the configuration does not say how a cluster is reached.
public struct TargetClusterError: Error, Sendable, Equatable {
    /// What is missing, and what to do about it; without passwords.
    public var what: String

    /// Creates a reason.
    public init(_ what: String) {
        self.what = what
    }
}
