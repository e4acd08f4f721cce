public import Foundation
import GRDB
import Names
public import TopCore

extension RecordingReader {
    /// Looks for the first time at which a condition holds, from a time on.
    ///
    /// - Returns: The reading at which it holds, `nil` if it never does; and the last reading that was made.
    public func firstReading(
        of condition: BrokerCondition, from: Date
    ) throws(RecordingError) -> (found: ConditionReading?, last: ConditionReading?) {
        guard let start = from.milliseconds else { return (nil, nil) }
        return try read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM block WHERE ends >= ? ORDER BY begins, id", arguments: [start])
            var last: ConditionReading?
            for block in rows.compactMap({ Block($0) }) {
                let scan = try BlockScan(block, condition, from: start, self, database)
                while let moment = try scan.next() {
                    let reading = condition.reading(of: moment)
                    if reading.truth == .yes { return (reading, reading) }
                    last = reading
                }
            }
            return (nil, last)
        }
    }
}

/// Reads a block from its beginning to its end, one moment after the other, with the lists that a condition needs. Each
/// sample is read once, however many moments there are.
private final class BlockScan {
    private let block: Block
    private var kinds: [any KindScan] = []
    private var polls: [RecordedList: ListPolls] = [:]
    /// The first time to tell about, in milliseconds since 1970; `nil` once it was told.
    private var start: Int64?

    init(
        _ block: Block, _ condition: BrokerCondition, from start: Int64, _ reader: RecordingReader, _ database: Database
    ) throws {
        self.block = block
        self.start = max(start, block.begins)
        let counted = condition.countedViews
        let views = counted.union(condition.objects.map(\.kind.view))
        /// The names of the objects, where only these are needed.
        func names(_ view: ViewID) -> [Name]? {
            counted.contains(view) ? nil : condition.objects.filter { $0.kind.view == view }.map(\.name)
        }
        func scan<Recorded: RecordedRow & Equatable>(_ type: Recorded.Type, only names: [Name]? = nil) throws {
            kinds.append(try SampleScan<Recorded>(block, only: names, reader, database))
            let list = Recorded.kind.list
            if polls[list] == nil { polls[list] = try ListPolls(list, of: block, database) }
        }
        // The gaps of the cluster's part say what is not known of lists, too.
        try scan(ClusterRecord.self)
        if views.contains(.nodes) { try scan(NodeRow.self) }
        if views.contains(.queues) { try scan(QueueRow.self, only: names(.queues)) }
        if views.contains(.connections) { try scan(ConnectionRow.self, only: names(.connections)) }
        // The name of a channel is its connection's with its number.
        if views.contains(.channels) { try scan(ChannelRow.self) }
        if views.contains(.consumers) { try scan(ConsumerRow.self) }
        if views.contains(.exchanges) { try scan(ExchangeRow.self, only: names(.exchanges)) }
    }

    /// Returns the next moment at which something was written; `nil` at the end of the block.
    func next() throws -> Moment? {
        let begin = start.map { $0 - block.begins }
        let times = kinds.compactMap(\.next) + polls.values.compactMap(\.next)
        guard let offset = begin ?? times.min() else { return nil }
        start = nil
        for kind in kinds { try kind.advance(through: offset) }
        for list in polls.keys { polls[list]?.advance(through: offset) }
        return try moment(at: block.begins + offset)
    }

    private func moment(at time: Int64) throws -> Moment {
        var moment = Moment(at: Date(milliseconds: time))
        var nodes: [NodeRow] = []
        var cluster: (record: ClusterRecord, at: Date)?
        for kind in kinds {
            guard let list = polls[kind.list], let poll = list.known(at: time) else { continue }
            switch try kind.part(poll) {
            case let part as ListPart<ClusterRecord>: cluster = part.rows.first.map { ($0, part.at) }
            case let part as ListPart<NodeRow>: nodes = part.rows
            case var part as ListPart<QueueRow>:
                part.dateLiveFigures(moment.at)
                moment.queues = part
            case let part as ListPart<ConnectionRow>: moment.connections = part
            case let part as ListPart<ChannelRow>: moment.channels = part
            case let part as ListPart<ConsumerRow>: moment.consumers = part
            case let part as ListPart<ExchangeRow>: moment.exchanges = part
            default: break
            }
        }
        moment.cluster = cluster.map { $0.record.part(at: $0.at, nodes: nodes) }
        return moment
    }
}

/// The polls of a list in one block, and the times at which nothing was known of it.
private struct ListPolls {
    private let polls: [Poll]
    private let gaps: [ClosedRange<Int64>]
    private let begins: Int64
    /// Until when the values hold that are written only when they change; `nil` for lists that are polled.
    private let heldUntil: Int64?
    /// The number of polls until the time that was advanced to.
    private var count = 0

