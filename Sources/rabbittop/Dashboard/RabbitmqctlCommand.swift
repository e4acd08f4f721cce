import Foundation
import LocalBroker

/// Runs the command of `--rabbitmqctl`, a shell's command line, with arguments of ours behind it.
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

    /// ssh hands its arguments to a shell on the other side, which takes them apart again: they are quoted for it.
    private func words(_ arguments: [String]) -> [String] {
        let program = commandLine.split(separator: " ").first.map { $0.split(separator: "/").last ?? "" }
        guard program == "ssh" else { return arguments }
        return arguments.map { "'" + $0.replacing("'", with: #"'\''"#) + "'" }
    }
}
