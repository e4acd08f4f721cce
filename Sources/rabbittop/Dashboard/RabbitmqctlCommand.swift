import Foundation
import LocalBroker

/// Runs the command of `--rabbitmqctl`, a shell's command line, with arguments appended.
struct RabbitmqctlCommand: Sendable {
    var commandLine: String

    private static let deadline = Duration.seconds(20)

    func run(_ arguments: [String]) async throws -> String {
        let command = ChildCommand(
            executable: "/bin/sh", arguments: ["-c", commandLine + " \"$@\"", "rabbitmqctl"] + words(arguments),
            environment: ProcessInfo.processInfo.environment)
        let output = try await command.run(deadline: Self.deadline)
        guard output.succeeded else {
            let said = (output.standardError + output.standardOutput).trimmingCharacters(in: .whitespacesAndNewlines)
            throw BrokerNodeError(
                .commandFailed, "The command of --rabbitmqctl failed with exit status \(output.status).",
                advice: "Try it in a shell, with 'status' behind it.", output: said)
        }
        return output.standardOutput
    }

    /// Quotes the arguments for ssh, which passes them to a shell on the other side that splits them again.
    private func words(_ arguments: [String]) -> [String] {
        let program = commandLine.split(separator: " ").first.map { $0.split(separator: "/").last ?? "" }
        guard program == "ssh" else { return arguments }
        return arguments.map { "'" + $0.replacing("'", with: #"'\''"#) + "'" }
    }
}
