import Foundation
import Names

/// The inputs of a table's order that have changed.
struct TableChanges: OptionSet {
    let rawValue: UInt8

    /// Rows were added or removed.
    static let membership = TableChanges(rawValue: 1 << 0)
    /// The vhost, scope or filter changed, or texts that they match.
    static let admission = TableChanges(rawValue: 1 << 1)
    /// The sort column or its direction.
    static let sort = TableChanges(rawValue: 1 << 2)
    /// The user changed the filter: the selected row does not stay for its details' sake.
    static let filter = TableChanges(rawValue: 1 << 3)
}

/// The values that sorting compares, contiguous in memory.
private struct SortEntry {
    var key: Double
    var rank: Double
    var place: Int32
}

extension Table {
    /// Updates `order`, cursor and top. Sorts only when an input of the order has changed.
    ///
    /// - Parameter touched: The indices of the rows whose values changed, `nil` for any.
    mutating func arrange(_ changes: TableChanges, touched: [Int]? = nil, now: Date) {
        let offset = cursor - top
        if ranks.count != rows.count { rankNewRows() }
        if changes.contains(.membership) || (touched == nil && rows.count <= 500) { measureIdentity(now: now) }
        var needsSort = changes.contains(.membership) || changes.contains(.sort)
        if !changes.isDisjoint(with: [.membership, .admission]) || admitted.count != rows.count {
            let anew = changes.contains(.membership)
            needsSort = admit(anew: anew, holds: !changes.contains(.filter), now: now) || needsSort
        } else if let condition = filter.condition {
            // The rows' values decide, and with some conditions the time.
            let places = condition.dependsOnTime ? nil : touched
            needsSort = admitAgain(condition, places, now: now) || needsSort
        }
        let wholly = !changes.isDisjoint(with: [.membership, .sort])
        if refreshKeys(touched: wholly ? nil : touched, anew: wholly, now: now) { needsSort = true }
        if needsSort { sortOrder() }
        place(offset: offset)
    }

    /// Decides for each row whether it is shown, and returns whether that changed for any. `anew` is true after rows
    /// were added or removed: the indices then refer to other rows than before.
    ///
    /// - Parameter holds: Whether a selected row whose details are open stays when the condition no longer holds for it.
    private mutating func admit(anew: Bool, holds: Bool, now: Date) -> Bool {
        var shown: [Bool] = []
        shown.reserveCapacity(rows.count)
        if let condition = filter.condition {
            let admission = ConditionAdmission(condition, of: Row.self, now: now)
            undecided = [Bool](repeating: false, count: rows.count)
            for index in rows.indices {
                let truth = isInScope(rows[index]) ? admission.truth(of: rows[index]) : .no
                undecided[index] = truth == .unknown
                shown.append(truth == .yes)
            }
        } else {
            undecided = []
            let matcher = FilterMatcher(filter)
            let isOpen = matcher.passesEverything
            for index in rows.indices {
                shown.append(
                    isInScope(rows[index]) && (isOpen || passes(rows[index], matcher)))
            }
        }
        if holds, let held = heldPlace, isInScope(rows[held]) { shown[held] = true }
        return admit(shown, anew: anew)
    }

    /// Decides again for rows whose values changed, and returns whether that changed what is shown.
    ///
    /// - Parameter touched: Their indices; `nil` for all.
    private mutating func admitAgain(_ condition: Condition, _ touched: [Int]?, now: Date) -> Bool {
        guard touched?.isEmpty != true else { return false }
        let admission = ConditionAdmission(condition, of: Row.self, now: now)
        var shown = admitted
        for index in touched ?? Array(rows.indices) where rows.indices.contains(index) {
            let truth = isInScope(rows[index]) ? admission.truth(of: rows[index]) : .no
            undecided[index] = truth == .unknown
            shown[index] = truth == .yes || index == heldPlace && admitted[index]
        }
        return admit(shown, anew: false)
    }

    /// The index of the selected row while its details are open.
    private var heldPlace: Int? {
        guard isHoldingSelection, filter.condition != nil, let selection, let place = places[selection] else {
            return nil
        }
        return place
    }

    /// Shows these rows, and returns whether they are others than before.
    private mutating func admit(_ shown: [Bool], anew: Bool) -> Bool {
        guard anew || shown != admitted || order.isEmpty else { return false }
        // The selected row is hidden: select its nearest neighbour that is still shown.
        if let selection, let place = places[selection], !shown[place] {
            self.selection = neighbour { $0 < shown.count && shown[$0] }
        }
        admitted = shown
        order = rows.indices.filter { shown[$0] }
        return true
    }

    private func passes(_ row: Row, _ matcher: FilterMatcher) -> Bool {
        if matcher.matches(row.searchText) { return true }
        guard isSearchedWholly else { return false }
        // No text column depends on the time.
        return Row.columns.contains { column in
            switch column.kind {
            case .text, .list:
                switch column.value(row, .distantPast) {
                case .text(let text): matcher.matches(text)
                case .list(let texts): texts.contains(where: matcher.matches)
                case .none, .integer, .number, .flag, .time: false
                }
            case .count, .rate, .bytes, .bytesPerSecond, .duration, .time, .flag: false
            }
        }
    }

