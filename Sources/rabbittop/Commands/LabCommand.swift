import ArgumentParser
import Lab

/// `rabbittop lab`: the experiments.
struct LabCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab", abstract: "Reproduce classic failures and their cures, on a private broker.",
        subcommands: [LabListCommand.self, LabRunCommand.self])

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }
}

/// `rabbittop lab list`.
struct LabListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The experiments there are; with a name, the details of one.")

    @Argument(help: "An experiment's name.") var name: String?
    @Option(help: "How to print it: table or json.") var format = LabCommand.Format.table

    func run() throws {
        do throws(LabError) {
            let experiments = try name.map { name throws(LabError) in [try Laboratory.experiment(name)] }
            let descriptions = (experiments ?? Laboratory.experiments).map { $0.description }
            switch format {
            case .json: Output.write(LabText.json(descriptions), as: .json)
            case .table:
                Output.write(name == nil ? LabText.table(descriptions) : descriptions.map(LabText.page).joined())
            }
        } catch {
            throw CommandError(error)
        }
    }
}

/// A producer of the experiment shared-connection that runs as a separate process.
struct LabProducerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: ProducerProcess.command, shouldDisplay: false)

    func run() async throws {
        do throws(LabError) {
            Output.write(try await ProducerProcess.run() + "\n", as: .json)
        } catch {
            throw CommandError(error)
        }
    }
}

extension CommandError {
    init(_ error: LabError) {
        let exitCode: Int32 =
            switch error.code {
            case .notInstalled, .unreachable: ExitStatus.unreachable
            case .notPermitted: ExitStatus.notPermitted
            case .usage: ExitStatus.usage
            case .failed, .cancelled: ExitStatus.failed
            }
        self.init(error.description, exitCode: exitCode)
    }
}
