/// What a key or the mouse requests, other than text input.
public enum Command: Hashable, Sendable {
    case view(ViewID)
    case nextView, previousView
    case up, down, pageUp, pageDown, top, bottom
    case scrollLeft, scrollRight
    case open
    case back
    case filter
    /// While a filter is edited: recall the previous or the next one of the history.
    case olderFilter, newerFilter
    /// While a filter is edited: complete the name of a column.
    case completeName
    case detailUp, detailDown
    case sortPrevious, sortNext, sortInvert
    case follow
    /// In Events: show every entry, or fold those that only report reconnections.
    case fold
    /// Create, change or remove a queue, an exchange, a binding or a policy.
    case change
    case chooseVhost
    /// Show the clusters of the configuration, to switch to one.
    case chooseCluster
    case freeze
    case slower, faster
    /// Less and more time in charts.
    case shorterSpan, longerSpan
    /// Mark the selected row to be compared with others in charts, or end that.
    case compare
    case publish, consume, peek
    case purge, delete
    case closeChannel, closeConnection
    case fault, undoFaults
    case runLab
    case write
    case earlier, later
    case eventBefore, eventAfter
    case goToTime
    case mark, changes
    case record
    /// In a replay.
    case playOrPause, playFaster, playSlower
    case help
    case redraw
    case quit
    /// In an overlay: activate the element with the focus.
    case accept
    case focusNext, focusPrevious
    /// In a form: toggle a switch, or select the next or previous choice.
    case changeNext, changePrevious
    /// Among messages that were peeked at.
    case nextMessage, previousMessage
    case hex
}
