public import Faults
public import Foundation
import GRDB
public import TopCore

/// A finding and the time in which it was true.
public struct FindingPeriod: Sendable, Equatable {
    /// The finding, with its last figures.
    public var finding: Finding
    /// When it was found first.
    public var from: Date
    /// When it was no longer true; `nil` while it is.
    public var to: Date?

    /// Creates a period.
    public init(finding: Finding, from: Date, to: Date?) {
        self.finding = finding
        self.from = from
        self.to = to
    }
}

extension RecordingReader {
    /// Returns the entries of a time, the newest last, and at most the `limit` newest.
    public func entries(from: Date, to: Date, limit: Int) throws(RecordingError) -> [LedgerEntry] {
        guard let first = from.milliseconds, let last = to.milliseconds else { return [] }
        return try read { try Self.entries(from: first, until: last, limit: limit, in: $0) }
    }

    static func entries(
        from: Int64 = .min, until: Int64, limit: Int, in database: Database
    ) throws -> [LedgerEntry] {
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT id, at, \(EventColumn.list) FROM event WHERE at BETWEEN ? AND ? "
                + "ORDER BY at DESC, id DESC LIMIT ?", arguments: [from, until, max(0, limit)])
        var entries: [LedgerEntry] = []
        while let row = try rows.next() { entries.append(LedgerEntry(row)) }
        return entries.reversed()
    }

    /// Returns the findings that were true at some point of a time, by their beginning.
    public func findings(from: Date, to: Date) throws(RecordingError) -> [FindingPeriod] {
        guard let first = from.milliseconds, let last = to.milliseconds else { return [] }
        return try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT f.rule, f.place, f.begins, f.ends, t.* FROM finding f JOIN finding_text t
                        ON t.finding = f.id AND t.at = (SELECT max(at) FROM finding_text WHERE finding = f.id)
                    WHERE f.begins <= ? AND (f.ends IS NULL OR f.ends >= ?) ORDER BY f.begins, f.id
                    """, arguments: [last, first])
            return rows.compactMap { row in
                Finding(row).map {
                    FindingPeriod(
                        finding: $0, from: Date(milliseconds: row.time("begins") ?? 0),
                        to: row.time("ends").map(Date.init(milliseconds:)))
                }
            }
        }
    }

    /// Returns the time of what is looked for; `nil` when there is none. Opened and closed connections and channels do
    /// not count as events: there are thousands of them on a busy broker.
    public func time(of target: SeekTarget) throws(RecordingError) -> Date? {
        switch target {
        case .time(let time): time
        case .eventBefore(let time): try nearest("max", "< ?1", to: time)
        case .eventAfter(let time): try nearest("min", "> ?1", to: time)
        }
    }

    private func nearest(_ choice: String, _ condition: String, to time: Date) throws(RecordingError) -> Date? {
        guard let time = time.milliseconds else { return nil }
        return try read { database in
            try Int64.fetchOne(
                database,
                sql: """
                    SELECT \(choice)(at) FROM (
                        SELECT \(choice)(at) AS at FROM event
                            WHERE at \(condition) AND kind NOT IN ('opened', 'closed')
                        UNION ALL SELECT \(choice)(begins) FROM finding WHERE begins \(condition)
                        UNION ALL SELECT \(choice)(ends) FROM finding WHERE ends \(condition))
                    """, arguments: [time])
        }.map(Date.init(milliseconds:))
    }

    /// Returns the faults of a time, as they were at its end.
    public func faults(from: Date, to: Date) throws(RecordingError) -> [FaultRecord] {
        guard let first = from.milliseconds, let last = to.milliseconds else { return [] }
        return try read { database in
            let texts = try String.fetchAll(
                database,
                sql: """
                    SELECT value FROM fault f WHERE at = (SELECT max(at) FROM fault
                        WHERE run = f.run AND number = f.number AND at <= ?) ORDER BY run, number
                    """, arguments: [last])
            return texts.compactMap { try? JSONDecoder().decode(FaultRecord.self, from: Data($0.utf8)) }
                .filter { $0.ended.map { $0 * 1_000 >= Double(first) } ?? true }
        }
    }
}
