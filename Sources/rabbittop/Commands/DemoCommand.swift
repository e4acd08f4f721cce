import ArgumentParser
import BrokerLink
import Faults
import Foundation
import Glibc
import Lab
import LocalBroker
import RabbitMQClient
import Terminal
import TopCore

/// `rabbittop demo`: a private throwaway broker, a lively workload in this very process, and the dashboard on both.
struct DemoCommand: TerminalCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "A private throwaway broker, a lively workload and the dashboard; all gone on quit.",
        discussion: """
            The broker runs as you in a temporary folder, on free ports of the loopback interface. The workload's \
            connections stand in the Client view: close their channels with x and watch them recover.
            """)

    @OptionGroup(title: "Screen") var screen: ScreenOptions
    @Option(help: "The view to begin with.") var view: ViewID = .overview
    @Option(
        help: ArgumentHelp(
            "Port on the loopback interface for the fault proxy: connect an application of your own there.",
            valueName: "port"))
    var proxy: Int?

    func validate() throws {
        if let proxy, !(1...65_535).contains(proxy) { throw ValidationError("--proxy takes a port, 1 to 65535.") }
    }

    func runOnMainThread() throws -> Int32 {
        var loader = SettingsLoader()
        var values = SettingsLayer.environment(loader.environment).values.filter { name, _ in
            screen.isScreenSetting(name)
        }
        values.merge(screen.values) { _, given in given }
        // The demo's broker is its own: whatever else is configured is for other brokers.
        loader.environment = [:]
        let settings = try loader.load(commandLine: values, config: nil, node: nil)
        try DashboardSession.checkTerminal()
        let registry = ClientRegistry()
        let node = try startBroker()
        let workload = DemoWorkload(node: node, registry: registry)
        defer { MainThread.wait { await node.remove() } }

        var options = State.Options(settings, initialView: view)
        options.target = "demo broker"
        options.hasRabbitmqctl = true
        var link = BrokerLinkConfiguration(
            management: .init(
                address: .init(host: "127.0.0.1", port: node.ports.management), timeout: .seconds(settings.timeout)),
            amqp: ConnectionConfiguration(port: node.ports.amqp),
            prometheusPort: node.ports.prometheus, registry: registry)
        link.rabbitmqctl = { arguments in try await node.rabbitmqctl(arguments).standardOutput }
        let wired = link
        // What the demo's broker has in force goes with it: nobody else's journal is touched.
        let journal = FaultJournal(path: node.directory.appendingPathComponent("faults.jsonl").path)
        let deck = try MainThread.wait {
            await FaultDeck.result(wired, proxyPort: proxy, nodes: NodeFaults(node: node), journal: journal)
        }.get()
        options.faults = .armed(deck.bench.rooms)
        return try DashboardSession(options: options, link: link, services: [{ await workload.run() }], deck: deck)
            .run()
    }

    /// Starts the broker while the terminal is still the shell's; Ctrl-C ends it.
    private func startBroker() throws -> BrokerNode {
        Output.note("Starting a private RabbitMQ in a temporary folder; it takes a few seconds …")
        let starting = BackgroundTask { () async -> Result<BrokerNode, BrokerNodeError> in
            do throws(BrokerNodeError) {
                var options = BrokerNode.Options()
                options.configuration = DemoWorkload.nodeConfiguration
                let node = try await BrokerNode.start(options)
                do throws(BrokerNodeError) {
                    try await DemoWorkload(node: node, registry: ClientRegistry()).prepare()
                } catch {
                    await node.remove()
                    throw error
                }
                return .success(node)
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
                if case .success(let node)? = starting.value(within: 2.5) { MainThread.wait { await node.remove() } }
                throw ExitCode(128 + signal)
            }
        }
    }
}
