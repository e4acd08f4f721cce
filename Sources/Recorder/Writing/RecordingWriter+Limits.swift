import GRDB
import TopCore

extension RecordingWriter {
    /// How many blocks are thinned or removed after one was closed: what is due is spread over time.
    static let blocksAtOnce = 3

    /// Thins and removes blocks by their age.
    mutating func thin() throws {
        let now = sink.now
        // Nothing is lost to a clock that was set forward by mistake and back again.
        guard now >= keepUntil else { return }
        try thin(to: .tenMinutes, from: .minutes, endedBefore: now - limits.milliseconds(\.minutes))
        try thin(to: .minutes, from: .full, endedBefore: now - limits.milliseconds(\.full))
        try merge(.tenMinutes)
        try merge(.minutes)
        let outdated = now - limits.milliseconds(\.retention)
        for _ in 0..<Self.blocksAtOnce {
            guard try removeOldestBlock(endedBefore: outdated) else { break }
        }
    }

    /// Removes the oldest closed block that ended before a time.
    ///
    /// - Returns: Whether there was one.
    private mutating func removeOldestBlock(endedBefore time: Int64) throws -> Bool {
        try store.database.write { database in
            let oldest = try Int64.fetchOne(
                database, sql: "SELECT min(id) FROM block WHERE stage > 0 AND ends < ?", arguments: [time])
            guard let oldest else { return false }
            for kind in ObjectKind.allCases {
                try database.execute(
                    sql: "DELETE FROM \(kind.word)_sample WHERE block = ?", arguments: [oldest])
            }
            try database.execute(sql: "DELETE FROM poll WHERE block = ?", arguments: [oldest])
            try database.execute(sql: "DELETE FROM block WHERE id = ?", arguments: [oldest])
            // The highest numbers stay, so that they are never used again for something else.
            for table in ["object", "attributes"] {
                try database.execute(
                    sql: "DELETE FROM \(table) WHERE last_block <= ? AND id < (SELECT max(id) FROM \(table))",
                    arguments: [oldest])
            }
            try removeOutdated(in: database)
            return true
        }
    }

    /// Removes events and the like that are older than every block.
    private func removeOutdated(in database: Database) throws {
        let first = try Int64.fetchOne(database, sql: "SELECT min(begins) FROM block") ?? sink.now
        for sql in [
            "DELETE FROM event WHERE at < ?", "DELETE FROM finding WHERE ends < ?",
            "DELETE FROM configuration WHERE ends < ?", "DELETE FROM gap WHERE ends < ?",
        ] {
            try database.execute(sql: sql, arguments: [first])
        }
        try database.execute(
            sql: "DELETE FROM finding_text WHERE NOT EXISTS (SELECT 1 FROM finding f WHERE f.id = finding)")
        // The last state of each fault of the present run stays.
        try database.execute(sql: "DELETE FROM fault WHERE at < ? AND run < ?", arguments: [first, run])
    }

    /// The bytes that the store uses: pages with contents, and the write-ahead log of a file.
    func usedBytes() throws -> Int {
        try store.database.read { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            let size = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 4_096
            return (pages - free).multipliedReportingOverflow(by: size).partialValue
        }
    }

    /// Removes the oldest blocks until the file is smaller than its limit, and gives free pages back.
    mutating func enforceSize() throws {
        // Room for the write-ahead log and for the block that is written to.
        let target = limits.size - min(limits.size / 3, 16 << 20)
        var used = try usedBytes()
        while used > target {
            let time = keepUntil > sink.now ? keepUntil : Int64.max
            if try !removeOldestBlock(endedBefore: time) {
                guard isBlockOpen, sink.changes > 0 else { break }
                // Only the open block is left.
                try closeBlock()
                beginBlock()
                try write()
            }
            used = try usedBytes()
        }
        try store.database.writeWithoutTransaction { database in
            let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            // A few free pages are about to be used again.
            guard free > 4_096 || free * 4_096 > limits.size / 10 else { return }
            try database.execute(sql: "PRAGMA incremental_vacuum(2048)")
            // The file itself shrinks when its log is copied into it.
            if store.lock != nil { try? database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        }
    }
}
