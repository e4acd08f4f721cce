import Foundation

/// The description of a node in its folder, in broker.json: enough to find, stop and restart it from another process.
struct BrokerRecord: Codable, Sendable, Equatable {
    var version = 1
    /// Marks every process of the node in its environment.
    var id: String
    var node: String
    var ports: BrokerNode.Ports
    var plugins: Set<BrokerNode.Plugin>
    var tls: Bool
    var installation: String
    var process: ProcessIdentity?
}
