import Dispatch
public import Faults
public import Foundation
import GRDB
import Synchronization
public import TopCore

/// Records what is reported of a broker: into the private history, or into a file.
///
/// All work is done on a queue of the recorder: no caller waits for the disk. What is handed over while the disk is
/// slower than the broker waits in memory, bounded in bytes; beyond that it is dropped, and the history has a gap.
public final class Recorder: Sendable {
    /// Where the samples are kept.
    public enum Place: Sendable, Hashable {
        /// In a private database that ceases to exist with the process, however that ends.
        case temporary
        /// In a file. One that exists is continued if it is a recording.
        case file(String)
    }

    /// The most bytes of reports that wait, as estimated.
    static let waitingCapacity = 24 << 20
    /// Seconds between commits.
    static let commitInterval = 2.0
    /// Seconds until a failed write is tried again.
    static let retryInterval = 10.0

    private struct State: Sendable {
        var writer: RecordingWriter
        var status: RecordingStatus
        /// The time of the last report.
        var now: Date
        var lastCommit: Date?
        var isCommitDue = false
        /// When writing failed; nothing is written until it is tried again.
        var failedAt: Date?
        var isClosed = false
        /// The status that was reported last.
        var reported: RecordingStatus?
    }

    /// Where the samples are kept.
    public let place: Place
    private let work = DispatchQueue(label: "rabbittop-recorder", qos: .utility)
    private let waiting = Atomic<Int>(0)
    private let dropped = Atomic<Int>(0)
    private let state: Mutex<State>
    /// Reads through the connection of the writer.
    private let privateReader: RecordingReader
    private let limits: RecordingLimits
    private let onStatus: @Sendable (RecordingStatus) -> Void

    /// Opens the place, and begins to record.
    ///
    /// - Parameters:
    ///   - limits: How much is kept.
    ///   - about: What the recording says about itself.
    ///   - onStatus: Is called after commits and when the status changes, on the recorder's queue.
    /// - Throws: Why the place cannot be written to.
    public init(
        _ place: Place, limits: RecordingLimits, about: RecordingInfo,
        onStatus: @escaping @Sendable (RecordingStatus) -> Void
    ) throws(RecordingError) {
        self.place = place
        self.limits = limits
        self.onStatus = onStatus
        let writer = try RecordingWriter(store: Self.open(place), limits: limits, about: about)
        var status = RecordingStatus()
        if case .file(let path) = place { status.file = path }
        privateReader = RecordingReader(sharing: writer.store)
        state = Mutex(State(writer: writer, status: status, now: .distantPast))
    }

    deinit {
        // Nothing else has a reference, so nothing is on the queue; this may be the queue.
        state.withLock { close(&$0) }
    }

    private static func open(_ place: Place) throws(RecordingError) -> RecordingStore {
        switch place {
        case .temporary: try RecordingStore(temporary: ())
        case .file(let path): try RecordingStore(writing: path)
        }
    }

    /// Reads what is recorded: the private history through the recorder's own connection, a file through another one.
    public var reader: RecordingReader {
        switch place {
        case .temporary: privateReader
        case .file(let path): (try? RecordingReader(file: path)) ?? privateReader
        }
    }

    /// The number of reports that were dropped because the disk was too slow.
    public var droppedReports: Int { dropped.load(ordering: .relaxed) }

    /// Records a snapshot that arrived at `now`.
    public func take(_ snapshot: Snapshot, at now: Date) {
        hand(over: snapshot.estimatedSize, at: now) { try $0.take(snapshot, at: now) }
    }

    /// Records entries of the ledger; an entry with the number of an earlier one replaces it.
    public func take(entries: [LedgerEntry], at now: Date) {
        guard !entries.isEmpty else { return }
        hand(over: entries.reduce(0) { $0 + $1.byteCount }, at: now) { try $0.take(entries: entries, at: now) }
    }

    /// Records the findings that are true: all of them, whenever they change.
    public func take(findings: [Finding], at now: Date) {
        hand(over: 1_024 * (findings.count + 1), at: now) { try $0.take(findings: findings, at: now) }
    }

    /// Commits what was handed over before the call, and waits for it.
    public func flush() {
        work.sync { commit() }
    }

    /// Commits what was handed over, and ends the recording: one file that can be read anywhere.
    public func close() {
        work.sync { state.withLock { close(&$0) } }
    }

    private func close(_ state: inout State) {
        guard !state.isClosed else { return }
        // Nothing remains of the private history: there is nothing to write and to sort.
        if case .file = place {
            commit(&state)
            try? state.writer.closeBlock()
        }
        state.isClosed = true
        try? state.writer.store.close()
    }

    /// Goes on in a new file at the same path, when the file was moved away; otherwise only commits. For SIGHUP.
    ///
    /// - Throws: Why the new file cannot be written to. Nothing is recorded then; the status says so.
    public func rotate() throws(RecordingError) {
        guard case .file(let path) = place else { return }
        let result: Result<Void, RecordingError> = work.sync {
            state.withLock { state in
                commit(&state)
                guard state.writer.store.lock?.isInPlace == false else { return .success(()) }
                // The log beside the file has the old path: it must be gone before a new file is there.
                try? state.writer.closeBlock()
                try? state.writer.store.close()
                do {
                    var info = state.writer.info
                    info.started = nil
                    var writer = try RecordingWriter(
                        store: RecordingStore(writing: path), limits: limits, about: info)
                    writer.queues = state.writer.queues
                    state.writer = writer
                    state.status.startedAt = nil
                    return .success(())
                } catch {
                    return .failure(RecordingError(error, path: path))
                }
            }
        }
        try result.get()
    }

