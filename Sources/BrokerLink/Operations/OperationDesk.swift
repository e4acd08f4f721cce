import Logging
import NIOCore
import RabbitMQClient
import RabbitMQManagement
import Synchronization
import TopCore

/// What operations need to reach the broker.
struct OperationContext: Sendable {
    var configuration: BrokerLinkConfiguration
    var management: ManagementClient
    var group: any EventLoopGroup
    var logger: Logger
    var own: OwnConnections
    var peeks: PeekMemory
    var lab: LabDesk
    /// Where AMQP is spoken; `nil` when it is not known after a moment.
    var amqp: @Sendable () async -> ConnectionConfiguration?
    /// How the management API answers, which tells where AMQP is spoken.
    var managementStatus: @Sendable () -> SourceStatus?

    /// A connection for one operation, listed in the registry.
    func connect(vhost: String, purpose: String) async throws(ClientError) -> Connection {
        guard var amqp = await amqp() else {
            if let status = managementStatus(), let problem = status.problem {
                throw ClientError(
                    status.state == .denied ? .accessRefused : .connectFailed, problem,
                    advice: (status.advice.map { $0 + " " } ?? "") + "Or name the broker with --amqp-uri.")
            }
            throw ClientError(
                .connectFailed, "It is not known where the broker speaks AMQP.",
                advice: "Wait until the management API answers, or name the address with --amqp-uri.")
        }
        amqp.virtualHost = vhost
        amqp.connectionName = "\(configuration.connectionName) \(purpose)"
        // An operation whose connection is lost fails, and says so.
        amqp.recovery = .off
        amqp.connectTimeout = min(amqp.connectTimeout, .seconds(5))
        let connection = try await Connection.connect(
            amqp, on: group, logger: logger, registry: configuration.registry)
        own.add(connection.name, .operating)
        return connection
    }
}

/// Carries operations out beside each other, and tells the inbox how they go.
final class OperationDesk: Sendable {
    private enum Request: Sendable {
        case start(OperationID, TopCore.Operation)
        case cancel(OperationID)
    }

    private let context: OperationContext
    private let inbox: Inbox
    private let requests: AsyncStream<Request>
    private let continuation: AsyncStream<Request>.Continuation
    private let running = Mutex<[OperationID: Bell]>([:])

    init(context: OperationContext, inbox: Inbox) {
        self.context = context
        self.inbox = inbox
        (requests, continuation) = AsyncStream.makeStream()
    }

    func start(_ id: OperationID, _ operation: TopCore.Operation) { continuation.yield(.start(id, operation)) }
    func cancel(_ id: OperationID) { continuation.yield(.cancel(id)) }

    /// Runs until the task is cancelled; operations under way are cancelled with it.
    func run() async {
        await withDiscardingTaskGroup { tasks in
            for await request in requests {
                switch request {
                case .start(let id, let operation):
                    let stop = Bell()
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
    }

    private func carryOut(_ id: OperationID, _ operation: TopCore.Operation, stop: Bell) async -> OperationReport {
        let run = OperationRun(context: context) { [inbox] text, fraction in
            inbox.post(.progress(text, fraction: fraction), of: id)
        }
        return await withTaskGroup(of: OperationReport?.self) { tasks in
            tasks.addTask { await run.carryOut(operation) }
            tasks.addTask {
                await stop.wait(atMost: .seconds(1_000_000_000))
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
