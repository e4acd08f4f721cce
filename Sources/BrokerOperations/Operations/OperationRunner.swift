public import BrokerMonitor
public import Faults
import Foundation
import Names
import RabbitMQClient
public import RabbitMQManagement
import Synchronization
public import TopCore

/// What operations need to access the broker.
struct OperationContext: Sendable {
    var configuration: BrokerConfiguration
    var management: ManagementClient
    var entrance: AMQPEntrance
    var faults: FaultRegistry?
    var experiments: (any ExperimentRunner)?
    /// The other clusters that messages can be moved or copied to.
    var clusters: (any TargetClusters)?
    var clock = MonitorClock.system
    /// Requests new figures of a queue immediately, because an operation changed it.
    var askAnew: @Sendable (EntityID) async -> Void = { _ in }
    /// Requests the rows of a view immediately, because an operation changed them.
    var askViewAnew: @Sendable (NamedView) async -> Void = { _ in }
    /// Returns the AMQP address; `nil` if it does not become known in time.
    var amqp: @Sendable () async -> ConnectionConfiguration?
    /// Returns the status of the management API, which reports the AMQP address.
    var managementStatus: @Sendable () -> SourceStatus?

    private static func isEnded(_ sentence: String) -> Bool { sentence.last.map { ".!?".contains($0) } ?? true }

    /// Opens a connection for one operation, listed in the registry.
    func connect(vhost: Name, purpose: String) async throws(ClientError) -> Connection {
        try await entrance.connect(
            try await address(vhost: vhost, purpose: purpose), .operating, registry: configuration.registry)
    }

    /// Returns the AMQP address of a vhost, with the settings of connections that serve one operation.
    ///
    /// - Throws: `ClientError` if the address is not known.
    func address(vhost: Name, purpose: String) async throws(ClientError) -> ConnectionConfiguration {
        guard let known = await amqp() else {
            if let problem = entrance.assumed.problem {
                throw ClientError(.connectFailed, problem, advice: AssumedAddress.advice)
            }
            if let status = managementStatus(), let problem = status.problem, status.state != .live {
                throw ClientError(
                    status.state == .denied ? .accessRefused : .connectFailed, problem,
                    advice: (status.advice.map { $0 + (Self.isEnded($0) ? " " : ". ") } ?? "")
                        + "Or name its AMQP port with --amqp-port.")
            }
            if managementStatus()?.state == .live {
                throw ClientError(
                    .connectFailed,
                    "The broker reports no listener for AMQP \(configuration.amqpTLS == nil ? "without" : "with") TLS.",
                    advice: "Enable one, or name its AMQP port with --amqp-port.")
            }
            throw ClientError(
                .connectFailed, "The broker's AMQP address is not known.",
                advice: "Wait until the management API answers, or name its AMQP port with --amqp-port.")
        }
        guard var amqp = known.inVhost(vhost) else {
            throw ClientError(
                .invalidArgument, "The name of vhost '\(vhost)' is not UTF-8, and nothing is done in it.",
                advice: "Use rabbitmqctl for it.")
        }
        amqp.connectionName = "\(configuration.connectionName) \(purpose)"
        // An operation fails with an error if its connection is lost.
        amqp.recovery = .off
        amqp.connectTimeout = min(amqp.connectTimeout, .seconds(5))
        return amqp
    }
}

/// Carries out operations concurrently, and posts their progress to the inbox.
public final class OperationRunner: Sendable {
    private enum Request: Sendable {
        case start(OperationID, TopCore.Operation)
        case cancel(OperationID)
    }

    private let context: OperationContext
    private let inbox: Inbox
    private let requests: AsyncStream<Request>
    private let continuation: AsyncStream<Request>.Continuation
    private let running = Mutex<[OperationID: WakeSignal]>([:])

    /// Creates a runner of operations on the broker that a monitor watches; their results arrive in its inbox. No
    /// request is sent before `run`.
    ///
    /// - Parameters:
    ///   - faults: injects and undoes faults; its creator closes it.
    ///   - experiments: runs the experiments of the Lab view.
    ///   - clusters: the clusters that messages can be moved or copied to.
    /// - Throws: `ManagementError` if a file named in the TLS settings cannot be read.
    public convenience init(
        monitor: Monitor, faults: FaultRegistry? = nil, experiments: (any ExperimentRunner)? = nil,
        clusters: (any TargetClusters)? = nil
    ) throws(ManagementError) {
        let entrance = monitor.entrance
        var settings = monitor.configuration.management
        settings.isReadOnly = monitor.configuration.isReadOnly
        self.init(
            context: OperationContext(
                configuration: monitor.configuration,
                management: try ManagementClient(configuration: settings, logger: entrance.logger), entrance: entrance,
                faults: faults, experiments: experiments, clusters: clusters, clock: monitor.clock,
                askAnew: { await monitor.askAnew($0) }, askViewAnew: { await monitor.askViewAnew($0) },
                amqp: { await monitor.amqpAddress(within: 5) },
                managementStatus: { monitor.managementStatus }),
            inbox: monitor.inbox)
    }

    init(context: OperationContext, inbox: Inbox) {
        self.context = context
        self.inbox = inbox
        (requests, continuation) = AsyncStream.makeStream()
    }

    /// Starts an operation. Never blocks.
    public func start(_ id: OperationID, _ operation: TopCore.Operation) { continuation.yield(.start(id, operation)) }

    /// Cancels an operation, which reports how far it came. Never blocks.
    public func cancel(_ id: OperationID) { continuation.yield(.cancel(id)) }

    /// Carries out operations, and posts the state of faults and experiments, until the task is cancelled; operations
    /// in progress are cancelled with it.
    public func run() async {
        await context.experiments?.start { [inbox, clock = context.clock] rows in
            inbox.post(.lab(ListPart(at: clock.date(), rows: rows)))
        }
        await withDiscardingTaskGroup { tasks in
            if let faults = context.faults {
                tasks.addTask { [inbox, clock = context.clock] in
                    await FaultWatch(registry: faults, inbox: inbox, clock: clock).run()
                }
            }
            for await request in requests {
                switch request {
                case .start(let id, let operation):
                    let stop = WakeSignal(clock: context.clock)
                    running.withLock { $0[id] = stop }
                    tasks.addTask {
                        let report = await self.carryOut(id, operation, stop: stop)
                        self.running.withLock { $0[id] = nil }
                        self.inbox.post(report, of: id)
                    }
                case .cancel(let id):
                    running.withLock { $0[id] }?.ring()
                }
            }
            tasks.cancelAll()
        }
        await context.management.shutdown()
    }

    private func carryOut(_ id: OperationID, _ operation: TopCore.Operation, stop: WakeSignal) async -> OperationReport
    {
        let run = OperationRun(context: context) { [inbox] text, fraction in
            inbox.post(.progress(text, fraction: fraction), of: id)
        }
        return await withTaskGroup(of: OperationReport?.self) { tasks in
            tasks.addTask { await run.carryOut(operation) }
            tasks.addTask {
                await stop.wait()
                return nil
            }
            while let next = await tasks.next() {
                tasks.cancelAll()
                if let report = next { return report }
            }
            return .cancelled("stopped")
        }
    }
}
