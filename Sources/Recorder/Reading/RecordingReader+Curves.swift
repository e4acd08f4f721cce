import Foundation
import GRDB
import Names
public import TopCore

extension RecordingReader {
    /// Returns figures over time, one curve for each request, with gaps where nothing was known.
    public func curves(_ requests: [CurveRequest]) throws(RecordingError) -> [Curve] {
        try read { database in
            try requests.map { try curve($0, in: database) }
        }
    }

    private func curve(_ request: CurveRequest, in database: Database) throws -> Curve {
        guard let (kind, identity) = request.subject.stored, let from = request.from.milliseconds,
            let to = request.to.milliseconds, from <= to, kind.columns.contains(FigureColumn(request.metric)),
            let object = try ObjectIdentity.number(of: identity, kind, in: database)
        else { return Curve(request, points: []) }
        let column = FigureColumn(request.metric)
        let series = try StoredSeries(kind, object: object, column, from: from, to: to, store, database)
        var line = CurveLine(from: from, to: to, points: request.points, unit: column.unit)
        for change in series.changes { line.take(change) }
        let knownUntil = line.end(knownUntil: series.knownUntil)
        return Curve(request, points: line.points, knownUntil: knownUntil)
    }
}

extension History.Subject {
    /// The kind and identity in a recording; `nil` for what is not recorded.
    fileprivate var stored: (ObjectKind, ObjectIdentity)? {
        switch self {
        case .cluster: (.overview, ObjectIdentity(name: ""))
        case .queue(let id): (.queue, ObjectIdentity(id))
        case .connection(let name): (.connection, ObjectIdentity(name: name))
        case .channel(let id): (.channel, ObjectIdentity(name: id.connection, number: id.number))
        case .node(let name): (.node, ObjectIdentity(name: name))
        case .lab: nil
        }
    }
}

/// The changes of one figure of one object.
struct StoredSeries {
    enum Change {
        /// The figure had this value from this time on; `nil` is unknown.
        case value(at: Int64, Int64?)
        /// Nothing was known in this time, and the value before it is true again at its end.
        case gap(from: Int64, to: Int64)

        var time: Int64 {
            switch self {
            case .value(let at, _): at
            case .gap(let from, _): from
            }
        }
    }

    /// In the order of time. The last value before the time is among them.
    var changes: [Change] = []
    /// Until when the last value holds, in milliseconds since 1970.
    var knownUntil: Int64?

    init(
        _ kind: ObjectKind, object: Int64, _ column: FigureColumn, from: Int64, to: Int64, _ store: RecordingStore,
        _ database: Database
    ) throws {
        // The block that has the first time begins before it.
        let first = try Block.at(from, in: database)
        let blocks = try Row.fetchAll(
            database, sql: "SELECT * FROM block WHERE id = ? OR (ends >= ? AND begins <= ?) ORDER BY id",
            arguments: [first?.id, from, to]
        ).compactMap { Block($0) }
        let parts = try blocks.map { block in
            let value =
                column == .messages && kind == .queue
                ? "coalesce(messages, ready + unacked)" : store.column(column, of: kind)
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: "SELECT at, listed, \(value) FROM \(block.table(of: kind)) "
                        + "WHERE block = ? AND object = ? AND at <= ? ORDER BY at"),
                arguments: [block.id, object, to - block.begins])
            var told: [(at: Int64, value: Int64?)] = []
            while let row = try rows.next() {
                guard let offset = row.time(0) else { continue }
                told.append((block.begins + offset, row.integer(1) == 1 ? row.integer(2) : nil))
            }
            return BlockPart(block: block, told: told)
        }
        for (index, part) in parts.enumerated() {
            add(part, besides: parts[(index + 1)...].filter { $0.block.begins < part.block.ends })
        }
        let list = kind.list.rawValue
        let gaps = try Row.fetchAll(
            database, sql: "SELECT begins, ends FROM gap WHERE list = ? AND ends >= ? AND begins <= ?",
            arguments: [list, from, to])
        for row in gaps {
            guard let begin = row.time(0), let end = row.time(1) else { continue }
            add(gapFrom: begin, to: end, besides: blocks)
        }
        let ordered = changes.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        changes = ordered.map(\.element)
        guard let last = blocks.max(by: { $0.ends < $1.ends }) else { return }
        let poll = try Row.fetchOne(
            database, sql: "SELECT at, pace FROM poll WHERE block = ? AND list = ? ORDER BY at DESC LIMIT 1",
            arguments: [last.id, list])
        knownUntil = poll.flatMap { row in
            row.time(0).map { last.begins + $0 + ListPace.patience(pace: row.time(1) ?? 0) }
        }
    }

    /// Adds a time in which nothing was known, without its part of which a newer block tells because the clock was set
    /// back.
    private mutating func add(gapFrom begin: Int64, to end: Int64, besides blocks: [Block]) {
        var begin = begin
        for (index, block) in blocks.enumerated() where block.ends < end && begin <= block.ends {
            let isRepeated = blocks[..<index].contains { $0.begins < block.ends && block.begins < $0.ends }
            if isRepeated { begin = block.ends + 1 }
        }
        if begin < end { changes.append(.gap(from: begin, to: end)) }
    }

    /// Adds the values of a block, except at times of which newer blocks tell because the clock was set back. Until the
    /// first value of a newer block nothing is known, and after its end the older one holds again.
    private mutating func add(_ part: BlockPart, besides newer: [BlockPart]) {
        let block = part.block
        func isTold(_ time: Int64) -> Bool { newer.contains { $0.block.begins <= time && time <= $0.block.ends } }
        for (at, value) in part.told where newer.isEmpty || !isTold(at) { changes.append(.value(at: at, value)) }
        guard !part.told.isEmpty else { return }
        for other in newer where other.block.ends >= block.begins {
            let begin = other.block.begins
            if begin > block.begins, other.told.first?.at != begin { changes.append(.value(at: begin, nil)) }
            let end = other.block.ends + 1
            if end <= block.ends, !isTold(end) {
                changes.append(.value(at: end, part.told.last { $0.at <= end }?.value))
            }
        }
    }

    /// What one block tells of the figure.
    private struct BlockPart {
        var block: Block
        var told: [(at: Int64, value: Int64?)]
    }
}

