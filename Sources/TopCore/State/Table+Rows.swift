import Foundation

extension Table {
    /// Takes over what a source listed: rows that are not in it leave, the others keep their place.
    mutating func replace(with list: [Row], total: Int, undecodable: Int = 0, at: Date, now: Date) {
        self.at = at
        self.total = total
        self.undecodable = undecodable
        var changes: TableChanges = []
        if !filter.isNone || scope != nil || vhost != nil { changes.insert(.admission) }
        var isListed = [Bool](repeating: false, count: rows.count)
        var listed = 0
        for row in list {
            if let place = places[row.rowID] {
                rows[place] = row
                if place < isListed.count, !isListed[place] {
                    isListed[place] = true
                    listed += 1
                }
            } else {
                places[row.rowID] = rows.count
                rows.append(row)
                changes.insert(.membership)
            }
        }
        if listed < isListed.count {
            isListed.append(contentsOf: repeatElement(true, count: rows.count - isListed.count))
            keep { isListed[$0] }
            changes.insert(.membership)
        }
        arrange(changes, now: now)
    }

    /// Lets go of the rows whose place does not satisfy `isKept`; `arrange(.membership)` has to follow.
    mutating func keep(where isKept: (Int) -> Bool) {
        if let selection, let place = places[selection], !isKept(place) {
            self.selection = neighbour(where: isKept)
        }
        var kept: [Row] = []
        kept.reserveCapacity(rows.count)
        var moved = [Int](repeating: -1, count: rows.count)
        for place in rows.indices {
            if isKept(place) {
                moved[place] = kept.count
                if moved[place] != place { places[rows[place].rowID] = kept.count }
                kept.append(rows[place])
            } else {
                places[rows[place].rowID] = nil
            }
        }
        order = order.compactMap { moved[$0] >= 0 ? moved[$0] : nil }
        rows = kept
    }

    /// Lets go of all rows, and keeps sort, filter and place on the screen.
    mutating func removeAll(now: Date) {
        places = [:]
        rows = []
        order = []
        at = nil
        total = 0
        arrange(.membership, now: now)
    }
}

extension Filter {
    var isNone: Bool { self == .none }
}
