import LocalBroker
import RabbitMQClient

/// The broker that an experiment runs on.
public struct LabBroker: Sendable {
    /// To connect with.
    public let configuration: ConnectionConfiguration
    /// The private node; nil where the broker is somebody's, named by its address.
    public let node: BrokerNode?

    public init(configuration: ConnectionConfiguration, node: BrokerNode? = nil) {
        self.configuration = configuration
        self.node = node
    }

    /// To connect with, under this name in the broker's listings.
    public func configuration(name: String) -> ConnectionConfiguration {
        var configuration = configuration
        configuration.connectionName = name
        return configuration
    }

    /// Makes sure that what was declared is on disk: Mnesia, in which RabbitMQ 3 keeps definitions, writes its last
    /// transactions some two seconds late, and a SIGKILL before that loses them. In RabbitMQ 4 with Khepri there is nothing
    /// to be done.
    public func syncDeclarations() async {
        _ = try? await node?.eval("mnesia:sync_log().")
    }
}
