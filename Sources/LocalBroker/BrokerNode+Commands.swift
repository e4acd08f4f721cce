import Foundation

extension BrokerNode {
    /// Runs `rabbitmqctl` against this node.
    ///
    /// - Returns: its output.
    /// - Throws: `commandFailed` with its output if its exit status is not 0, `deadline` if it took longer (it is
    ///   terminated then), `cancelled` if the task is cancelled.
    @discardableResult
    public nonisolated func rabbitmqctl(
        _ arguments: [String], deadline: Duration = .seconds(60)
    ) async throws(BrokerNodeError) -> CommandOutput {
        try await run(installation.rabbitmqctl, arguments, deadline: deadline)
    }

    /// Evaluates an Erlang expression on the node, and returns the printed term.
    @discardableResult
    public nonisolated func eval(
        _ expression: String, deadline: Duration = .seconds(60)
    ) async throws(BrokerNodeError) -> String {
        try await rabbitmqctl(["eval", expression], deadline: deadline)
            .standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The command line with which a shell runs `rabbitmqctl` against this node, for programs that take one.
    public nonisolated var rabbitmqctlCommand: [String] {
        ["/usr/bin/env", "-i"] + environment.map { "\($0.key)=\($0.value)" }.sorted() + [installation.rabbitmqctl]
    }

    nonisolated var environment: [String: String] {
        folder.environment(node: name, ports: ports, id: id, installation: installation)
    }

    private nonisolated func run(
        _ executable: String, _ arguments: [String], deadline: Duration
    ) async throws(BrokerNodeError) -> CommandOutput {
        let command = ChildCommand(
            executable: executable, arguments: arguments, environment: environment, directory: "/")
        let output = try await command.run(deadline: deadline)
        guard output.succeeded else {
            let what = ([URL(fileURLWithPath: executable).lastPathComponent] + arguments.prefix(1))
                .joined(separator: " ")
            throw BrokerNodeError(
                .commandFailed, "\(what) failed with exit status \(output.status).",
                output: (output.standardError + output.standardOutput)
                    .trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return output
    }
}
