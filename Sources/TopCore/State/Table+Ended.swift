public import Foundation

/// A row that left while somebody looked at its details.
public struct EndedRow: Sendable, Equatable {
    public var id: RowID
    /// When it was known to be gone.
    public var at: Date

    public init(id: RowID, at: Date) {
        self.id = id
        self.at = at
    }
}

extension Table {
    /// Keeps the selected row even when it leaves, or lets go of one that did.
    mutating func hold(_ isHeld: Bool, now: Date) {
        isHoldingSelection = isHeld
        guard let ended, !isHeld || selection != ended.id else { return }
        self.ended = nil
        guard let place = places[ended.id] else { return }
        keep(at: ended.at) { $0 != place }
        arrange(.membership, now: now)
    }

    /// Takes the selected row for ended, where its details are looked at and its source says that it is gone.
    mutating func endSelected(_ id: RowID, at: Date) {
        guard isHoldingSelection, selection == id, places[id] != nil, ended?.id != id else { return }
        ended = EndedRow(id: id, at: at)
    }

    /// A source that was asked at `at` tells of the row.
    mutating func noteAlive(_ id: RowID, at: Date) {
        if let ended, ended.id == id, at > ended.at { self.ended = nil }
    }

    /// Whether the selected row is one that left.
    var isSelectedEnded: Bool { ended != nil && ended?.id == selection }
}

extension State {
    /// Whoever opened details on something sees them until he moves, whatever becomes of it.
    mutating func holdSelection() {
        for view in ViewID.allCases {
            let isWayBack = trail.contains { $0.view == view && $0.isDetailOpen }
            apply(.hold(isWayBack || (isDetailOpen && view == self.view)), to: view)
        }
    }
}
