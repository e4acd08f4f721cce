public import Foundation
public import Names

/// The rows of a view with their order, filter and selection. The selection follows the row, not its index.
public struct Table<Row: TableRow>: Sendable {
    /// All rows, unordered; `order` has the indices of those that pass scope and filter, sorted.
    public internal(set) var rows: [Row] = []
    /// The indices in `rows` of the rows that pass scope and filter, sorted.
    public internal(set) var order: [Int] = []
    /// The sort column.
    public internal(set) var sort: Row.Key = Row.defaultSort
    /// Whether the rows are sorted in descending order.
    public internal(set) var descending: Bool = Row.startsDescending
    /// The filter of the rows.
    public internal(set) var filter: Filter = .none
    /// The identity of the selected row.
    public internal(set) var selection: RowID?
    /// The index of the selection in `order`.
    public internal(set) var cursor = 0
    /// The index in `order` of the first row on the screen.
    public internal(set) var top = 0
    /// The number of columns scrolled out to the left.
    public internal(set) var columnOffset = 0
    /// Whether the selection stays at its screen position while other rows move.
    public internal(set) var isFollowing = false
    /// The rows that are tagged, whether they are there now or not.
    public internal(set) var tags: Set<RowID> = []
    /// The columns shown, in their order; `nil` for those that the view has of itself.
    var chosen: [Row.Key]?
    /// The widths that were chosen, in cells.
    var widths: [Row.Key: Int] = [:]
    /// When the rows were last reported.
    public internal(set) var at: Date?
    /// The number of rows on the broker.
    public internal(set) var total = 0
    /// The number of rows in the last list that could not be decoded.
    public internal(set) var undecodable = 0

    /// The selected row, if it disappeared while its details were open; it is still among the rows.
    public internal(set) var ended: EndedRow?

    /// Whether the rows are events, whose newest row is followed until the user moves away from it.
    var isTimeline = false
    /// Whether the selected row stays when it disappears from its source.
    var isHoldingSelection = false
    /// The number of rows that the screen has room for; 0 while unknown.
    var page = 0
    /// Whether the user has moved away from the first rows. Until then the screen stays there instead of following the
    /// selection.
    var isTouched = false {
        didSet { if isTouched { hasMoved = true } }
    }
    /// Whether the user has ever moved. Until then the first row is selected, whichever it is.
    var hasMoved = false
    /// The vhost and the scope of the drill-down that the rows are narrowed to.
    var vhost: Name?
    var scope: Scope?
    /// Whether the filter matches every column of text, and not only the row's names.
    var isSearchedWholly = false

    /// The index of each row in `rows`.
    var places: [RowID: Int] = [:]
    /// By index: the row's rank among all rows by its identity. Rows with equal sort keys keep this order.
    var ranks: [Double] = []
    /// By index: the value that the row is sorted by, `nan` when unknown.
    var keys: [Double] = []
    /// By index: the texts that `keys` were made from, when the sort column is text.
    var keyTexts: [Name?] = []
    /// By index: whether the row passes vhost, scope and filter.
    var admitted: [Bool] = []
    /// How wide the widest text is in each column that is measured, in cells.
    public internal(set) var identityWidths: [Row.Key: Int] = [:]
    /// By index: whether it is not known of the row, which passes vhost and scope, whether the filter's condition holds.
    var undecided: [Bool] = []

    /// Creates an empty table.
    public init() {}

    /// The row under the cursor.
    public var selected: Row? {
        order.indices.contains(cursor) ? rows[order[cursor]] : nil
    }

    /// Returns the rows on the screen: at most `count` rows from `top` on.
    public func window(_ count: Int) -> [Row] {
        guard top < order.count, count > 0 else { return [] }
        return order[top..<min(order.count, top + count)].map { rows[$0] }
    }

    /// Returns the row of this identity, whether it passes the filter or not.
    public func row(_ id: RowID) -> Row? {
        places[id].map { rows[$0] }
    }

    /// The rows that pass scope and filter, in order.
    public var sortedRows: [Row] { order.map { rows[$0] } }
}

/// The filter of a table, as edited with `/`.
public enum Filter: Sendable, Equatable {
    /// No filter.
    case none
    /// Rows that contain this text, ignoring case.
    case text(Name)
    /// Rows that match this regular expression.
    case regex(Name)
    /// Rows for which this condition holds; not those for which that is not known.
    case condition(Condition)
    /// An invalid regular expression, and why it is invalid. It filters nothing.
    case invalid(Name, why: String)
}

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

    /// Gives a row another identity, which its source has reported since; the selection follows.
    mutating func rename(_ old: RowID, to row: Row) {
        guard places[row.rowID] == nil, let place = places.removeValue(forKey: old) else { return }
        rows[place] = row
        places[row.rowID] = place
        if selection == old { selection = row.rowID }
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

    /// The condition of the filter, if it is one.
    public var condition: Condition? {
        if case .condition(let condition) = self { condition } else { nil }
    }
}

/// A row that disappeared while its details were open.
public struct EndedRow: Sendable, Equatable {
    public var id: RowID
    /// When the row was known to be gone.
    public var at: Date

    /// Creates an ended row.
    public init(id: RowID, at: Date) {
        self.id = id
        self.at = at
    }
}

extension Table {
    /// Keeps the selected row even when it disappears from its source, or removes a row that was kept.
    mutating func hold(_ isHeld: Bool, now: Date) {
        isHoldingSelection = isHeld
        guard let ended, !isHeld || selection != ended.id else { return }
        self.ended = nil
        guard let place = places[ended.id] else { return }
        keep(at: ended.at) { $0 != place }
        arrange(.membership, now: now)
    }

    /// Marks the selected row as ended, when its details are open and its source reports that it is gone.
    mutating func endSelected(_ id: RowID, at: Date) {
        guard isHoldingSelection, selection == id, places[id] != nil, ended?.id != id else { return }
        ended = EndedRow(id: id, at: at)
    }

    /// Records that a source polled at `at` reports the row.
    mutating func noteAlive(_ id: RowID, at: Date) {
        if let ended, ended.id == id, at > ended.at { self.ended = nil }
    }

    /// Whether the selected row is one that ended.
    var isSelectedEnded: Bool { ended != nil && ended?.id == selection }
}
