import Foundation
import Glibc
import Synchronization

/// Runs a program to its end, and collects its output.
package struct ChildCommand: Sendable {
    package var executable: String
    package var arguments: [String]
    package var environment: [String: String]
    /// The program's current folder; nil: this process's own.
    package var directory: String?

    package init(
        executable: String, arguments: [String], environment: [String: String], directory: String? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }

    /// Runs the program. Terminates it, and what it started in its session's first process group, when the deadline
    /// passes or the task is cancelled.
    package func run(deadline: Duration) async throws(BrokerNodeError) -> CommandOutput {
        let cancelled = Flag()
        let result = await withTaskCancellationHandler {
            await BlockingWork.run {
                Result { () throws(BrokerNodeError) in try runBlocking(deadline: deadline, cancelled: cancelled) }
            }
        } onCancel: {
            cancelled.set()
        }
        return try result.get()
    }

    /// Returns the executable and arguments that start a program in another folder.
    static func starting(
        _ executable: String, _ arguments: [String], in directory: String?
    ) -> (executable: String, arguments: [String]) {
        guard let directory else { return (executable, arguments) }
        return ("/bin/sh", ["-c", #"cd "$0" && exec "$@""#, directory, executable] + arguments)
    }

    private func runBlocking(deadline: Duration, cancelled: Flag) throws(BrokerNodeError) -> CommandOutput {
        let end = ContinuousClock.now + deadline
        let output = try CaptureSocket()
        let error = try CaptureSocket()
        let (first, rest) = Self.starting(executable, arguments, in: directory)
        let process = try SpawnedProcess(
            executable: first, arguments: rest, environment: environment,
            output: .descriptor(output.writingEnd), error: .descriptor(error.writingEnd))
        output.closeWritingEnd()
        error.closeWritingEnd()
        var standardOutput: [UInt8] = []
        var standardError: [UInt8] = []
        var failure: BrokerNodeError?
        // A process that the program left behind may hold its output open forever, so the end of the program counts,
        // not the end of the socket.
        while true {
            let status = process.exitStatus
            let open = [output, error].filter { !$0.isAtEnd }
            var polled = open.map { pollfd(fd: $0.readingEnd, events: Int16(POLLIN), revents: 0) }
            poll(&polled, nfds_t(polled.count), status == nil ? 10 : 0)
            output.read(into: &standardOutput)
            error.read(into: &standardError)
            if let status {
                if let failure {
                    throw BrokerNodeError(
                        failure.code, failure.message, advice: failure.advice,
                        output: String(decoding: standardError + standardOutput, as: UTF8.self))
                }
                return CommandOutput(
                    status: status, standardOutput: String(decoding: standardOutput, as: UTF8.self),
                    standardError: String(decoding: standardError, as: UTF8.self))
            }
            guard failure == nil else { continue }
            let name = URL(fileURLWithPath: executable).lastPathComponent
            if cancelled.isSet {
                failure = BrokerNodeError(.cancelled, "\(name) was cancelled.")
            } else if ContinuousClock.now >= end {
                failure = BrokerNodeError(
                    .deadline, "\(name) \(arguments.first ?? "") took longer than \(deadline).",
                    advice: "Check whether the broker is frozen or the machine is busy.")
            }
            if failure != nil { process.signal(SIGKILL, group: true) }
        }
    }
}

/// A flag that is set once, on cancellation.
private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
}

/// A pair of sockets that collects a program's output. Used by one thread.
private final class CaptureSocket {
    let readingEnd: Int32
    private(set) var writingEnd: Int32
    private(set) var isAtEnd = false

    init() throws(BrokerNodeError) {
        guard let ends = ClosedOnExec.pair() else {
            throw BrokerNodeError(
                .notStarted, "No socket could be opened: \(String(cString: strerror(errno))).",
                advice: "Close some files, or raise the limit (ulimit -n).")
        }
        readingEnd = ends.first
        writingEnd = ends.second
        // Only this end: programs do not expect that writing to their output does not block.
        _ = fcntl(readingEnd, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(readingEnd)
        closeWritingEnd()
    }

    func closeWritingEnd() {
        if writingEnd >= 0 { close(writingEnd) }
        writingEnd = -1
    }

    func read(into bytes: inout [UInt8]) {
        var part = [UInt8](repeating: 0, count: 16 << 10)
        while !isAtEnd {
            let count = Glibc.read(readingEnd, &part, part.count)
            if count > 0 {
                bytes += part.prefix(count)
            } else if count == 0 {
                isAtEnd = true
            } else if errno != EINTR {
                return
            }
        }
    }
}

/// The output of a program that has ended.
public struct CommandOutput: Sendable, Equatable {
    /// The exit status, or 128 plus the number of the signal that ended it.
    public var status: Int32
    /// What it printed to standard output.
    public var standardOutput: String
    /// What it printed to standard error.
    public var standardError: String

    /// Whether the exit status is 0.
    public var succeeded: Bool { status == 0 }
}
