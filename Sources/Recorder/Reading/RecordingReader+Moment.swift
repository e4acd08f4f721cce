import Faults
public import Foundation
import GRDB
import Names
public import TopCore

extension RecordingReader {
    /// The most entries of a moment: the newest.
    public static let entryLimit = 5_000

    /// Returns everything as it was known at a time; `nil` when nothing was recorded then or before.
    public func moment(at time: Date) throws(RecordingError) -> Moment? {
        guard let at = time.milliseconds else { return nil }
        return try read { database in
            guard let block = try Block.at(at, in: database) else { return nil }
            var moment = Moment(at: time)
            let view = try BlockView(block, at: at, self, database)
            if let poll = view.polls[.cluster] {
                let cluster = try view.rows(ClusterRecord.self, poll).first ?? ClusterRecord()
                moment.cluster = cluster.part(at: poll.at, nodes: try view.rows(NodeRow.self, poll))
            }
            moment.queues = try view.list(QueueRow.self)
            moment.queues?.dateLiveFigures(time)
            moment.connections = try view.list(ConnectionRow.self)
            moment.channels = try view.list(ChannelRow.self)
            moment.consumers = try view.list(ConsumerRow.self)
            moment.exchanges = try view.list(ExchangeRow.self)
            moment.client = try view.list(ClientRow.self)
            moment.sources = try view.list(SourceStatus.self)?.rows ?? []
            if let poll = view.polls[.configuration] {
                moment.configuration = try Self.configuration(
                    at: at, polled: poll.at, hidden: Set(moment.cluster?.hiddenVhosts ?? []), in: database)
            }
            moment.entries = try Self.entries(until: at, limit: Self.entryLimit, in: database)
            moment.findings = try Self.findings(at: at, in: database)
            moment.faults = try Self.faults(at: at, in: database)
            return moment
        }
    }

