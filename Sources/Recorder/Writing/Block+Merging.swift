import GRDB

extension Block {
    /// Counts the samples of a closed block without the state that it begins with, and notes the number.
    func countChanges(in database: Database) throws -> Int64 {
        var count: Int64 = 0
        for kind in ObjectKind.allCases {
            count +=
                try Int64.fetchOne(
                    database, sql: "SELECT count(*) FROM \(kind.word)_sample WHERE block = ? AND at > 0",
                    arguments: [id])
                ?? 0
        }
        try database.execute(sql: "UPDATE block SET changes = ? WHERE id = ?", arguments: [count, id])
        return count
    }

    /// Makes one block of closed blocks that follow each other without interruption. It has the number of the last one,
    /// so that what was last used in any of them is kept until it is removed.
    static func merge(_ blocks: [Block], in database: Database) throws {
        guard let first = blocks.first, let last = blocks.last, blocks.count > 1 else { return }
        for kind in ObjectKind.allCases { try merge(kind, of: blocks, in: database) }
        try mergePolls(of: blocks, in: database)
        let list = numbers(blocks.dropLast())
        try database.execute(sql: "DELETE FROM block WHERE id IN \(list)")
        try database.execute(
            sql: "UPDATE block SET begins = ?, changes = NULL WHERE id = ?", arguments: [first.begins, last.id])
        var merged = last
        merged.begins = first.begins
        _ = try merged.countChanges(in: database)
    }

    private static func numbers(_ blocks: some Sequence<Block>) -> String {
        "(" + blocks.map { String($0.id) }.joined(separator: ", ") + ")"
    }

    /// The samples of a kind, without the states with which the later blocks begin where they say nothing new.
    private static func merge(_ kind: ObjectKind, of blocks: [Block], in database: Database) throws {
        guard let first = blocks.first, let last = blocks.last else { return }
        let table = kind.word + "_sample"
        let values = ["listed", "attributes"] + kind.columns.map(\.rawValue)
        let list = values.joined(separator: ", ")
        let unknown = repeatElement("NULL", count: values.count).joined(separator: ", ")
        try database.execute(
            sql: "CREATE TEMP TABLE merging AS SELECT object, at, 0 AS member, \(list) FROM \(table) WHERE 0")
        for (member, block) in blocks.enumerated() {
            let shift = block.begins - first.begins
            try database.execute(
                sql: """
                    INSERT INTO merging SELECT object, at + \(shift), \(member), \(list) FROM \(table)
                    WHERE block = \(block.id)
                    """)
            guard member > 0 else { continue }
            // Of what the state at the beginning of a block does not have, nothing is known.
            try database.execute(
                sql: """
                    INSERT INTO merging SELECT object, \(shift), \(member), \(unknown) FROM (
                        SELECT object, max(at), listed FROM \(table) WHERE block = \(blocks[member - 1].id)
                        GROUP BY object)
                    WHERE listed = 1 AND object NOT IN
                        (SELECT object FROM \(table) WHERE block = \(block.id) AND at = 0)
                    """)
        }
        try database.execute(sql: "DELETE FROM \(table) WHERE block IN \(numbers(blocks))")
        let before = values.map { "lag(\($0)) OVER later AS before_\($0)" }.joined(separator: ", ")
        let isNew = values.map { "\($0) IS NOT before_\($0)" }.joined(separator: " OR ")
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO \(table) (block, object, at, \(list))
                SELECT \(last.id), object, at, \(list) FROM (
                    SELECT object, at, member, \(list), \(before),
                        lag(member) OVER later AS before_member FROM merging
                    WINDOW later AS (PARTITION BY object ORDER BY at, member))
                WHERE before_member IS NULL OR before_member = member OR \(isNew)
                ORDER BY object, at, member
                """)
        try database.execute(sql: "DROP TABLE merging")
    }

    /// The polls, of which each block knows the last ones before it.
    private static func mergePolls(of blocks: [Block], in database: Database) throws {
        guard let first = blocks.first, let last = blocks.last else { return }
        let columns = "list, at, pace, total, undecodable, whole"
        try database.execute(sql: "CREATE TEMP TABLE merging AS SELECT \(columns) FROM poll WHERE 0")
        for block in blocks {
            let polls = "list, at + \(block.begins - first.begins), pace, total, undecodable, whole"
            try database.execute(sql: "INSERT INTO merging SELECT \(polls) FROM poll WHERE block = \(block.id)")
        }
        try database.execute(sql: "DELETE FROM poll WHERE block IN \(numbers(blocks))")
        try database.execute(
            sql: "INSERT OR REPLACE INTO poll (block, \(columns)) SELECT \(last.id), \(columns) FROM merging")
        try database.execute(sql: "DROP TABLE merging")
    }
}
