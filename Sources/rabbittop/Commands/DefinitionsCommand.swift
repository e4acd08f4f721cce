import ArgumentParser
import BrokerMonitor
import BrokerOperations
import Foundation
import Names
import RabbitMQManagement
import TopCore

/// `rabbittop definitions`: what is defined on a broker, exported and compared.
struct DefinitionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "definitions", abstract: "Export the definitions of a broker without secrets, and compare them.",
        discussion: """
            Definitions are vhosts, users, permissions, queues, exchanges, bindings, policies and parameters. The broker \
            gives all of them to administrators only.
            """,
        subcommands: [DefinitionsExportCommand.self, DefinitionsDiffCommand.self])
}

/// `rabbittop definitions export`: the definitions without secrets, as JSON.
struct DefinitionsExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the definitions as JSON, without secrets.",
        discussion: """
            Hashes of passwords and other secrets are written as ***, and the URIs of shovels and of federation without \
            users and passwords: put them in again before you import the file elsewhere. With --vhost only the \
            definitions of that vhost. \
            Exit codes: 0 done, 1 failed, 2 usage, 69 broker not reachable, 77 not permitted.
            """)

    @OptionGroup(title: "Broker") var broker: BrokerOptions
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The file to write, readable for you alone; it must not exist. By default standard output.",
            valueName: "file"))
    var output: String?

    func run() async throws {
        let settings = try SettingsGathering(broker: broker).settings()
        let password = await SettingsGathering.password(for: settings)
        let json = try await DefinitionsSide.document(settings, password: password)
        let text = json.textOverLines + "\n"
        guard let output else {
            Output.write(text, as: .json)
            return
        }
        do throws(WholeFile.Failure) {
            try WholeFile.write(
                text.utf8, to: (output as NSString).expandingTildeInPath, isReplacing: false, mode: 0o600)
        } catch {
            throw CommandError(
                error.isTaken
                    ? "\(output) exists already.\nRemove it first, or choose another name."
                    : "\(output) cannot be written: \(error).\nCheck the path, its permissions and the free space.")
        }
        Output.note("Wrote \(output), without passwords and their hashes.")
    }
}

/// `rabbittop definitions diff A [B]`: what differs between the definitions of two brokers.
struct DefinitionsDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What differs between the definitions of brokers, files and recordings.",
        discussion: """
            A and B are each a cluster of the configuration (a section of ~/.rabbitmqadmin.conf), a base URI \
            (https://rabbit.example:15671), a file of definitions, or a recording (FILE or FILE@TIME). Without B, A is \
            compared with the broker of the options. Passwords and their hashes are not compared. What one side does not \
            tell is named. \
            Exit codes: 0 nothing differs, 1 something differs or it failed, 2 usage, 69 broker not reachable, 77 not \
            permitted.
            """)

    @Argument(help: ArgumentHelp("The one side.", valueName: "A")) var one: String
    @Argument(help: ArgumentHelp("The other side; by default the broker of the options.", valueName: "B"))
    var other: String?
    @Option(help: "How to print it.") var format: DiffCommand.Format = .table
    @OptionGroup(title: "Broker") var broker: BrokerOptions

    func run() async throws {
        let from = try await DefinitionsSide(one, broker: broker)
        let to = try await DefinitionsSide(other, broker: broker)
        let difference = Difference(
            definitions: (from.part, from.version), (to.part, to.version),
            sides: Difference.Sides(from: from.name, to: to.name))
        switch format {
        case .table: Output.write(difference.text())
        case .json: Output.write(difference.json, as: .json)
        }
        for side in [from, to] where side.undecodable > 0 {
            Output.complain("\(side.undecodable) definitions of \(side.name) could not be read, and are left out.")
        }
        if !difference.isEmpty { throw ExitCode(ExitStatus.failed) }
    }
}
