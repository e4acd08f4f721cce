import Dispatch
import Faults
import Foundation
import Glibc
import Names

/// The journal's file: one entry per line, changed by several processes one after the other.
struct JournalFile: Sendable {
    let path: String

    /// File system calls block, so they are kept off the cooperative threads.
    private static let queue = DispatchQueue(label: "rabbittop.faults.journal")

    /// The largest size in bytes; a larger file is not a journal.
    private static let longest = 16 << 20

    /// How long to wait for another process that holds the file.
    private static let patience: Duration = .seconds(5)

    func read() async throws(FaultError) -> [JournalEntry] {
        // Reading does not create the folder.
        guard access(path, F_OK) == 0 else { return [] }
        return try await locked { try entries(lines()) }
    }

    /// Adds an entry; it is on disk when this returns.
    ///
    /// - Parameter check: receives the existing entries, and throws if the new one must not be added.
    func add(
        _ entry: JournalEntry, check: @escaping @Sendable ([JournalEntry]) -> FaultError?
    ) async throws(FaultError) {
        try await locked {
            let lines = try lines()
            if let refusal = check(entries(lines)) { throw refusal }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            guard let data = try? encoder.encode(entry) else { throw failed("written") }
            // A crash during a write may have left an incomplete line.
            let isWhole = lines.isEmpty || lines.last?.isEmpty == true
            let isNew = access(path, F_OK) != 0
            try write((isWhole ? "" : "\n") + String(decoding: data, as: UTF8.self) + "\n", flags: O_APPEND, to: path)
            if isNew { syncFolder() }
        }
    }

    /// Removes entries; lines that cannot be read as an entry remain.
    func remove(_ ids: Set<String>) async throws(FaultError) {
        try await locked {
            let lines = try lines()
            let kept = lines.filter { line in
                guard !line.isEmpty else { return false }
                return Self.entry(line).map { !ids.contains($0.id) } ?? true
            }
            guard !kept.isEmpty else {
                guard unlink(path) == 0 || errno == ENOENT else { throw failed("changed") }
                return syncFolder()
            }
            let part = path + ".part"
            try write(kept.joined(separator: "\n") + "\n", flags: O_TRUNC, to: part)
            guard rename(part, path) == 0 else { throw failed("changed") }
            syncFolder()
        }
    }

    // MARK: Reading

    private func lines() throws -> [String] {
        var status = stat()
        if stat(path, &status) == 0, status.st_size > Self.longest {
            throw FaultError(
                "The journal of faults, \(path), has \(status.st_size) bytes: rabbittop wrote no such file.",
                advice: "Check what the file is, and move it elsewhere.")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            if access(path, F_OK) == 0 { throw failed("read") }
            return []
        }
        guard !data.isEmpty else { return [] }
        return String(decoding: data, as: UTF8.self).parts(separatedBy: "\n").map(String.init)
    }

    private func entries(_ lines: [String]) -> [JournalEntry] { lines.compactMap(Self.entry) }

    private static func entry(_ line: String) -> JournalEntry? {
        try? JSONDecoder().decode(JournalEntry.self, from: Data(line.utf8))
    }

    // MARK: Writing

    private var folder: String { (path as NSString).deletingLastPathComponent }

    private func write(_ text: String, flags: Int32, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o600)
        guard file >= 0 else { throw failed("written") }
        defer { close(file) }
        var found = stat()
        let size = fstat(file, &found) == 0 ? found.st_size : 0
        do {
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw failed("written") }
                rest = rest.dropFirst(count)
            }
            guard fsync(file) == 0 else { throw failed("written") }
        } catch {
            // If the disk is full, no incomplete line remains.
            if ftruncate(file, size) == 0, size == 0 { unlink(path) }
            throw error
        }
    }

    private func syncFolder() {
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    private func failed(_ what: String) -> FaultError {
        FaultError(
            "The journal of faults, \(path), cannot be \(what): \(String(cString: strerror(errno))).",
            advice: "It holds what undoes a fault after a crash: set XDG_STATE_HOME to a folder that you may write to.")
    }

    /// Runs a body while no other process, and no other task of this one, reads or changes the file.
    private func locked<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws(FaultError)
        -> Value
    {
        let result: Result<Value, FaultError> = await withCheckedContinuation { continuation in
            Self.queue.async {
                continuation.resume(returning: Result { try lockedNow(body) }.mapError(Self.asFault))
            }
        }
        return try result.get()
    }

    private static func asFault(_ error: any Error) -> FaultError {
        error as? FaultError ?? FaultError("The journal of faults: \(error).", advice: "See its folder.")
    }

    private func lockedNow<Value>(_ body: () throws -> Value) throws -> Value {
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw failed("locked") }
        defer { close(lock) }
        let end = ContinuousClock.now + Self.patience
        while flock(lock, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR, ContinuousClock.now < end else { throw failed("locked") }
            usleep(10_000)
        }
        return try body()
    }
}
