import Foundation

/// A program that ends with the benchmark, in whatever way the benchmark ends: a shell waits for a pipe from here to
/// break, and ends it then.
final class KeptProcess: Sendable {
    private static let script = #"""
        "$@" </dev/null &
        child=$!
        exec >&-
        read -r _ || true
        kill "$child" 2>/dev/null
        wait "$child"
        [ -z "$RABBITTOP_BENCH_FOLDER" ] || rm -rf "$RABBITTOP_BENCH_FOLDER"
        """#

    private let keeper: ChildProcess
    private let leash: Int32
    private let output: Int32

    /// - Parameters:
    ///   - error: where its standard error goes.
    ///   - folder: what is removed when it has ended.
    init(
        _ executable: String, _ arguments: [String], environment: [String: String], error: Int32 = STDERR_FILENO,
        removing folder: String? = nil
    ) throws(BenchmarkFailure) {
        var environment = environment
        environment["RABBITTOP_BENCH_FOLDER"] = folder
        let leash = try Pipe()
        let output = try Pipe()
        defer {
            close(leash.reading)
            close(output.writing)
        }
        keeper = try ChildProcess(
            "/bin/sh", ["-c", Self.script, "sh", executable] + arguments, environment: environment,
            streams: .descriptors(input: leash.reading, output: output.writing, error: error))
        self.leash = leash.writing
        self.output = output.reading
    }

    /// The next line that it prints; nil when there is none left.
    func line() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Whether it has its output open still. Not to be asked while it prints.
    var isRunning: Bool {
        var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) == 0
    }

    /// Ends it with SIGTERM and waits until it is gone. Called once.
    func end() {
        close(leash)
        keeper.wait()
        close(output)
    }
}
