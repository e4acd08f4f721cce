public import Faults
import Foundation
import Names

/// Connections of one application that were closed and opened again, in a row and without an error: one line of the
/// Events view.
public struct EventFold: Sendable, Equatable {
    /// The line that stands for the entries. It has the number of the first of them, and the time of the last.
    public var row: LedgerEntry
    /// The entries, oldest first.
    public var entries: [LedgerEntry]
}

/// The entries of the ledger with those that only report reconnections folded. Errors are never folded.
struct EventFolding: Sendable {
    /// The entries that are shown, oldest first.
    private(set) var rows: [LedgerEntry] = []
    /// The folds by the number of their line.
    private(set) var folds: [UInt64: EventFold] = [:]
    /// By the number of a folded entry: the number of its line.
    private(set) var lines: [UInt64: UInt64] = [:]

    /// The longest time between two entries of a fold, in seconds: later ones are another matter.
    private static let longestGap = 30.0
    /// The fewest closures and the fewest openings of a fold: fewer lines are not in the way.
    private static let fewest = 2

    /// An application's openings and closures so far.
    private struct Run {
        var places: [Int] = []
        var opened = 0
        var closed = 0
        var last: Date
    }

    init() {}

    init(_ entries: [LedgerEntry]) {
        var open: [Application: Run] = [:]
        var complete: [Run] = []
        func end(_ run: Run?) {
            if let run, run.opened >= Self.fewest, run.closed >= Self.fewest { complete.append(run) }
        }
        for (place, entry) in entries.enumerated() {
            guard let name = entry.application else { continue }
            let application = Application(name: name, vhost: entry.vhost)
            guard entry.isRoutine else {
                // Whatever else happens to an application ends its fold.
                if entry.kind != .finding { end(open.removeValue(forKey: application)) }
                continue
            }
            var run = open[application] ?? Run(last: entry.at)
            if entry.at.timeIntervalSince(run.last) > Self.longestGap {
                end(run)
                run = Run(last: entry.at)
            }
            run.places.append(place)
            if entry.kind == .opened { run.opened += 1 } else { run.closed += 1 }
            run.last = max(run.last, entry.at)
            open[application] = run
        }
        for run in open.values { end(run) }
        guard !complete.isEmpty else {
            rows = entries
            return
        }
        var standIns: [Int: LedgerEntry] = [:]
        var hidden: Set<Int> = []
        for run in complete {
            guard let last = run.places.last, let fold = Self.fold(run.places.map { entries[$0] }, run) else {
                continue
            }
            folds[fold.row.id] = fold
            for place in run.places {
                lines[entries[place].id] = fold.row.id
                hidden.insert(place)
            }
            standIns[last] = fold.row
        }
        rows.reserveCapacity(entries.count - hidden.count + standIns.count)
        for (place, entry) in entries.enumerated() {
            if let row = standIns[place] {
                rows.append(row)
            } else if !hidden.contains(place) {
                rows.append(entry)
            }
        }
    }

    private static func fold(_ entries: [LedgerEntry], _ run: Run) -> EventFold? {
        guard let first = entries.first, let last = entries.last else { return nil }
        var row = last
        row.id = first.id
        row.at = run.last
        row.count = entries.reduce(0) { $0 + $1.count }
        // What differs from one connection to the next is not shown as that of all.
        func common(_ value: (LedgerEntry) -> String?) -> String? {
            guard let one = value(last) else { return nil }
            return entries.allSatisfy { value($0)?.hasSameBytes(as: one) == true } ? one : nil
        }
        row.connection = common(\.connection)
        row.peer = common(\.peer)
        row.clientName = row.clientName ?? row.application
        row.code = nil
        row.codeName = nil
        row.channel = nil
        let times = min(run.opened, run.closed)
        let span = max(0, run.last.timeIntervalSince(first.at)).rounded(.down)
        row.text = "reconnected \(times) times in \(ValueFormat().duration(span))"
        return EventFold(row: row, entries: entries)
    }
}

