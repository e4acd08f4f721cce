import Faults
import Logging
import NIOPosix
import RabbitMQClient
import RabbitMQManagement
import TopCore

@testable import BrokerMonitor
@testable import BrokerOperations

extension OperationRun {
    /// An operation's surroundings without a broker; its management client is shut down by the test.
    static func fixture(
        _ registry: FaultRegistry? = nil, isReadOnly: Bool = false,
        management: ManagementConfiguration = ManagementConfiguration(
            address: ManagementAddress(host: "127.0.0.1", port: 1)),
        amqp: ConnectionConfiguration? = nil, assumed: AssumedAddress = AssumedAddress(),
        experiments: (any ExperimentRunner)? = nil, askAnew: @escaping @Sendable (EntityID) async -> Void = { _ in }
    ) throws -> OperationRun {
        let context = OperationContext(
            configuration: BrokerConfiguration(management: management, isReadOnly: isReadOnly),
            management: try ManagementClient(configuration: management), entrance: .fixture(assumed: assumed),
            faults: registry, experiments: experiments, askAnew: askAnew, amqp: { amqp }, managementStatus: { nil })
        return OperationRun(context: context) { _, _ in }
    }
}

extension AMQPEntrance {
    /// Opens connections of a test.
    static func fixture(assumed: AssumedAddress = AssumedAddress()) -> AMQPEntrance {
        AMQPEntrance(
            group: MultiThreadedEventLoopGroup.singleton, own: OwnConnections(), logger: Logger(label: "test"),
            gate: CredentialsGate(), assumed: assumed)
    }
}
