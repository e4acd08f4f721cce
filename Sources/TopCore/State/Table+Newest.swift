// A table of events follows the newest row until the user moves away from it.
extension Table {
    /// Whether the table is sorted as a timeline, so that the newest row has a place.
    private var isByTime: Bool { isTimeline && sort == Row.defaultSort }

    /// The index of the newest row in `order`.
    private var newest: Int { descending ? 0 : order.count - 1 }

    /// The number of rows out of sight that are newer than those on the screen; `nil` while the newest is followed.
    public var newerCount: Int? {
        guard isByTime, isTouched, !order.isEmpty else { return nil }
        return descending ? top : max(0, order.count - top - max(1, page))
    }

    /// The command that goes to the newest row; `nil` for a table that is not sorted as a timeline.
    public var newestCommand: Command? { isByTime ? (descending ? .top : .bottom) : nil }

    /// Follows the newest row if the user did not move; otherwise keeps the selected row at its place on the screen.
    ///
    /// - Returns: False for a table that has no newest row.
    mutating func followNewest(offset: Int) -> Bool {
        guard isByTime, !order.isEmpty else { return false }
        if isTouched || isHoldingSelection {
            top = cursor - offset
        } else {
            cursor = newest
            selection = rows[order[cursor]].rowID
        }
        return true
    }

    /// Follows the newest row again once the user has moved to it, and not after a step away from it that found no row.
    mutating func noteMove(toward target: Int) {
        let isToNewest = descending ? target <= newest : target >= newest
        isTouched = !isByTime || cursor != newest || !isToNewest
    }
}
