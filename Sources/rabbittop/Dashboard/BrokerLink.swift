import BrokerMonitor
import BrokerOperations
import Faults
import RabbitMQManagement
import TopCore

/// Carries out the actions that `update` returns: passes what to watch to the monitor, and operations to the runner.
final class BrokerLink: Sendable {
    /// Watches the broker.
    let monitor: Monitor
    private let operations: OperationRunner

    /// The inbox that receives snapshots, events and the progress of operations.
    var inbox: Inbox { monitor.inbox }

    /// Creates a link. No request is sent before `run`.
    ///
    /// - Parameters:
    ///   - faults: injects and undoes faults; its creator closes it.
    ///   - experiments: runs the experiments of the Lab view.
    ///   - clusters: the clusters that messages can be moved or copied to.
    /// - Throws: `ManagementError` if a file named in the TLS settings cannot be read.
    init(
        _ configuration: BrokerConfiguration, faults: FaultRegistry? = nil,
        experiments: (any ExperimentRunner)? = nil, clusters: (any TargetClusters)? = nil, inbox: Inbox
    ) throws(ManagementError) {
        monitor = try Monitor(configuration, inbox: inbox)
        operations = try OperationRunner(
            monitor: monitor, faults: faults, experiments: experiments, clusters: clusters)
    }

    /// Carries out an action. Never blocks; the results arrive in the inbox.
    func perform(_ action: Action) {
        switch action {
        case .watch(let interest): monitor.watch(interest)
        case .start(let id, let operation): operations.start(id, operation)
        case .cancel(let id): operations.cancel(id)
        case .seek, .curves, .record, .copy, .watchClusters, .switchCluster, .enterCluster, .quit: break
        }
    }

    /// Watches and carries out operations until the task is cancelled; then closes every connection, within about two
    /// seconds.
    func run() async {
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { [monitor] in await monitor.run() }
            tasks.addTask { [operations] in await operations.run() }
        }
    }
}