    private func isInScope(_ row: Row) -> Bool {
        if let vhost, let own = row.vhostName, own != vhost { return false }
        if let scope { return row.belongs(to: scope) }
        return true
    }

    /// Returns the nearest row in the old order, searching from the cursor forwards and then backwards, whose index
    /// satisfies `isKept`.
    func neighbour(where isKept: (Int) -> Bool) -> RowID? {
        guard !order.isEmpty else { return nil }
        let start = min(max(0, cursor), order.count)
        for index in start..<order.count where isKept(order[index]) { return rows[order[index]].rowID }
        for index in (0..<start).reversed() where isKept(order[index]) { return rows[order[index]].rowID }
        return nil
    }

    /// Updates the sort keys of the rows, and returns whether any changed.
    private mutating func refreshKeys(touched: [Int]?, anew: Bool, now: Date) -> Bool {
        let column = Row.column(sort)
        let isText = column.kind == .text || column.kind == .list
        if anew || keys.count != rows.count || (isText && keyTexts.count != rows.count) {
            keys = [Double](repeating: .nan, count: rows.count)
            keyTexts = isText ? [Name?](repeating: nil, count: rows.count) : []
        }
        if isText {
            var changed = anew
            for place in touched ?? Array(rows.indices) where rows.indices.contains(place) {
                let text = Self.sortText(column.value(rows[place], now))
                if keyTexts[place] != text {
                    keyTexts[place] = text
                    changed = true
                }
            }
            if changed { keys = NaturalOrder.ranks(keyTexts) }
            return changed
        }
        var changed = anew
        for place in touched ?? Array(rows.indices) where rows.indices.contains(place) {
            let key = Self.sortNumber(column.value(rows[place], now))
            let old = keys[place]
            if key != old, !(key.isNaN && old.isNaN) {
                keys[place] = key
                changed = true
            }
        }
        return changed
    }

    private static func sortText(_ value: Value) -> Name? {
        switch value {
        case .text(let text): Name(text)
        case .list(let list): list.isEmpty ? nil : Name(list.joined(separator: ";"))
        case .none, .integer, .number, .flag, .time: nil
        }
    }

    private static func sortNumber(_ value: Value) -> Double {
        switch value {
        case .integer(let integer): Double(integer)
        case .number(let number): number.isFinite ? number : .nan
        case .flag(let flag): flag ? 1 : 0
        case .time(let time): time.timeIntervalSinceReferenceDate
        case .none, .text, .list: .nan
        }
    }

    private mutating func sortOrder() {
        let turnsTies = descending && Row.tiesFollowDirection
        var entries: [SortEntry] = []
        entries.reserveCapacity(order.count)
        for place in order {
            let key = keys[place]
            // Unknown values come last in either direction.
            let directed = key.isNaN ? Double.infinity : (descending ? -key : key)
            let rank = turnsTies ? -ranks[place] : ranks[place]
            entries.append(SortEntry(key: directed, rank: rank, place: Int32(truncatingIfNeeded: place)))
        }
        entries.sort { $0.key == $1.key ? $0.rank < $1.rank : $0.key < $1.key }
        order = entries.map { Int($0.place) }
    }

    /// Finds the selection in the new order and determines the rows on the screen. `offset` is the distance of the
    /// selection from the first row on the screen.
    private mutating func place(offset: Int) {
        guard !order.isEmpty else {
            cursor = 0
            top = 0
            return
        }
        if let selection, let place = places[selection], let found = order.firstIndex(of: place) {
            cursor = found
        } else {
            cursor = min(max(0, cursor), order.count - 1)
            selection = rows[order[cursor]].rowID
        }
        if isFollowing {
            top = cursor - offset
        } else if followNewest(offset: offset) {
            // It has set the cursor or the top.
        } else if !isTouched, !isHoldingSelection, !hasMoved || page > 0 && cursor >= page {
            cursor = 0
            selection = rows[order[0]].rowID
        }
        scrollToCursor()
    }

    /// Scrolls by the least amount that shows the cursor, and not beyond the last row.
    mutating func scrollToCursor() {
        guard page > 0 else {
            top = 0
            return
        }
        if cursor < top { top = cursor }
        if cursor >= top + page { top = cursor - page + 1 }
        top = min(max(0, top), max(0, order.count - page))
    }
}

/// Applies a filter's condition to rows of one type.
private struct ConditionAdmission<Row: TableRow> {
    private let evaluator: ConditionEvaluator
    private let columns: [Column<Row>?]
    private let now: Date

    init(_ condition: Condition, of type: Row.Type, now: Date) {
        evaluator = ConditionEvaluator(condition)
        columns = condition.columns(of: type)
        self.now = now
    }

    func truth(of row: Row) -> Truth { evaluator.truth(of: row, columns: columns, now: now) }
}
