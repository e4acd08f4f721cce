import Faults
import Logging
import NIOPosix
import RabbitMQClient
import RabbitMQManagement
import TopCore

@testable import BrokerLink

extension OperationRun {
    /// An operation's surroundings without a broker; its management client is shut down by the test.
    static func fixture(
        _ registry: FaultRegistry? = nil, isReadOnly: Bool = false,
        management: ManagementConfiguration = ManagementConfiguration(
            address: ManagementAddress(host: "127.0.0.1", port: 1)),
        amqp: ConnectionConfiguration? = nil, assumed: AssumedAddress = AssumedAddress(),
        experiments: (any ExperimentRunner)? = nil, askAnew: @escaping @Sendable (EntityID) async -> Void = { _ in }
    ) throws -> OperationRun {
        var configuration = BrokerLinkConfiguration(management: management, isReadOnly: isReadOnly, faults: registry)
        configuration.experiments = experiments
        let context = OperationContext(
            configuration: configuration, management: try ManagementClient(configuration: management),
            group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test"), own: OwnConnections(),
            peeks: PeekMemory(), askAnew: askAnew, amqp: { amqp },
            assumed: assumed,
            managementStatus: { nil })
        return OperationRun(context: context) { _, _ in }
    }
}
