import ArgumentParser
import BrokerMonitor
import MessageRouting
import Names
import RabbitMQManagement
import TopCore

/// `rabbittop route`: which queues a message would reach, and why not the others.
struct RouteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "route", abstract: "Say which queues a message would reach, and why not the others.",
        discussion: """
            Nothing is published: exchanges, bindings, queues and policies are read from the management API, and the rules \
            of routing are applied to them. Dead letters of the queues are followed, too. With --from they are read from \
            what a recording holds of them. \
            Exit codes: 0 a queue is reached, 1 none is, 2 usage, 3 it cannot be told, 69 broker not reachable, \
            77 not permitted.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @OptionGroup(title: "Recording") var recording: RecordingOptions
    @Option(help: "Exchange; by default the default exchange.") var exchange = ""
    @Option(help: "Routing key; for the default exchange the queue's name.") var routingKey = ""
    @OptionGroup var headers: HeaderOptions
    @Option(help: "How to print it.") var format: Format = .table

    /// The exit status where it cannot be told whether a queue is reached.
    private static let unknown: Int32 = 3

    func run() async throws {
        let message = RoutedMessage(exchange: exchange, routingKey: routingKey, headers: headers.routed)
        let vhost: Name
        let trace: RouteTrace
        var refusal: ManagementError?
        if let recorded = try recording.topology() {
            vhost = Name(broker.vhost ?? "/")
            do throws(RecordedTopology.Lack) {
                trace = try recorded.trace(message, vhost: vhost)
            } catch {
                throw CommandError("It cannot be told: \(error.why).", exitCode: Self.unknown)
            }
        } else {
            let settings = try SettingsGathering(broker: broker).settings()
            vhost = Name(settings.vhost ?? "/")
            (trace, refusal) = try await self.trace(message, settings)
        }
        try show(trace, vhost: vhost, refusal: refusal)
    }

    private func trace(
        _ message: RoutedMessage, _ settings: Settings
    ) async throws -> (trace: RouteTrace, refusal: ManagementError?) {
        let password = await SettingsGathering.password(for: settings)
        do throws(ManagementError) {
            let poll = try RoutePoll(ManagementConfiguration(settings, password: password))
            do throws(ManagementError) {
                let answer = try await poll.trace(message, vhost: Name(settings.vhost ?? "/"))
                await poll.shutdown()
                return answer
            } catch {
                await poll.shutdown()
                throw error
            }
        } catch {
            throw CommandError(error)
        }
    }

    private func show(_ trace: RouteTrace, vhost: Name, refusal: ManagementError?) throws {
        switch format {
        case .table: Output.write(trace.text(vhost: vhost))
        case .json:
            Output.write(trace.json(vhost: vhost), as: .json)
            if trace.hasGaps { Output.complain("not everything could be learned; see \"unknown\".") }
        }
        switch trace.route.outcome {
        case .reached: return
        case .unroutable: throw ExitCode(ExitStatus.failed)
        case .unknown: throw ExitCode(refusal == nil ? Self.unknown : ExitStatus.notPermitted)
        }
    }
}
