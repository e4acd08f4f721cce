import Dispatch
import Foundation
import GRDB
import Glibc
import RabbitMQClient
import Synchronization

/// Stores consumed orders in a SQLite database by their ids: storing the same id again changes nothing.
///
/// A consumer that acknowledges after storing loses nothing; what the broker delivers twice is stored once. While the
/// file is locked by another process or is gone, storing is retried with the exponential backoff of a connection's
/// recovery (`RecoveryPolicy`), and `trouble()` reports it.
///
/// SQLite waits for disks and locks, so all of it runs on a dispatch queue of the store, and no thread of the
/// cooperative pool waits for it. The journal is SQLite's rollback journal, with which SQLite notices a file that was
/// moved away (SQLITE_READONLY_DBMOVED); with a write-ahead log it would continue to write into the moved one.
public final class OrderStore: Sendable {
    /// The outcome of storing an order.
    public enum Outcome: String, Sendable, Hashable, Codable {
        /// The order was stored.
        case stored
        /// The id was stored before: nothing was changed.
        case known
    }

    /// A change in the state of the database.
    public enum Event: Sendable, Hashable {
        /// An attempt failed in a way that may pass; the next one, `attempt` counted from 1, begins after `delay`.
        case failing(OrderStoreError, attempt: Int, delay: Duration)
        /// The first successful attempt after failed ones, with the time since the first of those.
        case works(after: Duration)
    }

    private struct State {
        var database: DatabaseQueue?
        /// The file's inode when it was opened.
        var inode: UInt64?
        var isClosed = false
        /// The orders that wait for the database, with the reason.
        var waiting: [UInt64: OrderStoreError] = [:]
        var troubledSince: ContinuousClock.Instant?
        var nextWait: UInt64 = 0
    }

    /// The path of the database's file.
    public let path: String
    /// How attempts are repeated while the database is locked or gone; if disabled, the first failure is thrown.
    public let policy: RecoveryPolicy
    private let onEvent: @Sendable (Event) -> Void
    /// The highest number of pages of the file; nil: limited by the disk only.
    private let pageLimit: Int?
    private let queue: DispatchQueue
    private let state = Mutex(State())

    private init(
        _ path: String, _ policy: RecoveryPolicy, _ pageLimit: Int?, _ onEvent: @escaping @Sendable (Event) -> Void
    ) {
        self.path = path
        self.policy = policy
        self.pageLimit = pageLimit
        self.onEvent = onEvent
        queue = DispatchQueue(label: "rabbittop-order-store")
    }

    /// Opens the database, and creates file and table if they are missing.
    ///
    /// - Parameters:
    ///   - policy: how attempts are repeated while the file is locked or gone. Its `attempts` is honoured.
    ///   - pageLimit: the highest number of pages of 4096 bytes of the file; nil: limited by the disk only.
    ///   - onEvent: called for every failed attempt and for the first success after it, from any thread.
    /// - Throws: why it cannot be opened, after one attempt.
    public static func open(
        _ path: String, policy: RecoveryPolicy = .standard, pageLimit: Int? = nil,
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) async throws(OrderStoreError) -> OrderStore {
        let store = OrderStore(path, policy, pageLimit, onEvent)
        try await store.attempt { store in
            try store.openFile(isNew: true).write { database in
                try database.execute(
                    sql: """
                        CREATE TABLE IF NOT EXISTS orders (
                            id TEXT PRIMARY KEY NOT NULL, body BLOB NOT NULL, storedAt DOUBLE NOT NULL
                        ) WITHOUT ROWID
                        """)
            }
        }
        return store
    }

    // MARK: Storing

    /// Stores an order once; waits as long as the database is locked or gone.
    ///
    /// - Throws: `locked` and `gone` if the policy allows no further attempt, `cancelled`, `closed`, and immediately
    ///   what does not pass by itself: `full`, `notWritable`, `damaged`, `failed`.
    @discardableResult
    public func store(_ id: some NameConvertible, body: [UInt8] = []) async throws(OrderStoreError) -> Outcome {
        let now = Date().timeIntervalSince1970
        // SQLite compares both by their bytes, and a text never equals a blob.
        let id: DatabaseValue = id.asName.isText ? id.asName.text.databaseValue : Data(id.asName.bytes).databaseValue
        return try await persist { store in
            try store.openFile(isNew: false).write { database in
                try database.execute(
                    sql: "INSERT INTO orders (id, body, storedAt) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
                    arguments: [id, Data(body), now])
                return database.changesCount == 1 ? .stored : .known
            }
        }
    }

    /// Returns the number of stored orders. Retries like `store`.
    public func count() async throws(OrderStoreError) -> Int {
        try await persist { store in
            try store.openFile(isNew: false).read { try Int.fetchOne($0, sql: "SELECT count(*) FROM orders") ?? 0 }
        }
    }

