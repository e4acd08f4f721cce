import Foundation
import GRDB
import Glibc
import Synchronization

/// The connection of a recorder or a reader to its database.
struct RecordingStore: Sendable {
    /// The connection. A private history has no other one; writer and reader take turns.
    let database: DatabaseQueue
    /// The path for messages.
    let path: String
    /// Keeps other recorders away from the file.
    let lock: FileLock?
    /// Whether the database was empty and its tables were made.
    let isNew: Bool
    /// Whether the connection was closed.
    private let closing = Closing()
    /// The figures of each kind that its tables have: fewer where an older rabbittop wrote them.
    private(set) var figures: [ObjectKind: Set<FigureColumn>] = [:]

    /// The cache of the connection, in pages of 4 KiB.
    private static let cachePages = 1_000

    /// Opens a private temporary database. SQLite makes its file in the temporary folder, accessible only to the user,
    /// and unlinks it at once: nothing remains, whatever ends the process.
    init(temporary: Void) throws(RecordingError) {
        path = "the temporary history"
        lock = nil
        isNew = true
        do {
            database = try DatabaseQueue(
                path: "",
                configuration: Self.configuration { database in
                    // An empty path has no journal to survive a crash with, and needs none.
                    try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = MEMORY")
                })
            try database.write { try Schema.make(in: $0) }
            try readFigures()
        } catch {
            throw RecordingError(error, path: path)
        }
    }

    /// Opens a file for writing, and makes it if it is missing.
    ///
    /// - Parameter mustBeNew: Whether a file that exists is refused.
    init(writing path: String, mustBeNew: Bool = false) throws(RecordingError) {
        let lock: FileLock
        do {
            lock = try FileLock(path, mustBeNew: mustBeNew)
        } catch .inUse {
            throw .inUse(path: path, process: Self.writer(of: path))
        }
        let isNew = lock.size == 0
        // Nothing of another program's database is touched.
        if !isNew { try RecordingStore(reading: path).disconnect() }
        self.path = path
        self.lock = lock
        self.isNew = isNew
        do {
            database = try DatabaseQueue(
                path: path,
                configuration: Self.configuration { database in
                    try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL")
                    try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304")
                })
            try database.write { database in
                if isNew {
                    try Schema.make(in: database)
                } else {
                    try Self.check(database, path: path)
                    try Migration.run(in: database)
                }
            }
            try readFigures()
        } catch {
            if isNew { unlink(path) }
            throw RecordingError(error, path: path)
        }
    }

    /// Opens a file for reading, also while another process writes to it.
    init(reading path: String) throws(RecordingError) {
        self.path = path
        lock = nil
        isNew = false
        var status = stat()
        guard stat(path, &status) == 0 else { throw RecordingError(errno: errno, path: path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notARecording(path: path) }
        // An empty file is a valid database to SQLite.
        guard status.st_size > 0 else { throw .notARecording(path: path) }
        guard access(path, R_OK) == 0 else { throw .failed(path: path, why: "permission denied") }
        var configuration = Self.configuration { _ in }
        configuration.readonly = true
        do {
            do {
                database = try Self.openForReading(path, configuration)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
                // A file with a write-ahead log in a folder that cannot be written to. Without log it cannot change.
                guard access(path + "-wal", F_OK) != 0 else { throw error }
                database = try Self.openForReading(Self.immutable(path), configuration)
            }
            try readFigures()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
            throw .failed(path: path, why: "it was not closed, and its folder cannot be written to")
        } catch {
            throw RecordingError(error, path: path)
        }
    }

    private static func openForReading(_ path: String, _ configuration: Configuration) throws -> DatabaseQueue {
        let database = try DatabaseQueue(path: path, configuration: configuration)
        try database.read { try check($0, path: path) }
        return database
    }

    private static func immutable(_ path: String) -> String {
        // The characters that end the path of a URI, or are escapes themselves.
        let escaped = path.utf8.map { byte in
            byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "%")
                ? "%" + String(byte, radix: 16) : String(decoding: [byte], as: UTF8.self)
        }
        return "file:" + escaped.joined() + "?immutable=1"
    }

