/// What a key or the mouse requests, other than text input.
public enum Command: Hashable, Sendable {
    case view(ViewID)
    case nextView, previousView
    case up, down, pageUp, pageDown, top, bottom
    case scrollLeft, scrollRight
    case open
    /// List all that the selected row leads to.
    case places
    case back
    case filter
    /// Type the name of a view or of a command.
    case commandLine
    /// While a filter or a command is typed: recall the previous or the next one of the history.
    case olderFilter, newerFilter
    /// While a filter or a command is typed: complete the name before the cursor.
    case completeName
    case detailUp, detailDown
    case sortPrevious, sortNext, sortInvert
    case follow
    /// Tag the selected row, or all rows that are shown.
    case tag, tagAll
    /// Choose the columns of the view.
    case chooseColumns
    /// In the list of columns: show or hide the selected one, move it, change its width, or take the usual ones.
    case toggleColumn, columnBefore, columnAfter, wider, narrower, resetColumns
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
    case publish, consume, browse
    case purge, delete
    case closeChannel, closeConnection
    case fault, undoFaults
    case runLab
    case write
    /// Copy the selected or the tagged rows to the clipboard.
    case copy
    /// Save what is arranged on the screen.
    case save
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
    /// In the browser of messages.
    case browser(BrowserCommand)
}
