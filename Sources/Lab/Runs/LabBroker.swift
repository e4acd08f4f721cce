import LocalBroker
import RabbitMQClient

/// The broker that an experiment runs on.
public struct LabBroker: Sendable {
    /// The address and credentials.
    public let configuration: ConnectionConfiguration
    /// The private node; nil for another broker, which is given by its address.
    public let node: BrokerNode?

    /// Creates a broker.
    public init(configuration: ConnectionConfiguration, node: BrokerNode? = nil) {
        self.configuration = configuration
        self.node = node
    }

    /// Returns a configuration with this connection name.
    public func configuration(name: String) -> ConnectionConfiguration {
        var configuration = configuration
        configuration.connectionName = name
        return configuration
    }

    /// Makes sure that declarations are on disk: Mnesia, in which RabbitMQ 3 keeps definitions, writes its last
    /// transactions about two seconds late, and a SIGKILL before that loses them. With Khepri in RabbitMQ 4 nothing
    /// needs to be done.
    public func syncDeclarations() async {
        _ = try? await node?.eval("mnesia:sync_log().")
    }
}