    /// Begins a recording in a file, which starts with everything that this recorder has. This one goes on.
    ///
    /// - Parameters:
    ///   - path: The file, which must not exist.
    ///   - limits: How much the file keeps.
    ///   - isCancelled: Is asked every few milliseconds, while this recorder's data is copied, whether the recording is
    ///     not wanted any more; then nothing is left of it.
    ///   - onStatus: As in `init`.
    /// - Throws: Why the file cannot be written; `RecordingError.cancelled` when it is not wanted any more.
    public func record(
        to path: String, limits: RecordingLimits, isCancelled: @escaping @Sendable () -> Bool = { false },
        onStatus: @escaping @Sendable (RecordingStatus) -> Void
    ) throws(RecordingError) -> Recorder {
        let result: Result<RecordingInfo, RecordingError> = work.sync {
            state.withLock { state in
                commit(&state)
                return Result { () throws(RecordingError) in
                    try state.writer.store.copy(to: path, isCancelled: isCancelled)
                    return state.writer.info
                }
            }
        }
        return try Recorder(.file(path), limits: limits, about: result.get(), onStatus: onStatus)
    }

    // MARK: On the recorder's queue

    private func hand(over size: Int, at now: Date, _ body: @escaping @Sendable (inout RecordingWriter) throws -> Void)
    {
        let (others, all) = waiting.add(size, ordering: .relaxed)
        // A single report may be larger: it is in memory already, and the next one would not be smaller.
        guard others == 0 || all <= Self.waitingCapacity else {
            waiting.subtract(size, ordering: .relaxed)
            dropped.add(1, ordering: .relaxed)
            return
        }
        work.async { [self] in
            defer { waiting.subtract(size, ordering: .relaxed) }
            state.withLock { take(&$0, at: now, body) }
        }
    }

    private func take(_ state: inout State, at now: Date, _ body: (inout RecordingWriter) throws -> Void) {
        guard !state.isClosed else { return }
        state.now = now
        do {
            if let failedAt = state.failedAt {
                // A clock that was set back must not stop the attempts.
                guard abs(now.timeIntervalSince(failedAt)) >= Self.retryInterval else { return }
                state.failedAt = now
                try state.writer.restart()
            }
            state.writer.noteStart(now)
            try body(&state.writer)
            state.status.startedAt = state.writer.info.started
            if let last = state.lastCommit, abs(now.timeIntervalSince(last)) < Self.commitInterval,
                state.failedAt == nil
            {
                commitLater(&state)
            } else {
                commit(&state)
            }
        } catch {
            fail(&state, error)
        }
    }

    /// Commits what nothing follows.
    private func commitLater(_ state: inout State) {
        guard !state.isCommitDue else { return }
        state.isCommitDue = true
        work.asyncAfter(deadline: .now() + Self.commitInterval) { [weak self] in self?.commit() }
    }

    private func commit() {
        state.withLock { commit(&$0) }
    }

    private func commit(_ state: inout State) {
        state.isCommitDue = false
        guard !state.isClosed, state.writer.isBlockOpen else { return }
        do {
            try state.writer.flush()
            state.failedAt = nil
            state.lastCommit = state.now
            state.status.problem = nil
            state.status.advice = nil
            state.status.span = try state.writer.store.database.read { try RecordingReader.span(in: $0) }
            state.status.bytes = try state.writer.usedBytes()
            report(&state)
        } catch {
            fail(&state, error)
        }
    }

    private func fail(_ state: inout State, _ error: any Error) {
        let error = RecordingError(error, path: state.writer.store.path)
        state.writer.dropPending()
        state.failedAt = state.now
        state.status.problem = error.what
        state.status.advice = error.advice
        report(&state)
    }

    private func report(_ state: inout State) {
        guard state.reported != state.status else { return }
        state.reported = state.status
        onStatus(state.status)
    }
}

extension Snapshot {
    /// The approximate size in memory, in bytes.
    var estimatedSize: Int {
        switch self {
        case .cluster(let part): 4_096 * (part.nodes.count + 1)
        case .queueDepths(let part): 160 * part.depths.count
        case .queuesLive(let part): 160 * part.depths.count
        case .queuesRich(let part): 1_024 * part.queues.count
        case .connections(let part): 640 * part.rows.count
        case .channels(let part): 640 * part.rows.count
        case .consumers(let part): 512 * part.rows.count
        case .exchanges(let part): 384 * part.rows.count
        case .client(let part): 1_024 * part.rows.count
        case .sources(let sources): 512 * sources.count
        case .faults(let records): 1_024 * records.count
        case .configuration(let part): 384 * part.items.count
        case .lab, .vhosts, .detail, .cost, .route, .incoming, .named: 0
        }
    }
}

extension Recorder {
    /// Limits the pages of the store, as a full disk does. For tests.
    func limitPages(to count: Int) {
        work.sync {
            state.withLock { state in
                _ = try? state.writer.store.database.writeWithoutTransaction {
                    try Int.fetchOne($0, sql: "PRAGMA max_page_count = \(count)")
                }
            }
        }
    }
}