extension LedgerEntry {
    /// Whether the entry reports only that a connection was opened, or that it ended in order.
    var isRoutine: Bool {
        guard scope == .connection, fault == nil, severity == nil else { return false }
        switch kind {
        case .opened, .closed: return code == 200 || (code == nil && saysNothingElse)
        case .error, .returned, .cancelled, .blocked, .unblocked, .alarm, .authentication, .action, .source, .fault,
            .recovered, .finding:
            return false
        }
    }

    /// Whether the text is one of those that sources give an opening or an orderly end, or an end of which they do not
    /// know the reason.
    private var saysNothingElse: Bool {
        text.hasSameBytes(as: "opened") || text.hasSameBytes(as: "closed")
            || text.hasSameBytes(as: "closed by the client")
    }
}

extension State {
    /// The fold that a line of the Events view stands for; `nil` for an entry of its own.
    public func fold(of id: UInt64) -> EventFold? { eventFolding.folds[id] }

    /// The newest entries of the ledger, folded, newest first.
    ///
    /// - Parameters:
    ///   - most: The highest number of entries.
    ///   - skipped: The number of newer entries that are left out.
    public func latestEvents(_ most: Int, after skipped: Int = 0) -> [LedgerEntry] {
        guard most > 0 else { return [] }
        var found: [LedgerEntry] = []
        var left = skipped
        visitLatestLines { line in
            if left > 0 {
                left -= 1
            } else if let entry = foldsEvents ? fold(of: line)?.row ?? ledger.entry(line) : ledger.entry(line) {
                found.append(entry)
            }
            return found.count < most
        }
        return found
    }

    /// Returns how many of the latest events are newer than the one of this number; `nil` when it is not among them.
    public func latestPlace(of id: UInt64) -> Int? {
        var place = 0
        var isFound = false
        visitLatestLines { line in
            isFound = line == id
            if !isFound { place += 1 }
            return !isFound
        }
        return isFound ? place : nil
    }

    /// Passes the numbers of the latest lines, the newest first, until `goesOn` returns false.
    private func visitLatestLines(_ goesOn: (UInt64) -> Bool) {
        var seen: Set<UInt64> = []
        let oldest = ledger.oldestID
        var id = oldest + UInt64(ledger.count)
        while id > oldest {
            id -= 1
            var line = id
            if foldsEvents, let fold = eventFolding.lines[id] {
                guard seen.insert(fold).inserted else { continue }
                line = fold
            }
            guard goesOn(line) else { return }
        }
    }

    /// The entries of the Events view that pass its filter, in its order, none of them folded.
    var unfoldedEvents: [LedgerEntry] {
        events.sortedRows.flatMap { row in
            guard let fold = eventFolding.folds[row.id], row == fold.row else { return [row] }
            return events.descending ? fold.entries.reversed() : fold.entries
        }
    }

    /// The row of the Events view that shows an entry, alone or folded.
    func eventRow(of id: UInt64) -> RowID {
        guard areEventsFolded, let line = eventFolding.lines[id] else { return .event(id) }
        return .event(line)
    }

    /// Whether the Events view shows folds: a filter and a drill-down show every entry.
    private var areEventsFolded: Bool { foldsEvents && events.filter == .none && events.scope == nil }

    /// Fills the Events table from the ledger.
    mutating func showEvents() {
        let entries = ledger.entries
        eventFolding = EventFolding(entries)
        if areEventsFolded, case .event(let id)? = events.selection, let line = eventFolding.lines[id] {
            events.selection = .event(line)
        }
        events.replace(
            with: areEventsFolded ? eventFolding.rows : entries, total: Int(clamping: ledger.total), at: now, now: now)
    }

    /// Shows every entry of the Events view, or folds those that only report reconnections.
    mutating func toggleFolding() {
        guard frozenAt == nil else { return tell("The screen is frozen: Z lets it go on", .warning) }
        foldsEvents.toggle()
        showEvents()
        tell(foldsEvents ? "Reconnections are folded" : "Every event is shown")
    }
}
