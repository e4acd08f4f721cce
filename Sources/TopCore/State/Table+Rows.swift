import Foundation

extension Table {
    /// Replaces the rows with a source's list: rows that are not listed are removed, the others keep their index.
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
                if ended != nil { noteAlive(row.rowID, at: at) }
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
            keep(at: at) { isListed[$0] }
            changes.insert(.membership)
        }
        arrange(changes, now: now)
    }

    /// Removes the rows whose index does not satisfy `isListed`; `arrange(.membership)` must follow.
    ///
    /// - Parameter at: When the rows were known to be gone.
    mutating func keep(at: Date, where isListed: (Int) -> Bool) {
        var heldPlace: Int?
        if let selection, let place = places[selection], !isListed(place) {
            if isHoldingSelection {
                heldPlace = place
                if ended?.id != selection { ended = EndedRow(id: selection, at: at) }
            } else {
                self.selection = neighbour(where: isListed)
            }
        }
        func isKept(_ place: Int) -> Bool { place == heldPlace || isListed(place) }
        var kept: [Row] = []
        kept.reserveCapacity(rows.count)
        var keptRanks: [Double] = []
        keptRanks.reserveCapacity(ranks.count)
        var moved = [Int](repeating: -1, count: rows.count)
        for place in rows.indices {
            if isKept(place) {
                moved[place] = kept.count
                if moved[place] != place { places[rows[place].rowID] = kept.count }
                kept.append(rows[place])
                // New rows are at the end and have no rank yet.
                if place < ranks.count { keptRanks.append(ranks[place]) }
            } else {
                places[rows[place].rowID] = nil
            }
        }
        order = order.compactMap { moved[$0] >= 0 ? moved[$0] : nil }
        rows = kept
        ranks = keptRanks
    }

    /// Removes all rows; keeps sort, filter and screen position.
    mutating func removeAll(now: Date) {
        places = [:]
        rows = []
        ended = nil
        ranks = []
        order = []
        at = nil
        total = 0
        arrange(.membership, now: now)
    }

    /// Assigns ranks to the rows at the end that have none. A few new rows are inserted between the others, so that
    /// thousands of identities are not sorted again for one new row.
    mutating func rankNewRows() {
        let known = ranks.count
        let new = rows.count - known
        guard known > 0, new > 0, new <= max(64, known / 20) else {
            ranks = NaturalOrder.ranks(rows.map { $0.rowID.orderText }, isTotal: true)
            return
        }
        var byRank = rows.indices.prefix(known).sorted { ranks[$0] < ranks[$1] }
        for place in known..<rows.count {
            let text = rows[place].rowID.orderText
            var low = 0
            var high = byRank.count
            while low < high {
                let middle = (low + high) / 2
                if NaturalOrder.precedes(rows[byRank[middle]].rowID.orderText, text) {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            let before = low > 0 ? ranks[byRank[low - 1]] : ranks[byRank[0]] - 2
            let after = low < byRank.count ? ranks[byRank[low]] : before + 2
            let rank = before + (after - before) / 2
            guard rank > before, rank < after else {
                // There is no floating-point number between the two.
                ranks = NaturalOrder.ranks(rows.map { $0.rowID.orderText }, isTotal: true)
                return
            }
            ranks.append(rank)
            byRank.insert(place, at: low)
        }
    }
}

extension Filter {
    var isNone: Bool { self == .none }
}
