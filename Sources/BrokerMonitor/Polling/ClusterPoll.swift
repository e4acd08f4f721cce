import Foundation
public import RabbitMQManagement
public import TopCore

/// Asks a broker again and again how its cluster is: the overview and its nodes, on one connection.
public struct ClusterPoll: Sendable {
    private let client: ManagementClient
    private var identity: UserIdentity?

    /// - Throws: `ManagementError` if a file named in the TLS settings cannot be read.
    public init(_ configuration: ManagementConfiguration) throws(ManagementError) {
        client = try ManagementClient(configuration: configuration)
    }

    /// Closes the connection to the management API.
    public func shutdown() async {
        await client.shutdown()
    }

    /// Asks how the cluster is. Nodes are left out for a user that may not list them.
    ///
    /// - Throws: `ManagementError` if the broker does not answer, or refuses.
    public mutating func part() async throws(ManagementError) -> ClusterPart {
        // Asked once: a refused user is refused before anything else is asked.
        let identity: UserIdentity
        if let known = self.identity { identity = known } else { identity = try await client.whoAmI() }
        self.identity = identity
        let overview = try await client.overview()
        let nodes: [NodeInfo]? = identity.canMonitor ? try await client.nodes().items : nil
        return ClusterPart(at: Date(), overview, nodes: nodes, identity: identity)
    }
}
