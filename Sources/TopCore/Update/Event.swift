public import Faults
public import Screen

/// Everything that can change the state.
public enum Event: Sendable {
    case key(Key)
    /// Text pasted into the terminal: it goes into a field that is being edited, and is no command elsewhere.
    case paste(String)
    /// Something on the screen that the mouse hit.
    case pointer(Pointer)
    case resized(Size)
    /// The number of table rows that the last frame had room for, and how far what it shows can be scrolled.
    case viewport(rows: Int, limits: ScrollLimits = ScrollLimits())
    case snapshot(Snapshot)
    /// News for the ledger, with the number of entries that a bounded queue had to drop before these.
    case entries([LedgerEntry], dropped: UInt64)
    /// What the ledger measures by: faults, whom they struck, and what applications do.
    case reports([LedgerReport])
    case operation(OperationID, OperationReport)
    /// Time passed: ages grow, notices go.
    case tick
}

public enum Pointer: Sendable, Equatable {
    case view(ViewID)
    /// A row of the table by its place in the current order.
    case row(Int)
    case openRow(Int)
    case heading(String)
    case scroll(lines: Int)
    /// The pane of details; a click there does nothing.
    case detail
    case scrollDetail(lines: Int)
    case command(Command)
    /// A line of the overlay on top: a button or choice by its place.
    case choice(Int)
}
