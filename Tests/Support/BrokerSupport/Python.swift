import Foundation
import LocalBroker

/// Other people's clients: runs Python with pika, aio-pika and kombu, in an environment of the tests' own that
/// Scripts/python-environment.sh makes in the cache folder.
public enum Python {
    /// The environment could not be made, or a script failed.
    public struct Failed: Error, CustomStringConvertible {
        public var description: String
    }

    /// Runs a script to its end.
    ///
    /// - Parameters:
    ///   - script: the program's text; `sys.argv[1:]` are the arguments.
    ///   - deadline: after it, or when the task is cancelled, the script is killed.
    /// - Returns: what it printed. - Throws: ``Failed`` when its exit status is not 0, with what it printed.
    @discardableResult
    public static func run(
        _ script: String, arguments: [String] = [], environment: [String: String] = [:],
        deadline: Duration = .seconds(60)
    ) async throws -> CommandOutput {
        var variables = ProcessInfo.processInfo.environment
        variables["PYTHONUNBUFFERED"] = "1"
        variables["PYTHONDONTWRITEBYTECODE"] = "1"
        variables.merge(environment) { $1 }
        let output = try await ChildCommand(
            executable: interpreter(), arguments: ["-c", script] + arguments, environment: variables
        ).run(deadline: deadline)
        guard output.succeeded else {
            throw Failed(
                description: "The Python script ended with \(output.status):\n\(output.standardError)"
                    + output.standardOutput)
        }
        return output
    }

    /// The environment's interpreter, for tests that run it in a terminal.
    public static func interpreter() async throws -> String {
        try await Environment.instance.interpreter()
    }

    private actor Environment {
        static let instance = Environment()

        private var made: Task<String, any Error>?

        func interpreter() async throws -> String {
            let made = self.made ?? Task.detached { try await Self.make() }
            self.made = made
            return try await made.value
        }

        private static func make() async throws -> String {
            let script = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
                .appendingPathComponent("../../../../Scripts/python-environment.sh").standardizedFileURL.path
            let output = try await ChildCommand(
                executable: script, arguments: [], environment: ProcessInfo.processInfo.environment
            ).run(deadline: .seconds(300))
            let path = output.standardOutput.split(separator: "\n").last.map(String.init) ?? ""
            guard output.succeeded, FileManager.default.isExecutableFile(atPath: path) else {
                throw Failed(
                    description: "No Python environment with pika: run \(script) and see.\n" + output.standardError)
            }
            return path
        }
    }
}
