import BrokerSupport
import Foundation
import Glibc
import LocalBroker
import Testing

/// What a node leaves when the program that owns it ends without a word.
@Suite struct BrokerOwnerDeathTests {
    @Test func nothingIsLeftThreeSecondsAfterTheOwnerWasKilled() async throws {
        let owner = try await Owner.start()
        kill(owner.process.processIdentifier, SIGKILL)
        #expect(try await owner.traces.remaining(after: .seconds(3)) == [])
    }

    @Test func nothingIsLeftOfAFrozenNodeWhoseOwnerWasKilled() async throws {
        let owner = try await Owner.start()
        let node = try BrokerNode.open(directory: URL(fileURLWithPath: owner.traces.directory))
        try await node.freeze()
        kill(owner.process.processIdentifier, SIGKILL)
        #expect(try await owner.traces.remaining(after: .seconds(3)) == [])
    }

    /// A shell starts what runs in the background with SIGINT ignored, and nohup with SIGHUP.
    @Test func theGuardianOutlivesTheTerminalsSignalsAndTheOwnerEndsInOrder() async throws {
        let owner = try await Owner.start(ignoring: [SIGHUP, SIGINT])
        #expect(try owner.ignores(SIGHUP))
        #expect(try !owner.ignores(SIGINT))
        let processes = owner.traces.processes()
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            for guardian in processes where guardian.name == "sh" { kill(guardian.id, signal) }
        }
        kill(owner.process.processIdentifier, SIGINT)
        await owner.ended()
        #expect(owner.process.terminationStatus == 0)
        #expect(processes.contains { $0.name == "sh" })
        #expect(owner.traces.all() == [])
    }

    @Test func nothingIsLeftWhenTheOwnerIsKilledInTheMiddleOfAStart() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("rabbittop-owner"))
        let process = try Owner.process(directory: directory)
        let traces = Traces(directory: directory.path)
        while !traces.processes().contains(where: { $0.name == "beam.smp" }) {
            try await Task.sleep(for: .milliseconds(5))
        }
        kill(process.processIdentifier, SIGKILL)
        try FileManager.default.removeItem(atPath: directory.path + ".report")
        #expect(try await traces.remaining(after: .seconds(3)) == [])
    }
}

/// A program of its own that owns a node: `rabbittop broker start --foreground`.
private struct Owner {
    var process: Process
    var traces: Traces

    static func start(ignoring ignored: [Int32] = []) async throws -> Owner {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("rabbittop-owner"))
        let process = try process(directory: directory, ignoring: ignored)
        // The record names the node's process long before it is ready; the report is the owner's last act before
        // it waits.
        let report = Self.report(directory)
        while FileManager.default.contents(atPath: report)?.last != UInt8(ascii: "\n") {
            try #require(process.isRunning)
            try await Task.sleep(for: .milliseconds(20))
        }
        try? FileManager.default.removeItem(atPath: report)
        return Owner(process: process, traces: Traces(directory: directory.path))
    }

    static func process(directory: URL, ignoring ignored: [Int32] = []) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let script = ignored.map { "trap '' \($0); " }.joined() + "exec \"$@\""
        process.arguments = [
            "-c", script, "sh", RabbittopBinary.url.path, "broker", "start", "--foreground", "--format", "json",
            "--directory", directory.path,
        ]
        // No place to remember the broker in: that is this user's own.
        process.environment = ProcessInfo.processInfo.environment.merging(["XDG_RUNTIME_DIR": "/proc"]) { $1 }
        let report = Self.report(directory)
        try Data().write(to: URL(fileURLWithPath: report))
        process.standardOutput = FileHandle(forWritingAtPath: report)
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Whether the program does not hear this signal.
    func ignores(_ signal: Int32) throws -> Bool {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("SigIgn:") })
        let mask = try #require(UInt64(line.dropFirst(7).filter(\.isHexDigit), radix: 16))
        return mask & (1 << UInt64(signal - 1)) != 0
    }

    private static func report(_ directory: URL) -> String { directory.path + ".report" }

    func ended() async {
        while process.isRunning { try? await Task.sleep(for: .milliseconds(20)) }
    }
}