    private static func configuration(
        at time: Int64, polled: Date, hidden: Set<Name>, in database: Database
    ) throws -> ConfigurationPart {
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT kind, vhost, name, value FROM configuration "
                + "WHERE begins <= ?1 AND (ends IS NULL OR ends > ?1) ORDER BY id", arguments: [time])
        var part = ConfigurationPart(at: polled, items: [])
        while let row = try rows.next() {
            if let item = ConfigurationItem(row) {
                part.items.append(item)
            } else if let kind = ConfigurationItem.Kind(unknown: row) {
                part.unknown.insert(kind)
            }
        }
        // They were as they are said to be when they were last seen.
        part.items.removeAll { part.unknown.contains($0.kind) || $0.vhost.map(hidden.contains) == true }
        return part
    }

    private static func findings(at time: Int64, in database: Database) throws -> [Finding] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT f.rule, f.place, t.* FROM finding f JOIN finding_text t ON t.finding = f.id
                    AND t.at = (SELECT max(at) FROM finding_text WHERE finding = f.id AND at <= ?1)
                WHERE f.begins <= ?1 AND (f.ends IS NULL OR f.ends > ?1) ORDER BY f.id
                """, arguments: [time])
        return rows.compactMap { Finding($0) }
    }

    private static func faults(at time: Int64, in database: Database) throws -> [FaultRecord] {
        let texts = try String.fetchAll(
            database,
            sql: """
                SELECT value FROM fault f WHERE run = (SELECT max(run) FROM fault WHERE at <= ?1)
                    AND at = (SELECT max(at) FROM fault WHERE run = f.run AND number = f.number AND at <= ?1)
                ORDER BY number
                """, arguments: [time])
        return texts.compactMap { try? JSONDecoder().decode(FaultRecord.self, from: Data($0.utf8)) }
    }
}

extension Finding {
    /// Reads a finding with its text; `nil` for a rule of a later rabbittop.
    init?(_ row: Row) {
        guard let rule = row.text("rule").flatMap(DiagnosisRule.init),
            let severity = row.text("severity").flatMap(Severity.init)
        else { return nil }
        let subjects = row.text("subjects").flatMap {
            try? JSONDecoder().decode([FindingSubject].self, from: Data($0.utf8))
        }
        self.init(
            rule, severity, what: row.text("what") ?? "", where: row.text("place") ?? "",
            since: row.time("since").map(Date.init(milliseconds:)), advice: row.text("advice") ?? "",
            subjects: subjects ?? [])
    }
}

/// A poll of a list.
struct Poll {
    /// When it was answered, in milliseconds since 1970.
    var milliseconds: Int64
    var pace: Int64
    var total: Int?
    var undecodable: Int
    var isWhole: Bool

    /// Reads a poll of a block; `nil` when it has no time.
    init?(_ row: Row, of block: Block) {
        guard let at = row.time("at") else { return nil }
        milliseconds = block.begins + at
        pace = row.time("pace") ?? 0
        total = row.number("total")
        undecodable = row.number("undecodable") ?? 0
        isWhole = row.integer("whole") == 1
    }

    var at: Date { Date(milliseconds: milliseconds) }
    /// Until when the list's values hold without another poll.
    var knownUntil: Int64 { milliseconds + ListPace.patience(pace: pace) }
}

/// The state of one block at one time.
private struct BlockView {
    let block: Block
    /// Milliseconds since the block began.
    let offset: Int64
    let reader: RecordingReader
    let database: Database
    /// The last poll of each list that was still polled at the time.
    private(set) var polls: [RecordedList: Poll] = [:]

    init(_ block: Block, at time: Int64, _ reader: RecordingReader, _ database: Database) throws {
        self.block = block
        offset = time - block.begins
        self.reader = reader
        self.database = database
        for list in RecordedList.allCases {
            let row = try Row.fetchOne(
                database,
                sql: "SELECT at, pace, total, undecodable, whole FROM poll "
                    + "WHERE block = ? AND list = ? AND at <= ? ORDER BY at DESC LIMIT 1",
                arguments: [block.id, list.rawValue, offset])
            guard let poll = row.flatMap({ Poll($0, of: block) }) else { continue }
            if try isKnown(poll, of: list, at: time) { polls[list] = poll }
        }
    }

    /// Whether the list's values still hold: thinned blocks have few polls, and say in `gap` when nothing was known.
    private func isKnown(_ poll: Poll, of list: RecordedList, at time: Int64) throws -> Bool {
        if time <= poll.knownUntil { return true }
        if list.holdsUntilChanged, time <= block.ends + ListPace().patience { return true }
        let next = try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM poll WHERE block = ? AND list = ? AND at > ?)",
            arguments: [block.id, list.rawValue, offset])
        guard next == true else { return false }
        return try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM gap WHERE list = ?1 AND begins <= ?2 AND ends > ?2)",
            arguments: [list.rawValue, time]) != true
    }

    /// Returns the rows of a kind with what is known of their list; `nil` when it was not polled.
    func list<Row: RecordedRow>(_ type: Row.Type) throws -> ListPart<Row>? where Row: Equatable {
        guard let poll = polls[Row.kind.list] else { return nil }
        let rows = try rows(type, poll)
        // Of a whole list rows may be gone since.
        let isComplete = poll.isWhole && poll.undecodable == 0
        let total = isComplete ? rows.count : max(poll.total ?? rows.count, rows.count)
        return ListPart(
            at: poll.at, rows: rows, total: total, undecodable: poll.undecodable, isWhole: poll.isWhole)
    }

    /// Returns the rows that were there: the last sample of each object until the time.
    func rows<Recorded: RecordedRow>(_ type: Recorded.Type, _ poll: Poll) throws -> [Recorded] {
        let figures = Recorded.figures
        let names = figures.map { reader.store.column($0.column, of: Recorded.kind) }.joined(separator: ", ")
        let table = block.table(of: Recorded.kind)
        // With max(), SQLite takes the other columns from the row that has the maximum. The samples of an open block are
        // in the order of time and not of objects, so that their numbers are grouped first.
        let sql =
            block.isOpen
            ? """
            SELECT object, at, listed, attributes, \(names) FROM \(table) WHERE rowid IN
                (SELECT max(rowid) FROM \(table) WHERE block = ? AND at <= ? GROUP BY object)
            """
            : """
            SELECT object, max(at), listed, attributes, \(names) FROM \(table)
            WHERE block = ? AND at <= ? GROUP BY object
            """
        let cursor = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: [block.id, offset])
        return try reader.cache.withLock { cache in
            var rows: [Recorded] = []
            while let sample = try cursor.next() {
                guard sample.integer(2) == 1, let object = sample.integer(0) else { continue }
                guard let identity = try cache.identity(of: object, database) else { continue }
                let rest = try cache.rest(of: sample.integer(3), Recorded.self, database)
                guard var row = Recorded(identity, rest: rest, at: poll.at) else { continue }
                for (index, figure) in figures.enumerated() { figure.set(&row, sample.integer(4 + index)) }
                rows.append(row)
            }
            return rows
        }
    }
}

extension ListPart<QueueRow> {
    /// Figures by passive declares were polled each second, and only their changes are recorded: they are as old as the
    /// moment.
    mutating func dateLiveFigures(_ time: Date) {
        for index in rows.indices {
            if rows[index].ready?.source == .amqp { rows[index].ready?.at = time }
            if rows[index].unacked?.source == .amqp { rows[index].unacked?.at = time }
            if rows[index].consumers?.source == .amqp { rows[index].consumers?.at = time }
        }
    }
}

extension ReaderCache {
    mutating func identity(of object: Int64, _ database: Database) throws -> ObjectIdentity? {
        if let known = identities[object] { return known }
        let statement = try database.cachedStatement(sql: "SELECT * FROM object WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [object]), let identity = ObjectIdentity(row) else {
            return nil
        }
        note(identity, of: object)
        return identity
    }

    mutating func rest<Recorded: RecordedRow>(
        of attributes: Int64?, _ type: Recorded.Type, _ database: Database
    ) throws -> Recorded.Rest {
        guard let attributes else { return Recorded.emptyRest }
        if let known = rests[attributes] as? Recorded.Rest { return known }
        let statement = try database.cachedStatement(sql: "SELECT value FROM attributes WHERE id = ?")
        let text = try String.fetchOne(statement, arguments: [attributes])
        let rest = text.flatMap { StoredAttributes.decode($0, onto: Recorded.emptyRest) } ?? Recorded.emptyRest
        note(rest, of: attributes, length: text?.utf8.count ?? 0)
        return rest
    }
}
