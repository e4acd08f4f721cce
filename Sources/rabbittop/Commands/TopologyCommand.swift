import ArgumentParser
import BrokerMonitor
import MessageRouting
import Names
import RabbitMQManagement
import TopCore

/// `rabbittop topology`: exchanges, bindings and queues as a tree, a graph or JSON.
struct TopologyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology", abstract: "Print exchanges, bindings and queues, and what is remarkable about them.",
        discussion: """
            Formats: tree for people, dot for Graphviz, mermaid for Mermaid, json for programs. Loops, exchanges to which \
            nothing is bound, queues that nothing leads to and queues without consumers are marked. \
            Exit codes: 0 done, 1 failed, 2 usage, 69 broker not reachable, 77 not permitted.
            """)

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @Option(help: "How to print it.") var format: TopologyFormat = .tree

    func run() async throws {
        let settings = try SettingsGathering(broker: broker).settings()
        let password = await SettingsGathering.password(for: settings)
        let topologies: [Topology]
        do throws(ManagementError) {
            let poll = try TopologyPoll(ManagementConfiguration(settings, password: password))
            do throws(ManagementError) {
                topologies = try await poll.topologies(vhost: Name(settings.vhost))
            } catch {
                await poll.shutdown()
                throw error
            }
            await poll.shutdown()
        } catch {
            throw CommandError(error)
        }
        Output.write(format.text(topologies), as: format == .json ? .json : .text)
        if format != .tree {
            for gap in Set(topologies.flatMap(\.gaps)).sorted() { Output.complain("not known: \(gap)") }
        }
    }
}

extension TopologyFormat: ExpressibleByArgument {}
