import Faults
import Foundation
import GRDB
import TopCore

/// How many events a time has.
public struct EventCounts: Sendable, Equatable {
    /// The number of events, each counted once however often it was reported.
    public var all: Int
    /// The number of errors, each as often as it was reported.
    public var errors: Int

    /// Creates counts.
    public init(all: Int = 0, errors: Int = 0) {
        self.all = all
        self.errors = errors
    }
}

extension RecordingReader {
    /// Returns the first events of a time, the oldest first, and how many there are. Where there are too many, what was
    /// only opened or closed is left out.
    func firstEntries(from: Date, to: Date, limit: Int) throws(RecordingError) -> ([LedgerEntry], EventCounts) {
        guard let first = from.milliseconds, let last = to.milliseconds else { return ([], EventCounts()) }
        return try read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT count(*), total(CASE WHEN kind = 'error' THEN "count" ELSE 0 END) FROM event
                    WHERE at BETWEEN ? AND ?
                    """, arguments: [first, last])
            let counts = EventCounts(
                all: row?[0] ?? 0, errors: (row?[1] as Double?).flatMap { Int(exactly: $0.rounded()) } ?? 0)
            let condition = counts.all > limit ? "AND kind NOT IN ('opened', 'closed')" : ""
            let rows = try Row.fetchCursor(
                database,
                sql: "SELECT id, at, \(EventColumn.list) FROM event WHERE at BETWEEN ? AND ? \(condition) "
                    + "ORDER BY at, id LIMIT ?", arguments: [first, last, max(0, limit)])
            var entries: [LedgerEntry] = []
            while let row = try rows.next() { entries.append(LedgerEntry(row)) }
            return (entries, counts)
        }
    }

    /// Returns the versions of RabbitMQ that were reported in a time, in their order.
    func versions(from: Date, to: Date) throws(RecordingError) -> [String] {
        let known = try moment(at: from)?.cluster?.version
        guard let first = from.milliseconds, let last = to.milliseconds else { return [] }
        return try read { database in
            var versions = known.map { [$0] } ?? []
            let rows = try String.fetchCursor(
                database,
                sql: "SELECT version FROM overview_history WHERE at_ms BETWEEN ? AND ? AND version IS NOT NULL "
                    + "ORDER BY at_ms", arguments: [first, last])
            while let version = try rows.next() {
                if versions.last?.hasSameBytes(as: version) != true { versions.append(version) }
                // A broker is not upgraded that often; something else is wrong.
                if versions.count > 10 { break }
            }
            return versions
        }
    }
}
