import AMQPWire
import Foundation
import LocalBroker
import Logging
import NIOPosix
import RabbitMQClient

import protocol NIOCore.EventLoopGroup

/// A varied, realistic workload on a private broker: a shop, its logistics and its telemetry, 21 applications with a
/// connection each. They publish about 300 messages per second in waves, consume fast and slowly, reject, requeue,
/// connect and disconnect, make mistakes, and recover whatever is done to their channels, connections, queues and
/// broker.
///
///     let workload = DemoWorkload(node: node, registry: registry)
///     try await workload.prepare()
///     await workload.run()  // until the task is cancelled
public struct DemoWorkload: Sendable {
    /// Lines of `rabbitmq.conf` for a demo's node (`BrokerNode.Options.configuration`): a quorum queue's log that does
    /// not grow to half a gigabyte before it is truncated.
    public static let nodeConfiguration = ["raft.wal_max_size_bytes = 32000000"]

    /// The names of the virtual hosts that it uses.
    public static var virtualHosts: [String] { DemoTopology.demo.virtualHosts.map(\.name) }

    let node: BrokerNode
    let registry: ClientRegistry
    let group: any EventLoopGroup
    let logger: Logger

    /// Creates a workload.
    ///
    /// - Parameters:
    ///   - node: a running node that is used by this workload only.
    ///   - registry: receives all connections.
    ///   - logger: for the clients; silent by default, because a dashboard uses the terminal.
    public init(
        node: BrokerNode,
        registry: ClientRegistry,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger = Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.node = node
        self.registry = registry
        self.group = group
        self.logger = logger
    }

    /// Creates virtual hosts, users, permissions, policies, exchanges, queues and bindings in one step, with
    /// `rabbitmqctl import_definitions`. Repeating it does no harm.
    ///
    /// - Throws: `.folder` if the node's folder cannot be written, `.commandFailed` with the broker's message,
    ///   `.deadline`, or `.cancelled`.
    public func prepare() async throws(BrokerNodeError) {
        let file = node.directory.appendingPathComponent("demo-definitions.json")
        do {
            try DemoTopology.demo.definitions().write(to: file)
        } catch {
            throw BrokerNodeError(
                .folder, "The demo's definitions could not be written to \(file.path): \(error.localizedDescription)")
        }
        try await node.rabbitmqctl(["import_definitions", file.path])
    }

    /// Runs all applications until the task is cancelled, and returns when every one of them has ended and every
    /// connection is closed: within a second, even if the broker is frozen or gone.
    public func run() async {
        let clock = DemoClock()
        await withTaskGroup { group in
            for application in DemoApplication.demo {
                guard let run = run(of: application, clock: clock) else { continue }
                group.addTask { await run.run() }
            }
        }
    }

    private func run(of application: DemoApplication, clock: DemoClock) -> ApplicationRun? {
        guard let virtualHost = DemoTopology.demo.virtualHost(application.virtualHost) else { return nil }
        let password = DemoTopology.demo.users.first { $0.name == application.user }?.password ?? "guest"
        let configuration = ConnectionConfiguration(
            port: node.ports.amqp,
            username: application.user,
            password: password,
            virtualHost: application.virtualHost,
            connectionName: application.name,
            heartbeat: .seconds(5),
            connectTimeout: .seconds(3),
            operationTimeout: .seconds(5),
            publishTimeout: .seconds(30),
            clientProperties: [
                "product": .string(application.name), "version": .string(application.version),
                "platform": .string(application.platform),
            ],
            recovery: RecoveryPolicy(base: .milliseconds(200), cap: .seconds(1)))
        return ApplicationRun(
            application: application, virtualHost: virtualHost, configuration: configuration, clock: clock,
            group: group, registry: registry, logger: logger)
    }
}