    /// Returns the ids of all orders. Retries like `store`.
    public func ids() async throws(OrderStoreError) -> Set<Name> {
        try await persist { store in
            let ids = try store.openFile(isNew: false).read {
                try DatabaseValue.fetchAll($0, sql: "SELECT id FROM orders")
            }
            return Set(
                ids.map { id in
                    switch id.storage {
                    case .blob(let bytes): Name(bytes: bytes)
                    case .null, .int64, .double, .string: Name(String.fromDatabaseValue(id) ?? "")
                    }
                })
        }
    }

    // MARK: Looking after it

    /// Returns what is wrong with the database now, for a health check; nil if an order could be stored.
    public func trouble() async -> String? {
        if let error = state.withLock({ $0.waiting.values.first }) { return error.message }
        do throws(OrderStoreError) {
            try await attempt { store in
                try store.openFile(isNew: false).writeWithoutTransaction { database in
                    try database.inTransaction(.immediate) { .rollback }
                }
            }
            return nil
        } catch {
            return error.message
        }
    }

    /// Closes the file. Waiting orders fail with `closed`.
    public func close() async {
        await onQueue { store in
            store.state.withLock { $0.isClosed = true }
            store.closeFile()
        }
    }

    deinit {
        try? state.withLock { $0.database }?.close()
    }

    // MARK: Attempts

    /// Repeats attempts until one succeeds, or fails permanently.
    private func persist<Value: Sendable>(
        _ body: @escaping @Sendable (OrderStore) throws -> Value
    ) async throws(OrderStoreError) -> Value {
        let id = state.withLock { state in
            state.nextWait += 1
            return state.nextWait
        }
        defer { state.withLock { _ = $0.waiting.removeValue(forKey: id) } }
        var failures = 0
        while true {
            let failure: OrderStoreError
            do throws(OrderStoreError) {
                let value = try await attempt(body)
                worked()
                return value
            } catch {
                failure = error
            }
            failures += 1
            guard policy.isEnabled, failure.isTransient, failures <= policy.attempts ?? .max else { throw failure }
            let delay = policy.delay(attempt: failures - 1, random: .random(in: 0...1))
            state.withLock { state in
                state.waiting[id] = failure
                if state.troubledSince == nil { state.troubledSince = .now }
            }
            onEvent(.failing(failure, attempt: failures, delay: delay))
            do { try await Task.sleep(for: delay) } catch {
                throw OrderStoreError(.cancelled, path: path, "was waited for, and the wait was cancelled")
            }
        }
    }

    private func worked() {
        let since = state.withLock { state in
            defer { state.troubledSince = nil }
            return state.troubledSince
        }
        if let since { onEvent(.works(after: .now - since)) }
    }

    private func attempt<Value: Sendable>(
        _ body: @escaping @Sendable (OrderStore) throws -> Value
    ) async throws(OrderStoreError) -> Value {
        let result: Result<Value, OrderStoreError> = await onQueue { store in
            do {
                return .success(try body(store))
            } catch {
                let error = OrderStoreError(error, path: store.path, isNew: !store.wasOpen)
                // The open file no longer has this name: the next attempt opens the one that has.
                if error.code == .gone { store.closeFile() }
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func onQueue<Value: Sendable>(_ body: @escaping @Sendable (OrderStore) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body(self)) }
        }
    }

    // MARK: The file, on the queue alone

    /// Whether the file was opened before.
    private var wasOpen: Bool { state.withLock { $0.inode != nil } }

    private func openFile(isNew: Bool) throws -> DatabaseQueue {
        let (database, inode, isClosed) = state.withLock { ($0.database, $0.inode, $0.isClosed) }
        if isClosed { throw OrderStoreError(.closed, path: path, "was closed") }
        if let database {
            if FileIdentity.inode(of: path) == inode { return database }
            throw OrderStoreError(.gone, path: path, "has gone: the file was moved or deleted")
        }
        // SQLite would create an empty one in its place.
        if !isNew, FileIdentity.inode(of: path) == nil {
            throw OrderStoreError(.gone, path: path, "has gone: there is no such file")
        }
        var configuration = Configuration()
        // Waiting for a lock is left to the policy, so that it does not block the queue.
        configuration.busyMode = .immediateError
        configuration.label = "orders"
        if let pageLimit {
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA max_page_count = \(pageLimit)") }
        }
        let opened = try DatabaseQueue(path: path, configuration: configuration)
        state.withLock { state in
            state.database = opened
            state.inode = FileIdentity.inode(of: path)
        }
        return opened
    }

    private func closeFile() {
        let database = state.withLock { state in
            defer { state.database = nil }
            return state.database
        }
        try? database?.close()
    }
}

/// Identifies the file at a path.
enum FileIdentity {
    /// Returns the file's inode number; nil if there is no file.
    static func inode(of path: String) -> UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}
