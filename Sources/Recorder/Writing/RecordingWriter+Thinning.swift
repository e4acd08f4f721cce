import GRDB
import TopCore

extension RecordingWriter {
    /// Keeps less of the blocks of a stage that ended before a time.
    func thin(to stage: BlockStage, from earlier: BlockStage, endedBefore time: Int64) throws {
        guard let slot = stage.slot else { return }
        try store.database.write { database in
            let blocks = try Int64.fetchAll(
                database, sql: "SELECT id FROM block WHERE stage = ? AND ends < ? ORDER BY id LIMIT ?",
                arguments: [earlier.rawValue, time, Self.blocksAtOnce])
            for block in blocks {
                for kind in ObjectKind.allCases { try Self.thin(kind, block: block, slot: slot, in: database) }
                // One poll a slot is enough: a longer silence has a row in `gap`.
                try database.execute(
                    sql: """
                        DELETE FROM poll WHERE block = ? AND (list, at) NOT IN
                            (SELECT list, max(at) FROM poll WHERE block = ? GROUP BY list, at / ?
                            UNION SELECT list, min(at) FROM poll WHERE block = ? GROUP BY list)
                        """, arguments: [block, block, slot, block])
                try database.execute(
                    sql: "UPDATE block SET stage = ?, changes = NULL WHERE id = ?", arguments: [stage.rawValue, block])
            }
        }
    }

    /// Keeps of each object and slot the last sample, and those with the lowest and the highest value of the kind's
    /// first figure.
    private static func thin(_ kind: ObjectKind, block: Int64, slot: Int64, in database: Database) throws {
        guard let figure = kind.columns.first?.rawValue else { return }
        let columns = Schema.columns(of: kind)
        try database.execute(
            sql: """
                CREATE TEMP TABLE kept AS SELECT \(columns) FROM (
                    SELECT *, row_number() OVER (PARTITION BY object, at / \(slot) ORDER BY at DESC) AS newest,
                        row_number() OVER (PARTITION BY object, at / \(slot)
                            ORDER BY \(figure) IS NULL, \(figure)) AS lowest,
                        row_number() OVER (PARTITION BY object, at / \(slot)
                            ORDER BY \(figure) IS NULL, \(figure) DESC) AS highest
                    FROM \(kind.word)_sample WHERE block = \(block))
                WHERE newest = 1 OR lowest = 1 OR highest = 1 OR at = 0
                ORDER BY object, at
                """)
        try database.execute(sql: "DELETE FROM \(kind.word)_sample WHERE block = ?", arguments: [block])
        try database.execute(sql: "INSERT INTO \(kind.word)_sample (\(columns)) SELECT \(columns) FROM kept")
        try database.execute(sql: "DROP TABLE kept")
    }

    /// Merges blocks of a stage that follow each other, until they are long or have many changes: each block begins
    /// with the state of everything, which takes most of the room where little changes.
    ///
    /// One group of blocks is merged, once it is known what follows it.
    func merge(_ stage: BlockStage) throws {
        let longest = limits.longestMerged(stage)
        // A moment is read from one block: more samples would make that slow.
        let most = max(Self.mergedChanges, Self.mergedChangesForEachObject * Int64(trackers.count))
        try store.database.write { database in
            var uncounted = 4 * Self.blocksAtOnce
            var group: [Block] = []
            var changes: Int64 = 0
            for row in try Row.fetchAll(database, sql: "SELECT * FROM block ORDER BY id") {
                guard let block = Block(row), row.number("stage") == stage.rawValue else {
                    // Blocks of an earlier stage become one of this stage, and may belong to the group.
                    group = []
                    continue
                }
                if block.changes == nil { uncounted -= 1 }
                guard uncounted >= 0 else { return }
                let more = try block.changes ?? block.countChanges(in: database)
                if let first = group.first, let last = group.last, last.ends == block.begins,
                    block.ends - first.begins <= longest, changes + more <= most
                {
                    group.append(block)
                    changes += more
                } else if group.count > 1 {
                    return try Block.merge(group, in: database)
                } else {
                    group = [block]
                    changes = more
                }
            }
        }
    }

    /// A merged block has at most this many changes, if there are few objects.
    private static let mergedChanges: Int64 = 60_000
    /// A merged block has at most this many changes of each object, if there are many.
    private static let mergedChangesForEachObject: Int64 = 4
}
