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
        for (index, block) in blocks.enumerated() {
            // Where the clock was set back, the newer block tells.
            let newer = blocks[(index + 1)...].filter { $0.begins < block.ends }
            let value =
                column == .messages && kind == .queue
                ? "coalesce(messages, ready + unacked)" : store.column(column, of: kind)
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: "SELECT at, listed, \(value) FROM \(block.table(of: kind)) "
                        + "WHERE block = ? AND object = ? AND at <= ? ORDER BY at"),
                arguments: [block.id, object, to - block.begins])
            while let row = try rows.next() {
                guard let offset = row.time(0) else { continue }
                let time = block.begins + offset
                if newer.contains(where: { $0.begins <= time && time <= $0.ends }) { continue }
                changes.append(.value(at: time, row.integer(1) == 1 ? row.integer(2) : nil))
            }
        }
        let list = kind.list.rawValue
        let gaps = try Row.fetchAll(
            database, sql: "SELECT begins, ends FROM gap WHERE list = ? AND ends >= ? AND begins <= ?",
            arguments: [list, from, to])
        changes += gaps.compactMap { row in
            guard let begin = row.time(0), let end = row.time(1) else { return nil }
            return .gap(from: begin, to: end)
        }
        changes.sort { $0.time < $1.time }
        guard let last = blocks.last else { return }
        let poll = try Row.fetchOne(
            database, sql: "SELECT at, pace FROM poll WHERE block = ? AND list = ? ORDER BY at DESC LIMIT 1",
            arguments: [last.id, list])
        knownUntil = poll.flatMap { row in
            row.time(0).map { last.begins + $0 + ListPace.patience(pace: row.time(1) ?? 0) }
        }
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
