public import Foundation

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

extension State {
    /// Keeps the row whose details are open until the user moves, whatever happens to it.
    mutating func holdSelection() {
        for view in ViewID.allCases {
            let isWayBack = trail.contains { $0.view == view && $0.isDetailOpen }
            apply(.hold(isWayBack || (isDetailOpen && view == self.view)), to: view)
        }
    }
}
