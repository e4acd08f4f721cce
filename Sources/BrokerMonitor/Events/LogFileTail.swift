import Faults
import Foundation
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Follows a log file from its end, across rotation and truncation. Reading happens on a thread of its own pool.
struct LogFileTail {
    /// The result of one read.
    struct Look: Sendable {
        var lines: [String] = []
        /// Why the file could not be read.
        var problem: String?
    }

    /// The time between two looks, in seconds.
    static let interval = 0.1
    /// The highest number of bytes per read call.
    static let chunk = 1 << 18
    /// The highest number of bytes read at one look; the rest is left for the next.
    static let lookSize: Int64 = 4 << 20
    /// The longest line that is kept whole, in bytes.
    static let maximumLine = 16_384

    let path: String
    private var device: UInt64 = 0
    private var inode: UInt64 = 0
    private var offset: Int64?
    private var partial: [UInt8] = []

    init(path: String) {
        self.path = path
    }

    /// Reads what was written since the last look; the first look finds the end. Blocks: do not call it on the threads
    /// of the cooperative pool.
    mutating func look() -> Look {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            // A file that appears at this path later is new, and is read from its start.
            if offset != nil { (offset, partial) = (0, []) }
            return Look(problem: "\(path): \(reason)")
        }
        defer { _ = close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            return Look(problem: "\(path): \(String(cString: strerror(errno)))")
        }
        let size = Int64(status.st_size)
        let isSame = UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        guard let known = offset else {
            offset = size
            return Look()
        }
        var place = known
        if !isSame || size < place {
            place = 0
            partial = []
        }
        var result = Look()
        let start = place
        var buffer = [UInt8](repeating: 0, count: min(Self.chunk, Int(clamping: max(0, size - place))))
        while place < size, !buffer.isEmpty {
            let count = pread(descriptor, &buffer, buffer.count, off_t(place))
            guard count > 0 else { break }
            place += Int64(count)
            take(buffer[..<count], &result.lines)
            if result.lines.count > 10_000 || place - start >= Self.lookSize { break }
        }
        offset = place
        return result
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, _ lines: inout [String]) {
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            keep(rest[..<end])
            lines.append(String(decoding: partial, as: UTF8.self))
            partial.removeAll(keepingCapacity: true)
            rest = rest[(end + 1)...]
        }
        keep(rest)
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        partial.append(contentsOf: bytes.prefix(max(0, Self.maximumLine - partial.count)))
    }
}

extension EventAggregator {
    /// Follows a log file until the task is cancelled.
    func follow(_ path: String, sourceHealth: SourceHealth) async {
        let parser = BrokerLogParser(source: .logFile)
        var tail = LogFileTail(path: path)
        var assembler = LogAssembler()
        var quietLooks = 0
        while !Task.isCancelled {
            let before = tail
            let result = try? await NIOThreadPool.singleton.runIfActive { () -> (LogFileTail, LogFileTail.Look) in
                var tail = before
                let look = tail.look()
                return (tail, look)
            }
            guard let (next, look) = result else { break }
            tail = next
            if let problem = look.problem {
                sourceHealth.failed(
                    .logFile,
                    .init(
                        state: .unreachable, problem: problem, advice: "Name the broker's log with --broker-log FILE."))
            } else {
                sourceHealth.answered(.logFile, at: clock.date(), interval: 1)
            }
            for line in look.lines {
                if let message = assembler.take(line: line) { take(message, parser: parser) }
            }
            quietLooks = look.lines.isEmpty ? quietLooks + 1 : 0
            if quietLooks == 1, let message = assembler.flush() { take(message, parser: parser) }
            try? await clock.sleep(LogFileTail.interval)
        }
    }
}
