import Faults
public import Foundation
import GRDB
import Names
import Synchronization
import TopCore

/// Reads a recording, also while another process writes to it, or the private history.
///
/// Every method waits for the disk: call it on a thread that may wait.
public final class RecordingReader: Sendable {
    let store: RecordingStore
    let cache = Mutex(ReaderCache())

    /// Opens a recording.
    ///
    /// - Throws: Why it cannot be read.
    public init(file path: String) throws(RecordingError) {
        store = try RecordingStore(reading: path)
    }

    /// Reads through the connection of a writer.
    init(sharing store: RecordingStore) {
        self.store = store
    }

    /// What the recording says about itself. What cannot be read is unknown.
    public var info: RecordingInfo {
        (try? store.read { try RecordingInfo(in: $0) }) ?? RecordingInfo(program: "unknown")
    }

    /// Returns the first and the last time of which something is known; `nil` when there is none.
    public func span() throws(RecordingError) -> ClosedRange<Date>? {
        try read { try Self.span(in: $0) }
    }

    static func span(in database: Database) throws -> ClosedRange<Date>? {
        let row = try Row.fetchOne(database, sql: "SELECT min(begins), max(ends) FROM block")
        guard let row, let first = row.time(0), let last = row.time(1) else { return nil }
        return Date(milliseconds: first)...Date(milliseconds: max(first, last))
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(RecordingError) -> Value {
        do {
            return try store.read(body)
        } catch {
            throw RecordingError(error, path: store.path)
        }
    }

    /// Closes the file. Reading is an error after that.
    public func close() {
        store.disconnect()
    }
}

/// What does not change in a recording once it was written, by its number.
struct ReaderCache: Sendable {
    private(set) var identities: [Int64: ObjectIdentity] = [:]
    private(set) var rests: [Int64: any Sendable] = [:]
    private var restBytes = 0

    /// The most identities; beyond it the cache begins anew.
    private static let identityCapacity = 200_000
    /// The most bytes of attributes, as estimated; beyond it the cache begins anew.
    private static let restCapacity = 32 << 20

    mutating func note(_ identity: ObjectIdentity, of object: Int64) {
        if identities.count >= Self.identityCapacity { identities = [:] }
        identities[object] = identity
    }

    /// Notes attributes, which have `length` bytes as text.
    mutating func note(_ rest: any Sendable, of attributes: Int64, length: Int) {
        // What is decoded takes several times the room of its text.
        restBytes += 1_024 + 4 * length
        if restBytes > Self.restCapacity {
            rests = [:]
            restBytes = 1_024 + 4 * length
        }
        rests[attributes] = rest
    }
}

/// A time without interruption in which samples were written.
struct Block: Sendable {
    var id: Int64
    /// Milliseconds since 1970.
    var begins: Int64
    var ends: Int64
    /// Whether its samples are not sorted yet.
    var isOpen: Bool
    /// The number of its samples without the state that it begins with; `nil` until they are counted.
    var changes: Int64?

    /// Reads a row of `block`; `nil` where a damaged file has something else.
    init?(_ row: Row) {
        guard let id = row.integer("id"), let begins = row.time("begins"), let ends = row.time("ends") else {
            return nil
        }
        self.id = id
        self.begins = begins
        self.ends = ends
        isOpen = row.number("stage") == BlockStage.open.rawValue
        changes = row.integer("changes")
    }

    /// The table of its samples.
    func table(of kind: ObjectKind) -> String { kind.word + (isOpen ? "_recent" : "_sample") }

    /// Returns the block that tells about a time: the newest that has it, since the clock may have been set back;
    /// otherwise the last one before.
    static func at(_ time: Int64, in database: Database) throws -> Block? {
        for condition in ["begins <= ?1 AND ends >= ?1 ORDER BY id DESC", "begins <= ?1 ORDER BY ends DESC"] {
            let row = try Row.fetchOne(
                database, sql: "SELECT * FROM block WHERE \(condition) LIMIT 1", arguments: [time])
            if let row { return Block(row) }
        }
        return nil
    }
}
