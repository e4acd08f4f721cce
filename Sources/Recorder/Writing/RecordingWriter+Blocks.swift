import Faults
import Foundation
import GRDB
import Names
import TopCore

/// How much of a block's samples is kept. The raw values are stored.
enum BlockStage: Int, Sendable {
    /// The block that is written to.
    case open = 0
    /// Every change.
    case full
    /// One sample a minute, and the extremes.
    case minutes
    /// One sample in ten minutes, and the extremes.
    case tenMinutes

    /// The length of the time of which one sample and the extremes are kept, in milliseconds.
    var slot: Int64? {
        switch self {
        case .open, .full: nil
        case .minutes: 60_000
        case .tenMinutes: 600_000
        }
    }
}

extension RecordingWriter {
    /// A block is at least this long, in milliseconds.
    private static let shortestBlock: Int64 = 300_000
    /// A block is at most this long, in milliseconds, however little changes.
    private static let longestBlock: Int64 = 3_600_000
    /// A block has this many changes for each object before another begins: its first state is a full one.
    private static let changesForEachObject = 2

    /// Begins a block with the state of everything that is there.
    mutating func beginBlock() {
        sink.begin(block: sink.block + 1, at: sink.now)
        isBlockOpen = true
        // The block stands for itself: it knows when its lists were last polled.
        for (list, pace) in paces {
            if let last = pace.last { notePoll(of: list, at: last) }
        }
        trackers.restate(&sink)
    }

    /// Commits everything that is pending, and closes the block when it is long enough.
    mutating func flush() throws {
        guard isBlockOpen else { return }
        try write()
        let age = sink.now - sink.begins
        let isFull = sink.changes >= Self.changesForEachObject * trackers.count
        if age >= Self.longestBlock || (age >= Self.shortestBlock && isFull) {
            try closeBlock()
            beginBlock()
            try write()
            try thin()
        }
        try enforceSize()
    }

    /// Commits everything that is pending.
    mutating func write() throws {
        let sink = sink
        let statements = statements
        try store.database.write { database in
            try sink.write(to: database)
            for statement in statements { try statement.write(to: database) }
            try database.execute(
                sql: "INSERT INTO block (id, begins, ends, stage) VALUES (?, ?, ?, ?) "
                    + "ON CONFLICT (id) DO UPDATE SET ends = max(ends, excluded.ends)",
                arguments: [sink.block, sink.begins, sink.now, BlockStage.open.rawValue])
        }
        self.sink.clear()
        self.statements.removeAll(keepingCapacity: true)
    }

    /// Moves the block's samples to where they are sorted by object.
    mutating func closeBlock() throws {
        guard isBlockOpen else { return }
        try write()
        try store.database.write { try Self.sort($0) }
        isBlockOpen = false
    }

    private static func sort(_ database: Database) throws {
        for kind in ObjectKind.allCases {
            let columns = Schema.columns(of: kind)
            // The last of several samples of the same millisecond counts.
            try database.execute(
                sql: """
                    INSERT OR REPLACE INTO \(kind.word)_sample (\(columns))
                    SELECT \(columns) FROM \(kind.word)_recent ORDER BY block, object, at, rowid
                    """)
            try database.execute(sql: "DELETE FROM \(kind.word)_recent")
        }
        try database.execute(
            sql: "UPDATE block SET stage = ? WHERE stage = ?",
            arguments: [BlockStage.full.rawValue, BlockStage.open.rawValue])
    }

    /// Continues a file: closes what an earlier writer left open, and goes on counting after it.
    mutating func resume() throws {
        let now = try store.database.write { database in
            try Self.sort(database)
            return try Schema.highest("ends", of: "block", in: database)
        }
        try store.database.write { database in
            try database.execute(sql: "UPDATE finding SET ends = ? WHERE ends IS NULL", arguments: [now])
            sink.block = try Schema.highest("id", of: "block", in: database)
            sink.now = now
            run = try Schema.highest("run", of: "fault", in: database) + 1
            eventBase = try Schema.highest("id", of: "event", in: database)
            nextFinding = try Schema.highest("id", of: "finding", in: database) + 1
            nextItem = try Schema.highest("id", of: "configuration", in: database) + 1
            let items = try Row.fetchCursor(
                database, sql: "SELECT id, kind, vhost, name, value FROM configuration WHERE ends IS NULL")
            while let row = try items.next() {
                if let item = ConfigurationItem(row) {
                    configuration[item] = row.integer("id")
                } else if let kind = ConfigurationItem.Kind(unknown: row) {
                    unknownKinds[kind] = row.integer("id")
                }
            }
            for list in RecordedList.allCases {
                let last = try Row.fetchOne(
                    database,
                    sql: "SELECT b.begins + p.at AS at, p.pace FROM poll p JOIN block b ON b.id = p.block "
                        + "WHERE p.list = ? ORDER BY p.block DESC, p.at DESC LIMIT 1",
                    arguments: [list.rawValue])
                if let last, let at = last.time("at") { paces[list] = ListPace(last: at, pace: last.time("pace") ?? 0) }
            }
            try info.store(in: database)
            try RecordingKey.writer.set(String(getpid()), in: database)
            if info.started == nil, let started = try RecordingKey.started.value(in: database).flatMap({ Int64($0) }) {
                info.started = Date(milliseconds: started)
            }
        }
        nextEvent = eventBase + 1
    }

    /// Notes when the recording began, unless the file knows it.
    mutating func noteStart(_ now: Date) {
        guard info.started == nil, let at = now.milliseconds else { return }
        info.started = now
        statements.append(
            PendingStatement(
                .setKey, [RecordingKey.started.rawValue.databaseValue, String(at).databaseValue]))
    }

    /// Drops what could not be written, and begins anew with the next reports: the time between is a gap. Events and
    /// findings wait for room on the disk.
    mutating func dropPending() {
        sink.clear()
        statements.removeAll { !$0.isKept }
        // The newest ones are kept.
        var bytes = 0
        let kept = statements.reversed().prefix { statement in
            bytes += statement.byteCount
            return bytes <= Self.waitingCapacity
        }
        statements.removeFirst(statements.count - kept.count)
        trackers = SampleTrackers()
        isBlockOpen = false
    }

    /// Reads where the numbers go on, after `dropPending()`.
    mutating func restart() throws {
        let block = try store.database.write { database in
            try Self.sort(database)
            return try Schema.highest("id", of: "block", in: database)
        }
        let now = sink.now
        sink = try store.database.read { try SampleSink(continuing: $0) }
        sink.block = block
        sink.now = now
    }
}

extension ConfigurationItem {
    init?(_ row: Row) {
        guard let kind = row.text("kind").flatMap(Kind.init), let name = Name(stored: row["name"]),
            let value = Name(stored: row["value"])
        else { return nil }
        self.init(kind, vhost: Name(stored: row["vhost"]), name: name, value: value)
    }
}
