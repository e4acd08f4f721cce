public import Foundation
import GRDB
import Glibc

extension RecordingReader {
    /// Writes a smaller recording: the whole blocks that have something of a time, and the events, findings and faults
    /// of it.
    ///
    /// - Parameter path: The file, which must not exist.
    /// - Throws: Why it cannot be written or read.
    public func slice(from: Date, to: Date, into path: String) throws(RecordingError) {
        guard let first = from.milliseconds, let last = to.milliseconds else { return }
        let target = try RecordingStore(writing: path, mustBeNew: true)
        do {
            try store.read { source in
                try target.database.write { try Self.copy(source, to: $0, from: first, until: last) }
            }
            try target.close()
        } catch {
            unlink(path)
            throw RecordingError(error, path: path)
        }
    }

    private static func copy(_ source: Database, to target: Database, from: Int64, until: Int64) throws {
        let blocks = try Int64.fetchAll(
            source, sql: "SELECT id FROM block WHERE ends >= ? AND begins <= ?", arguments: [from, until])
        let list = "(" + blocks.map(String.init).joined(separator: ", ") + ")"
        try copy("block", "id IN \(list)", source, target)
        try copy("poll", "block IN \(list)", source, target)
        for kind in ObjectKind.allCases {
            for table in ["sample", "recent"] {
                try copy("\(kind.word)_\(table)", "block IN \(list)", source, target)
            }
            for (table, column) in [("object", "object"), ("attributes", "attributes")] {
                for samples in ["sample", "recent"] {
                    try copy(
                        table, "id IN (SELECT \(column) FROM \(kind.word)_\(samples) WHERE block IN \(list))", source,
                        target)
                }
            }
        }
        // The slice has the present format, whatever that of the recording is.
        try RecordingKey.format.set(String(RecordingInfo.currentFormat), in: target)
        let own = [RecordingKey.writer, .format].map { "'\($0.rawValue)'" }.joined(separator: ", ")
        try copy("recording", "key NOT IN (\(own))", source, target)
        try copy("gap", "ends >= \(from) AND begins <= \(until)", source, target)
        try copy("event", "at BETWEEN \(from) AND \(until)", source, target)
        let lasting = "begins <= \(until) AND (ends IS NULL OR ends >= \(from))"
        try copy("finding", lasting, source, target)
        try copy("finding_text", "finding IN (SELECT id FROM finding WHERE \(lasting))", source, target)
        try copy("configuration", lasting, source, target)
        try copy("fault", "at <= \(until)", source, target)
    }

    private static func copy(_ table: String, _ condition: String, _ source: Database, _ target: Database) throws {
        let rows = try Row.fetchCursor(source, sql: "SELECT * FROM \(table) WHERE \(condition)")
        let marks = { (count: Int) in repeatElement("?", count: count).joined(separator: ", ") }
        while let row = try rows.next() {
            let names = row.columnNames.map { "\"\($0)\"" }.joined(separator: ", ")
            let insert = try target.cachedStatement(
                sql: "INSERT OR IGNORE INTO \(table) (\(names)) VALUES (\(marks(row.count)))")
            try insert.execute(arguments: StatementArguments(row.databaseValues))
        }
    }
}
