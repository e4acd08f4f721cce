import ArgumentParser
import BrokerMonitor
import BrokerOperations
import Faults
import Foundation
import Glibc
import Lab
import LocalBroker
import RabbitMQClient
import Terminal
import TopCore

/// `rabbittop demo`: a private, temporary broker, a varied workload in this process, and the dashboard on both.
struct DemoCommand: TerminalCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "A private throwaway broker, a lively workload and the dashboard; all gone on quit.",
        discussion: """
            The broker runs as you in a temporary folder, on free ports of the loopback interface. The workload's \
            connections stand in the Client view: close their channels with x and watch them recover. With --nodes 3 it \
            is a cluster, whose nodes can be lost and partitioned with f.
            """)

    @OptionGroup(title: "Screen") var screen: ScreenOptions
    @Option(help: "The view to begin with.") var view: ViewID = .overview
    @Option(
        help: ArgumentHelp(
            "Port on the loopback interface for the fault proxy: connect an application of your own there.",
            valueName: "port"))
    var proxy: Int?

    @Option(help: ArgumentHelp("How many nodes the broker has: one, or a cluster.", valueName: "1 to 5"))
    var nodes = 1

    func validate() throws {
        if !(1...5).contains(nodes) { throw ValidationError("--nodes takes 1 to 5.") }
        if let proxy, !(1...65_535).contains(proxy) { throw ValidationError("--proxy takes a port, 1 to 65535.") }
    }

    func runOnMainThread() throws -> Int32 {
        var loader = SettingsLoader()
        var values = SettingsLayer.environment(loader.environment).values.filter { name, _ in
            screen.isScreenSetting(name)
        }
        values.merge(screen.values) { _, given in given }
        // The demo uses its own broker; other configuration is for other brokers.
        let keys = try loader.keys()
        loader.environment = [:]
        let settings = try loader.load(commandLine: values, config: nil, node: nil)
        try DashboardSession.checkTerminal()
        let registry = ClientRegistry()
        let broker = try startBroker()
        let node = broker.node
        let workload = DemoWorkload(node: node, registry: registry)
        defer { MainThread.wait { await broker.remove() } }

        var options = State.Options(settings, initialView: view)
        options.keys = keys
        options.target = "demo broker"
        options.hasRabbitmqctl = true
        var link = BrokerConfiguration(
            management: .init(
                address: .init(host: "127.0.0.1", port: node.ports.management), timeout: .seconds(settings.timeout)),
            amqp: ConnectionConfiguration(port: node.ports.amqp),
            prometheusPort: broker.cluster == nil ? node.ports.prometheus : nil, registry: registry)
        link.rabbitmqctl = { arguments in try await node.rabbitmqctl(arguments).standardOutput }
        let wired = link
        // Faults on the demo's broker end with it, so the user's journal is not touched.
        let journal = FaultJournal(path: node.directory.appendingPathComponent("faults.jsonl").path)
        let session = try MainThread.wait {
            await FaultSession.result(
                wired, proxyPort: proxy, nodes: broker.faults, locator: nil, journal: journal)
        }.get()
        options.faults = .permitted(session.registry.injectionPoints)
        return try DashboardSession(
            options: options, link: link, services: [{ await workload.run() }], session: session
        )
        .run()
    }

    /// Starts the broker while the terminal is still in its normal mode; Ctrl-C ends it.
    private func startBroker() throws -> DemoBroker {
        let what = nodes == 1 ? "RabbitMQ" : "cluster of \(nodes) RabbitMQ nodes"
        Output.note(
            "Starting a private \(what) in a temporary folder; it takes a few seconds \(nodes == 1 ? "" : "each ")…")
        let count = nodes
        let starting = BackgroundTask { () async -> Result<DemoBroker, BrokerNodeError> in
            do throws(BrokerNodeError) {
                let broker = try await DemoBroker.start(nodes: count)
                do throws(BrokerNodeError) {
                    try await DemoWorkload(node: broker.node, registry: ClientRegistry()).prepare()
                } catch {
                    await broker.remove()
                    throw error
                }
                return .success(broker)
            } catch {
                return .failure(error)
            }
        }
        while true {
            if let result = starting.value(within: 0.1) {
                do {
                    return try result.get()
                } catch {
                    let code = error.code == .notInstalled ? ExitStatus.unreachable : ExitStatus.failed
                    throw CommandError(error.description, exitCode: code)
                }
            }
            if let signal = SignalMask.takeTermination() {
                starting.cancel()
                if case .success(let broker)? = starting.value(within: 2.5) {
                    MainThread.wait { await broker.remove() }
                }
                throw ExitCode(128 + signal)
            }
        }
    }
}

/// The demo's broker: a node, or the first node of a cluster.
private struct DemoBroker: Sendable {
    var node: BrokerNode
    var cluster: BrokerCluster?

    var faults: NodeFaults { cluster.map(NodeFaults.init(cluster:)) ?? NodeFaults(node: node) }

    static func start(nodes: Int) async throws(BrokerNodeError) -> DemoBroker {
        var options = BrokerNode.Options()
        options.configuration = DemoWorkload.nodeConfiguration
        guard nodes > 1 else { return DemoBroker(node: try await BrokerNode.start(options)) }
        let cluster = try await BrokerCluster.start(count: nodes, options)
        return DemoBroker(node: cluster.nodes[0], cluster: cluster)
    }

    func remove() async {
        if let cluster { await cluster.remove() } else { await node.remove() }
    }
}
