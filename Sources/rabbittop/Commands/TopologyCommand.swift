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
            nothing is bound, queues that nothing leads to and queues without consumers are marked. With --from, what a \
            recording holds of the configuration is printed instead. \
            Exit codes: 0 done, 1 failed, 2 usage, 69 broker not reachable, 77 not permitted.
            """)

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup(title: "Recording") var recording: RecordingOptions
    @Option(help: "How to print it.") var format: TopologyFormat = .tree

    func run() async throws {
        if let recorded = try recording.topology() {
            show(recorded.topologies(vhost: Name(broker.vhost)))
        } else {
            show(try await topologies())
        }
    }

    private func topologies() async throws -> [Topology] {
        let settings = try SettingsGathering(broker: broker).settings()
        let password = await SettingsGathering.password(for: settings)
        do throws(ManagementError) {
            let poll = try TopologyPoll(ManagementConfiguration(settings, password: password))
            do throws(ManagementError) {
                let topologies = try await poll.topologies(vhost: Name(settings.vhost))
                await poll.shutdown()
                return topologies
            } catch {
                await poll.shutdown()
                throw error
            }
        } catch {
            throw CommandError(error)
        }
    }

    private func show(_ topologies: [Topology]) {
        Output.write(format.text(topologies), as: format == .json ? .json : .text)
        if format != .tree {
            for gap in Set(topologies.flatMap(\.gaps)).sorted() { Output.complain("not known: \(gap)") }
        }
    }
}

extension RecordingOptions {
    /// Returns the topology of the recording that the options name; nil if they name none.
    ///
    /// - Throws: `CommandError` if it cannot be read, or does not hold the bindings of that time.
    func topology() throws(CommandError) -> RecordedTopology? {
        guard let file else { return nil }
        let moment = try OpenRecording(file).moment(at: time)
        do throws(RecordedTopology.Lack) {
            return try RecordedTopology(moment)
        } catch {
            throw CommandError("\(file) has no topology of \(LedgerTime.text(moment.at)): \(error.why).")
        }
    }
}

extension TopologyFormat: ExpressibleByArgument {}
