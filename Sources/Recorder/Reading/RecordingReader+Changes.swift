public import Foundation
import GRDB
import Names
public import TopCore

/// How much one figure of an object changed in a time.
public struct FigureChange: Sendable, Equatable {
    /// The object.
    public var subject: History.Subject
    /// The figure.
    public var metric: History.Metric
    /// The lowest value.
    public var low: Double
    /// The highest value.
    public var high: Double

    /// Creates a change.
    public init(subject: History.Subject, metric: History.Metric, low: Double, high: Double) {
        self.subject = subject
        self.metric = metric
        self.low = low
        self.high = high
    }
}

extension RecordingReader {
    /// Returns the queues and nodes whose figures changed most in a time: for each of the figures the `limit` largest
    /// differences, the largest first. A figure that never changed is not among them.
    public func changes(
        of metrics: [History.Metric] = [.ready, .unacked, .publishRate, .deliverRate, .consumers, .memory],
        from: Date, to: Date, limit: Int
    ) throws(RecordingError) -> [FigureChange] {
        guard let first = from.milliseconds, let last = to.milliseconds else { return [] }
        return try read { database in
            var changes: [FigureChange] = []
            for kind in [ObjectKind.queue, .node] {
                for metric in metrics where kind.columns.contains(FigureColumn(metric)) {
                    // The memory of single queues is known of a few only.
                    if kind == .queue, metric == .memory { continue }
                    changes += try self.changes(kind, metric, first, last, limit, in: database)
                }
            }
            return changes
        }
    }

    private func changes(
        _ kind: ObjectKind, _ metric: History.Metric, _ from: Int64, _ to: Int64, _ limit: Int, in database: Database
    ) throws -> [FigureChange] {
        let column = FigureColumn(metric)
        let figure = store.column(column, of: kind)
        var ranges: [Int64: (low: Int64, high: Int64)] = [:]
        let blocks = try Row.fetchAll(
            database, sql: "SELECT * FROM block WHERE ends >= ? AND begins <= ? ORDER BY id", arguments: [from, to]
        ).compactMap { Block($0) }
        for block in blocks {
            // What was true when the time began is the last sample before it.
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT object, min(value), max(value) FROM (
                        SELECT object, \(figure) AS value FROM \(block.table(of: kind))
                            WHERE block = ?1 AND at BETWEEN ?2 AND ?3
                        UNION ALL SELECT object, value FROM (
                            SELECT object, max(at), \(figure) AS value FROM \(block.table(of: kind))
                            WHERE block = ?1 AND at < ?2 GROUP BY object))
                    WHERE value IS NOT NULL GROUP BY object
                    """, arguments: [block.id, from - block.begins, to - block.begins])
            while let row = try rows.next() {
                guard let object = row.integer(0), let low = row.integer(1), let high = row.integer(2) else { continue }
                let known = ranges[object]
                ranges[object] = (min(low, known?.low ?? low), max(high, known?.high ?? high))
            }
        }
        let scale = column.unit == .count ? 1.0 : 1_000
        let largest = ranges.filter { $0.value.low < $0.value.high }
            .sorted { Double($0.value.high) - Double($0.value.low) > Double($1.value.high) - Double($1.value.low) }
            .prefix(max(0, limit))
        return try largest.compactMap { object, range in
            let row = try Row.fetchOne(database, sql: "SELECT * FROM object WHERE id = ?", arguments: [object])
            guard let identity = row.flatMap({ ObjectIdentity($0) }) else { return nil }
            return FigureChange(
                subject: kind == .queue ? .queue(identity.entity) : .node(identity.name), metric: metric,
                low: Double(range.low) / scale, high: Double(range.high) / scale)
        }
    }
}