    init(_ list: RecordedList, of block: Block, _ database: Database) throws {
        begins = block.begins
        heldUntil = list.holdsUntilChanged ? block.ends + ListPace().patience : nil
        polls = try Row.fetchAll(
            database,
            sql: "SELECT at, pace, total, undecodable, whole FROM poll WHERE block = ? AND list = ? ORDER BY at",
            arguments: [block.id, list.rawValue]
        ).compactMap { Poll($0, of: block) }
        gaps = try Row.fetchAll(
            database, sql: "SELECT begins, ends FROM gap WHERE list = ? AND ends > ? AND begins <= ?",
            arguments: [list.rawValue, block.begins, block.ends]
        ).compactMap { row in
            guard let begin = row.time(0), let end = row.time(1), begin < end else { return nil }
            return begin...end
        }
    }

    /// The time of the next poll, in milliseconds since the block began.
    var next: Int64? { polls.indices.contains(count) ? polls[count].milliseconds - begins : nil }

    mutating func advance(through offset: Int64) {
        while let next, next <= offset { count += 1 }
    }

    /// Returns the last poll, while its values hold: thinned blocks have few polls, and gaps say when nothing was known.
    func known(at time: Int64) -> Poll? {
        guard count > 0 else { return nil }
        let poll = polls[count - 1]
        if time <= max(poll.knownUntil, heldUntil ?? 0) { return poll }
        guard count < polls.count, !gaps.contains(where: { $0.lowerBound <= time && time < $0.upperBound }) else {
            return nil
        }
        return poll
    }
}

/// The rows of one kind at a time that goes on.
private protocol KindScan: AnyObject {
    var list: RecordedList { get }
    /// The time of the next sample, in milliseconds since the block began.
    var next: Int64? { get }
    /// Takes the samples until a time.
    func advance(through offset: Int64) throws
    /// Returns a `ListPart` of the rows that are there.
    func part(_ poll: Poll) throws -> Any
}

private final class SampleScan<Recorded: RecordedRow>: KindScan where Recorded: Equatable {
    private struct Sample {
        var at: Int64
        var object: Int64
        var isListed: Bool
        var attributes: Int64?
        var figures: [Int64?]
    }

    private let reader: RecordingReader
    private let database: Database
    private let cursor: RowCursor
    private var pending: Sample?
    private var samples: [Int64: Sample] = [:]
    /// Whether all objects are read.
    private let isWhole: Bool

    let list = Recorded.kind.list
    var next: Int64? { pending?.at }

    /// - Parameter names: The names of the objects that are read; `nil` for all.
    init(_ block: Block, only names: [Name]?, _ reader: RecordingReader, _ database: Database) throws {
        self.reader = reader
        self.database = database
        isWhole = names == nil
        let figures = Recorded.figures.map { reader.store.column($0.column, of: Recorded.kind) }
            .joined(separator: ", ")
        var sql =
            "SELECT at, object, listed, attributes, \(figures) FROM \(block.table(of: Recorded.kind)) WHERE block = ?"
        var arguments: [DatabaseValue] = [block.id.databaseValue]
        if let names {
            let places = names.map { _ in "?" }.joined(separator: ", ")
            sql += " AND object IN (SELECT id FROM object WHERE kind = ? AND name IN (\(places)))"
            arguments += [Recorded.kind.rawValue.databaseValue] + names.map(\.stored)
        }
        // Two samples of an object may have the same time while they are as they were written.
        sql += block.isOpen ? " ORDER BY at, rowid" : " ORDER BY at"
        cursor = try Row.fetchCursor(database, sql: sql, arguments: StatementArguments(arguments))
        try read()
    }

    private func read() throws {
        pending = nil
        while pending == nil, let row = try cursor.next() {
            guard let at = row.time(0), let object = row.integer(1) else { continue }
            pending = Sample(
                at: at, object: object, isListed: row.integer(2) == 1, attributes: row.integer(3),
                figures: Recorded.figures.indices.map { row.integer(4 + $0) })
        }
    }

    func advance(through offset: Int64) throws {
        while let sample = pending, sample.at <= offset {
            samples[sample.object] = sample.isListed ? sample : nil
            try read()
        }
    }

    func part(_ poll: Poll) throws -> Any {
        let rows = try reader.cache.withLock { cache in
            var rows: [Recorded] = []
            for sample in samples.values {
                guard let identity = try cache.identity(of: sample.object, database) else { continue }
                let rest = try cache.rest(of: sample.attributes, Recorded.self, database)
                guard var row = Recorded(identity, rest: rest, at: poll.at) else { continue }
                for (figure, value) in zip(Recorded.figures, sample.figures) { figure.set(&row, value) }
                rows.append(row)
            }
            return rows
        }
        // Of a list that was recorded in part it is not known how many more rows there were.
        let total = isWhole ? max(poll.total ?? rows.count, rows.count) : rows.count
        return ListPart(
            at: poll.at, rows: rows, total: total, undecodable: isWhole ? poll.undecodable : 0, isWhole: poll.isWhole)
    }
}
