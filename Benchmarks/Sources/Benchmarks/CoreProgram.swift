import Foundation

/// The program CoreBenchmark, which measures what cannot be told apart from outside.
struct CoreProgram {
    /// What it prints.
    struct Figures: Decodable {
        struct Recorder: Decodable {
            var cpuPercentage: Double
            var peakMegabytes: Double
            var fileBytes: Int
            var bytesPerFigure: Double
            var dropped: Int
            var seekMilliseconds: [Double]
        }

        var recorder: Recorder
        var rulesMilliseconds: [Double]
    }

    static func run(_ options: Options) throws -> Figures {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let output = try Pipe()
        defer { close(output.reading) }
        let program = try ChildProcess(
            options.core,
            [
                folder.file("recording.sqlite"), "--hours", String(options.hours), "--queues", String(options.queues),
                "--changed", String(max(1, options.queues / 10)),
            ],
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"],
            streams: .descriptors(
                input: NullDevice.descriptor, output: output.writing, error: STDERR_FILENO))
        close(output.writing)
        let text = FileHandle(fileDescriptor: output.reading, closeOnDealloc: false).readDataToEndOfFile()
        guard program.wait().status == 0 else { throw BenchmarkFailure("CoreBenchmark failed") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Figures.self, from: text)
    }
}
