import ArgumentParser
import BrokerMonitor
import BrokerOperations
import Foundation
import Names
import RabbitMQClient
import RabbitMQManagement
import Screen

/// The brokers that a subcommand of `messages` works with, and the questions it asks.
struct MessageDesk {
    /// A broker with a vhost.
    struct Place {
        var settings: Settings
        var address: ConnectionConfiguration
        /// The management API, if it belongs to the same broker for sure.
        var management: ManagementConfiguration?

        var vhost: String { address.virtualHost }
        /// `localhost:5672, vhost /`.
        var words: String { "\(String(host: address.host, port: address.port)), vhost \(vhost)" }
    }

    var source: Place

    /// - Parameter changes: what the subcommand does, if that is refused to rabbittop that is read-only.
    init(_ broker: BrokerOptions, changes: String?) async throws {
        source = try await Self.place(SettingsGathering(broker: broker, isAMQPEnough: true).settings())
        if source.settings.isReadOnly, let changes {
            throw CommandError(
                "refused: rabbittop is read-only, and \(changes)\nStart it without --read-only.",
                exitCode: ExitStatus.notPermitted)
        }
    }

    private static func place(_ settings: Settings) async throws -> Place {
        let password = await SettingsGathering.password(for: settings)
        let configuration = BrokerConfiguration(settings, password: password)
        let finding: AMQPFinding
        do { finding = try await configuration.findAMQP() } catch { throw CommandError(error) }
        guard var address = finding.address else {
            throw CommandError(
                "\(finding.problem)\nName the address with --amqp-uri.", exitCode: ExitStatus.unreachable)
        }
        if let vhost = settings.vhost { address.virtualHost = vhost }
        address.connectionName = "rabbittop messages"
        address.connectTimeout = min(address.connectTimeout, .seconds(settings.timeout))
        return Place(
            settings: settings, address: address, management: settings.amqp == nil ? configuration.management : nil)
    }

    /// Returns where messages go.
    func target(_ options: MessageTargetOptions, _ broker: BrokerOptions) async throws -> Place {
        var place = source
        if let alias = options.toNode {
            var environment = ProcessInfo.processInfo.environment
            // Variables that name the source's broker do not name the target's.
            for name in environment.keys where name.hasPrefix("RABBITTOP_") { environment[name] = nil }
            var loader = SettingsLoader(environment: environment)
            let settings = try loader.load(commandLine: [:], config: broker.config, node: alias)
            for warning in loader.warnings { Output.complain(warning) }
            try settings.checkTLSFiles()
            place = try await Self.place(settings)
            if place.settings.isReadOnly {
                throw CommandError(
                    "refused: the section \(alias) of the configuration is read-only.",
                    exitCode: ExitStatus.notPermitted)
            }
        }
        if let vhost = options.toVhost { place.address.virtualHost = vhost }
        return place
    }

    /// Asks about the queue, over AMQP and the management API.
    func facts(of queue: String) async throws -> QueueFacts {
        do throws(ClientError) {
            return try await QueueFacts.ask(Name(queue), source.address, management: source.management)
        } catch {
            throw CommandError(error)
        }
    }

    /// Asks on the terminal whether to act.
    func confirm(_ question: String, isAnswered: Bool) async throws {
        if isAnswered { return }
        guard isatty(STDIN_FILENO) == 1, StandardStream.error.isTerminal else {
            throw CommandError(
                "There is no terminal to ask on: \(question)\nGive --yes to act without the question.",
                exitCode: ExitStatus.usage)
        }
        Output.ask("\(question) [y/N] ")
        let answer = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: readLine() ?? "") }
        }
        guard answer.trimmingCharacters(in: .whitespaces).lowercased().hasPrefix("y") else {
            throw CommandError("Nothing was done.")
        }
    }

    /// `1,234 messages`.
    static func messages(_ count: Int) -> String {
        "\(count.formatted(.number.locale(Locale(identifier: "en_US")))) message\(count == 1 ? "" : "s")"
    }
}
