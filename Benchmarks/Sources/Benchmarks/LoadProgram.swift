import Foundation

/// A program that moves messages and prints what it measured: rabbittop, or the same with another client.
struct LoadProgram {
    /// What a run prints.
    struct Figures: Decodable {
        var count: Int
        var seconds: Double
        /// Messages a second.
        var rate: Double
        /// Microseconds.
        var cpu: Double
        /// Of confirms, where they were waited for.
        var latency: Latency?

        struct Latency: Decodable {
            /// Milliseconds.
            var p50: Double?
        }

        private enum CodingKeys: String, CodingKey {
            case count, seconds, rate
            case cpu = "cpu_us_per_message"
            case latency = "confirm_latency_ms"
        }
    }

    /// What is to be moved, and how.
    struct Load {
        var mode: String
        var count: Int
        var size = 100
        /// Further options, which both programs know.
        var options: [String] = []
    }

    static let queue = "load"

    let executable: String
    /// What comes before the mode.
    let subcommand: [String]
    /// What only it knows.
    let extra: [String]

    static func rabbittop(_ options: Options) -> LoadProgram {
        LoadProgram(executable: options.rabbittop, subcommand: ["perf"], extra: ["--format", "json"])
    }

    static func rabbitmqC(_ options: Options) -> LoadProgram {
        LoadProgram(executable: options.program("rabbitmq-c-load"), subcommand: [], extra: [])
    }

    /// Runs it to its end.
    func run(_ load: Load, uri: String, environment: [String: String] = [:]) throws -> Figures {
        let output = try Pipe()
        defer { close(output.reading) }
        var variables = environment
        variables["PATH"] = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        // No configuration of the user's own.
        variables["HOME"] = "/nonexistent"
        let child = try ChildProcess(
            executable,
            subcommand + [
                load.mode, "--amqp-uri", uri, "--queue", Self.queue, "--count", String(load.count), "--size",
                String(load.size),
            ] + extra + load.options,
            environment: variables,
            streams: .descriptors(input: NullDevice.descriptor, output: output.writing, error: STDERR_FILENO))
        close(output.writing)
        var text = Data()
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(output.reading, &bytes, bytes.count)
            if count > 0 { text += bytes[..<count] } else if count == 0 || errno != EINTR { break }
        }
        guard child.wait().status == 0 else {
            throw BenchmarkFailure("\(executable) \(load.mode) failed; what it said stands above")
        }
        return try JSONDecoder().decode(Figures.self, from: text)
    }
}