    private static func configuration(_ prepare: @escaping @Sendable (Database) throws -> Void) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(2)
        configuration.prepareDatabase { database in
            try prepare(database)
            try database.execute(sql: "PRAGMA cache_size = \(cachePages)")
        }
        return configuration
    }

    /// Checks that an existing database is a recording that this program can read.
    private static func check(_ database: Database, path: String) throws {
        // The first access reads the header, and notices a file that is shorter than it says.
        let application = try Int64.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        guard application == Int64(Schema.applicationID) else { throw RecordingError.notARecording(path: path) }
        let format = try Schema.format(of: database)
        guard format <= RecordingInfo.currentFormat else {
            throw RecordingError.newerFormat(path: path, format: format)
        }
        guard format >= 1 else { throw RecordingError.damaged(path: path) }
        _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM recording")
    }

    private mutating func readFigures() throws {
        figures = try database.read { database in
            try ObjectKind.allCases.reduce(into: [:]) { $0[$1] = try Schema.figures(of: $1, in: database) }
        }
    }

    /// Returns the SQL of a figure: NULL where the file does not have it.
    func column(_ column: FigureColumn, of kind: ObjectKind) -> String {
        figures[kind]?.contains(column) == true ? column.rawValue : "NULL"
    }

    /// Returns the process that a recording names as its writer.
    private static func writer(of path: String) -> Int? {
        guard let store = try? RecordingStore(reading: path) else { return nil }
        return try? store.database.read { try RecordingKey.writer.value(in: $0).flatMap { Int($0) } }
    }

    /// Reads, in a transaction.
    ///
    /// - Throws: `RecordingError` after the connection was closed.
    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        closing.lock.lock()
        defer { closing.lock.unlock() }
        guard !closing.isClosed.load(ordering: .relaxed) else {
            throw RecordingError.failed(path: path, why: "it was closed")
        }
        return try database.read(body)
    }

    /// Ends the connection of a reader.
    func disconnect() {
        closing.lock.lock()
        defer { closing.lock.unlock() }
        closing.isClosed.store(true, ordering: .relaxed)
        try? database.close()
    }

    /// Ends the connection. A file is left without write-ahead log, so that it can be read in a place that cannot be
    /// written to.
    func close() throws {
        if lock != nil {
            try database.writeWithoutTransaction { database in
                try RecordingKey.writer.set(nil, in: database)
                try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                // Fails while another process reads the file; then the log stays, empty.
                try? database.execute(sql: "PRAGMA journal_mode = DELETE")
            }
        }
        disconnect()
        lock?.release()
    }
}

/// Whether a connection was closed, shared by the copies of its store. The lock is held while someone reads: GRDB ends
/// the program when a connection is read that was closed.
private final class Closing: Sendable {
    let lock = NSLock()
    let isClosed = Atomic<Bool>(false)
}

extension RecordingKey {
    func value(in database: Database) throws -> String? {
        try String.fetchOne(database, sql: "SELECT value FROM recording WHERE key = ?", arguments: [rawValue])
    }

    func set(_ value: String?, in database: Database) throws {
        if let value {
            try database.execute(
                sql: "INSERT OR REPLACE INTO recording (key, value) VALUES (?, ?)", arguments: [rawValue, value])
        } else {
            try database.execute(sql: "DELETE FROM recording WHERE key = ?", arguments: [rawValue])
        }
    }
}

extension RecordingInfo {
    init(in database: Database) throws {
        self.init(
            program: try RecordingKey.program.value(in: database) ?? "unknown",
            cluster: try RecordingKey.cluster.value(in: database),
            brokerVersion: try RecordingKey.brokerVersion.value(in: database),
            host: try RecordingKey.host.value(in: database))
        format = try Schema.format(of: database)
        started = try RecordingKey.started.value(in: database).flatMap { Int64($0) }.map(Date.init(milliseconds:))
    }

    func store(in database: Database) throws {
        try RecordingKey.format.set(String(Self.currentFormat), in: database)
        try RecordingKey.program.set(program, in: database)
        if let host { try RecordingKey.host.set(host, in: database) }
        if let cluster { try RecordingKey.cluster.set(cluster, in: database) }
        if let brokerVersion { try RecordingKey.brokerVersion.set(brokerVersion, in: database) }
    }
}
