import Screen

extension Bindings {
    /// The keys of the list of columns.
    static let columns: [Binding] = [
        Binding(
            [.space], .toggleColumn, "show or hide", "Show or hide the column", .dialog, in: [.columns],
            footer: "Show/hide"),
        Binding(
            [.character("K"), .left], .columnBefore, "move up", "Move the column towards the left edge", .dialog,
            in: [.columns], footer: "Left"),
        Binding(
            [.character("J"), .right], .columnAfter, "move down", "Move the column towards the right edge", .dialog,
            in: [.columns], footer: "Right"),
        Binding([.character("+")], .wider, "wider", "Make the column wider", .dialog, in: [.columns], footer: "Wider"),
        Binding([.character("-")], .narrower, "narrower", "Make the column narrower", .dialog, in: [.columns]),
        Binding(
            [.character("r")], .resetColumns, "reset", "The columns that the view has of itself", .dialog,
            in: [.columns], footer: "Reset"),
        Binding(
            [.enter, .character("C")], .accept, "keep", "Keep the columns", .dialog, in: [.columns], footer: "Keep"),
        Binding(
            [.escape], .back, "cancel", "The columns as they were", .dialog, in: [.columns], footer: "Cancel"),
    ]
}
