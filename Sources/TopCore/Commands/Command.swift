/// What a key or the mouse asks for, apart from the letters that go into a field.
public enum Command: Hashable, Sendable {
    case view(ViewID)
    case nextView, previousView
    case up, down, pageUp, pageDown, top, bottom
    case scrollLeft, scrollRight
    case open
    case back
    case filter
    /// While a filter is typed: the one before, and the one after.
    case olderFilter, newerFilter
    case detailUp, detailDown
    case sortPrevious, sortNext, sortInvert
    case follow
    case chooseVhost
    case freeze
    case slower, faster
    case publish, consume, peek
    case purge, delete
    case closeChannel, closeConnection
    case fault, undoFaults
    case runLab
    case write
    case help
    case redraw
    case quit
    /// In an overlay: press what has the focus.
    case accept
    case focusNext, focusPrevious
    /// In a form: the other state of a switch, the next or previous of some choices.
    case changeNext, changePrevious
    /// Among messages that were looked at.
    case nextMessage, previousMessage
    case hex
}
