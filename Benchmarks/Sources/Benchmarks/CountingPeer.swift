import Foundation

/// The peer that only counts, running.
final class CountingPeer {
    /// What it has counted on one connection.
    struct Counts: Decodable {
        var published: Int
        var delivered: Int
        var acked: Int
    }

    private struct Greeting: Decodable {
        var port: Int
    }

    let uri: String
    private let process: KeptProcess

    /// - Parameter size: bytes of the bodies that it delivers.
    init(_ options: Options, size: Int = 100) throws {
        process = try KeptProcess(
            options.program("counting-peer"), ["--size", String(size)],
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"])
        guard let line = process.line(),
            let greeting = try? JSONDecoder().decode(Greeting.self, from: Data(line.utf8))
        else {
            process.end()
            throw BenchmarkFailure("the counting peer did not start")
        }
        uri = "amqp://guest:guest@127.0.0.1:\(greeting.port)/%2f"
    }

    func end() { process.end() }

    /// Runs a load with it, and makes sure that what the program says has moved has moved.
    func run(_ program: LoadProgram, _ load: LoadProgram.Load, environment: [String: String] = [:]) throws
        -> LoadProgram.Figures
    {
        let figures = try program.run(load, uri: uri, environment: environment)
        guard let line = process.line(), let counts = try? JSONDecoder().decode(Counts.self, from: Data(line.utf8))
        else { throw BenchmarkFailure("the counting peer ended") }
        let moved = load.mode == "consume" ? counts.acked : counts.published
        guard moved == load.count else {
            throw BenchmarkFailure("\(program.executable) moved \(moved) of \(load.count) messages")
        }
        return figures
    }
}