/// Combines the changes of a figure to at most as many points as are wanted.
private struct CurveLine {
    private(set) var points: [Curve.Point] = []
    private let from: Int64
    private let to: Int64
    private let width: Int64
    private let unit: FigureColumn.Unit
    /// The value that holds now; `nil` is unknown.
    private var value: Int64?
    /// When the value became unknown.
    private var unknownSince: Int64?
    private var gapEnd = Int64.min
    private var isAfterGap = false
    private var slot = Int64.min

    init(from: Int64, to: Int64, points: Int, unit: FigureColumn.Unit) {
        self.from = from
        self.to = to
        self.unit = unit
        width = max(1, (to - from) / Int64(max(1, points)))
    }

    mutating func take(_ change: StoredSeries.Change) {
        switch change {
        case .value(let at, let value):
            if at >= gapEnd { endGap() }
            if let value {
                self.value = value
                unknownSince = nil
                add(value, at: at)
            } else {
                if let held = self.value {
                    // The value held until here.
                    add(held, at: at)
                    unknownSince = at
                }
                self.value = nil
                isAfterGap = true
            }
        case .gap(let begin, let end):
            endGap()
            guard end > begin else { break }
            if let value { add(value, at: begin) }
            gapEnd = end
            isAfterGap = true
        }
    }

    /// After a gap without a change the value before it is true again.
    private mutating func endGap() {
        guard gapEnd > Int64.min else { return }
        let end = gapEnd
        gapEnd = .min
        if let value, end <= to { add(value, at: end) }
    }

    /// Ends the line.
    ///
    /// - Returns: Until when the last value is known to hold.
    mutating func end(knownUntil until: Int64?) -> Date? {
        if gapEnd <= to { endGap() }
        guard !points.isEmpty else { return nil }
        if let unknownSince { return Date(milliseconds: min(unknownSince, to)) }
        if gapEnd > to, let last = points.last { return last.at }
        return until.map { Date(milliseconds: min($0, to)) }
    }

    private mutating func add(_ stored: Int64, at time: Int64) {
        // What was true before the time began is true at its beginning.
        let at = max(time, from)
        guard at <= to else { return }
        let value =
            switch unit {
            case .count: Double(stored)
            case .thousandths, .time: Double(stored) / 1_000
            }
        let slot = (at - from) / width
        if time < from {
            points = [Curve.Point(at: Date(milliseconds: at), value: value)]
            isAfterGap = false
        } else if slot == self.slot, !isAfterGap, let last = points.last {
            points[points.count - 1] = Curve.Point(
                at: Date(milliseconds: at), low: min(last.low, value), high: max(last.high, value), value: value,
                followsGap: last.followsGap)
        } else {
            points.append(
                Curve.Point(at: Date(milliseconds: at), value: value, followsGap: isAfterGap && !points.isEmpty))
        }
        self.slot = slot
        isAfterGap = false
    }
}
