public import Faults
public import Screen

/// An event that changes the state.
public enum Event: Sendable {
    /// A key press.
    case key(Key)
    /// Text pasted into the terminal: inserted into the field being edited, and ignored elsewhere.
    case paste(String)
    /// A mouse action on an element of the screen.
    case pointer(Pointer)
    /// The terminal has a new size.
    case resized(Size)
    /// The number of table rows that the last frame had room for, and how far its content can be scrolled.
    case viewport(rows: Int, limits: ScrollLimits = ScrollLimits())
    /// A report of a source.
    case snapshot(Snapshot)
    /// Events for the ledger, with the number of entries that a bounded queue dropped before these.
    case entries([LedgerEntry], dropped: UInt64)
    /// Input of the ledger's measurements: faults, the objects they affected, and the activity of applications.
    case reports([LedgerReport])
    /// A report of an operation.
    case operation(OperationID, OperationReport)
    /// What the history holds at the time that was looked for; `nil` when it holds nothing there.
    case moment(Moment?)
    /// Figures over time from the history.
    case curves([Curve])
    /// What the history holds and what is recorded, reported when it changes.
    case recording(RecordingStatus)
    /// How clusters of the configuration are.
    case clusters([ClusterSummary])
    /// Whether another cluster can be shown.
    case clusterChange(ClusterChange)
    /// Time passed: ages grow, notices expire.
    case tick
}

/// An element of the screen that the mouse acted on.
public enum Pointer: Sendable, Equatable {
    /// A tab of a view.
    case view(ViewID)
    /// A row of the table by its index in the current order.
    case row(Int)
    /// A row whose details are opened.
    case openRow(Int)
    /// A line of the overview's lists.
    case overviewLine(OverviewItem)
    /// A line of the overview's lists that leads on.
    case openOverviewLine(OverviewItem)
    /// The heading of a column.
    case heading(AnyColumnKey)
    /// The table, scrolled.
    case scroll(lines: Int)
    /// The details pane; a click there does nothing.
    case detail
    /// The details pane, scrolled.
    case scrollDetail(lines: Int)
    /// A key in the footer, which starts its command.
    case command(Command)
    /// A line of the topmost overlay: a button or a choice by its index.
    case choice(Int)
}
