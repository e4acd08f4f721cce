import Foundation
import LocalBroker

extension BrokerNode {
    /// Evaluates an Erlang expression on the node, as ``eval`` does, without the second that `rabbitmqctl` takes to start:
    /// by Erlang's `erl_call` where that is installed.
    ///
    /// - Returns: the term, in one line.
    @discardableResult
    public nonisolated func evaluate(_ expression: String) async throws -> String {
        guard let program = Self.erlCall else { return try await eval(expression) }
        let term = expression.trimmingCharacters(in: CharacterSet(charactersIn: " \n."))
        let cookie = try String(contentsOf: directory.appending(path: ".erlang.cookie"), encoding: .utf8)
        // The expression comes on standard input. The term is printed by the node: erl_call has no notation for a binary.
        let output = try await ChildCommand(
            executable: "/bin/sh",
            arguments: [
                "-c", #"printf '%s\n' "$3" | "$0" -c "$1" -name "$2" -e"#, program, cookie, name,
                "lists:flatten(io_lib:format(\"~0p\", [begin \(term) end])).",
            ],
            environment: ["PATH": "/usr/bin:/bin", "HOME": directory.path, "ERL_EPMD_PORT": "\(ports.epmd)"]
        ).run(deadline: .seconds(60))
        let answer = output.standardOutput
        guard answer.hasPrefix("{ok, \""), answer.hasSuffix("\"}") else {
            throw Unevaluated(description: "\(term): \(answer)\(output.standardError)")
        }
        return String(answer.dropFirst(6).dropLast(2))
    }

    /// The node did not evaluate an expression.
    public struct Unevaluated: Error, CustomStringConvertible {
        public var description: String
    }

    private static let erlCall: String? = {
        for home in ["/usr/lib/erlang", "/usr/local/lib/erlang"] {
            for version in (try? FileManager.default.contentsOfDirectory(atPath: home)) ?? [] {
                let program = "\(home)/\(version)/bin/erl_call"
                if version.hasPrefix("erts-"), FileManager.default.isExecutableFile(atPath: program) { return program }
            }
        }
        return nil
    }()
}

extension TestBroker {
    /// Sets the memory above which the node blocks publishers: a fraction, or `{absolute, BYTES}`. A new node has 0.4.
    public func setMemoryLimit(_ limit: String) async throws {
        try await node.evaluate("vm_memory_monitor:set_vm_memory_high_watermark(\(limit))")
    }
}
