import Screen

extension Bindings {
    private static let tables = Set(ViewID.allCases).subtracting([.overview])
    private static let changeable: Set<ViewID> = [
        .queues, .exchanges, .named(.bindings), .named(.policies), .named(.users), .named(.vhosts), .named(.flags),
        .named(.shovels),
    ]
    private static let everywhere = Set(Binding.Context.allCases)
    private static let scrolling: Set<Binding.Context> = [
        .view, .picker, .columns, .browser, .message, .difference, .help,
    ]

    /// All keys, in the order of footer and help.
    public static let all: [Binding] =
        views + acting + table + charts + moving + general + time + dialog + commandLine + columns + messages

    private static let views: [Binding] =
        ViewID.tabs.map { view in
            Binding(
                view.digit.map { [.character($0)] } ?? [], .view(view), view.title.lowercased(),
                "Show \(view.title.lowercased())",
                .views)
        } + [
            Binding([.tab], .nextView, "next view", "Show the next view", .views),
            Binding([.backTab], .previousView, "previous view", "Show the previous view", .views),
        ]

    private static let acting: [Binding] = [
        Binding(
            [.enter], .open, "open",
            "Open the details; once more, and in Overview at once, leads on: queue, consumers, channel, connection",
            .table, footer: "Open", hasWork: { $0.view == .overview || $0.selectedID != nil }),
        Binding(
            [.character("o")], .places, "leads to", "List all that the selected item leads to, and go there", .table,
            views: tables, footer: "Leads to", hasWork: { $0.selectedID != nil }),
        Binding(
            [.escape], .back, "back",
            "Back: closes what is open, clears filter and tags, returns; then cancels what runs", .general,
            footer: "Back", hasWork: { $0.canGoBack && !$0.escapeReturns }),
        Binding(
            [.escape], .back, "present", "Return to the present, after what was opened at the earlier time is closed",
            .time, times: [.past], footer: "Live", hasWork: { $0.escapeReturns }),
        Binding(
            [.character("p")], .publish, "publish", "Publish messages here, once or at a rate", .acting,
            views: [.overview, .queues, .exchanges, .consumers], effect: .acts, footer: "Publish",
            hasWork: { !$0.isSelectedEnded }),
        Binding(
            [.character("c")], .consume, "consume", "Start a test consumer of ours on the queue", .acting,
            views: [.queues, .consumers], effect: .acts, footer: "Consume", hasWork: { $0.targetQueue != nil }),
        Binding(
            [.character("e")], .browse, "messages",
            "Look at messages, and move, copy, send back, change, save or delete them", .acting,
            views: [.queues, .consumers], effect: .acts, footer: "Look", hasWork: { $0.targetQueue != nil }),
        Binding(
            [.character("P")], .purge, "purge", "Throw away all ready messages of the queue", .acting,
            views: [.queues], effect: .destroys, footer: "Purge", hasWork: { $0.targetQueue != nil }),
        Binding(
            [.character("D")], .delete, "delete", "Delete the queue, exchange, binding, policy or shovel", .acting,
            views: [.queues, .exchanges, .named(.bindings), .named(.policies), .named(.shovels)], effect: .destroys,
            footer: "Delete",
            hasWork: { $0.selectedID != nil && !$0.isSelectedEnded }),
        Binding(
            [.character("a")], .change, "create",
            "Create a queue, exchange, binding or policy; change, restart or remove what is selected", .acting,
            views: changeable, effect: .acts, footer: "Create"),
        Binding(
            [.character("x")], .closeChannel, "close channel", "Close the channel: politely, or by an AMQP error",
            .acting, views: [.channels, .consumers, .client], effect: .destroys, footer: "Close channel",
            hasWork: { $0.targetChannel != nil }),
        Binding(
            [.character("X")], .closeConnection, "close connection", "Close the connection, with a reason", .acting,
            views: [.connections, .channels, .consumers, .client, .events], effect: .destroys,
            footer: "Close connection", hasWork: { $0.targetConnection != nil }),
        Binding(
            [.character("f")], .fault, "fault", "Inject a fault here: what it hits and what is seen stands beside it",
            .acting, views: tables, effect: .acts, footer: "Fault",
            hasWork: { $0.options.faults.why == nil && $0.hasFaultTarget }),
        Binding(
            [.character("u")], .undoFaults, "undo", "Undo the fault in force; of several one or all", .acting,
            effect: .acts, footer: "Undo", hasWork: { $0.faults.contains(where: \.isInForce) }),
        Binding(
            [.character("R")], .runLab, "run", "Run the experiment on a private broker of its own", .acting,
            views: [.lab], times: [.present], footer: "Run", hasWork: { $0.lab.selected != nil }),
    ]

    private static let table: [Binding] = [
        Binding(
            [.character("/")], .filter, "filter",
            "Filter as you type: text, /regex/ or ready > 5; ↑ brings earlier ones", .table,
            views: tables, footer: "Filter"),
        Binding([.character("<")], .sortPrevious, "sort left", "Sort by the column to the left", .table, views: tables),
        Binding(
            [.character(">")], .sortNext, "sort right", "Sort by the column to the right", .table, views: tables,
            footer: "Sort"),
        Binding(
            [.character("I")], .sortInvert, "invert", "Turn the order round", .table, views: tables, footer: "Invert"),
        Binding(
            [.character("F")], .follow, "follow", "Keep the selected item at its place on the screen", .table,
            views: tables, footer: "Follow", hasWork: { $0.selectedID != nil }),
        Binding(
            [.character("C")], .chooseColumns, "columns", "Show, hide, move and widen the columns", .table,
            views: tables),
        Binding(
            [.space], .tag, "tag", "Tag the row, or untag it: what acts on rows then takes all that are tagged", .table,
            views: tables, times: [.present, .past], hasWork: { $0.selectedID != nil }),
        Binding(
            [.character("*")], .tagAll, "tag all", "Tag all rows that the filter shows, or untag them", .table,
            views: tables, times: [.present, .past], hasWork: { $0.selectedID != nil }),
        Binding(
            [.character("z")], .fold, "fold", "Fold connections that only reconnect, or show every event", .table,
            views: [.events], footer: "Fold", hasWork: { !$0.eventFolding.folds.isEmpty }),
        Binding(
            [.character("v")], .chooseVhost, "vhost", "Show all vhosts or one", .table,
            views: tables.subtracting([.nodes]),
            footer: "Vhost"),
        Binding(
            [.character("N")], .chooseCluster, "clusters",
            "All clusters of the configuration, how they are; Enter shows one in place of this", .table,
            times: [.present], footer: "Clusters", hasWork: { !$0.options.clusters.isEmpty }),
    ]

    private static let moving: [Binding] = [
        Binding([.up, .character("k")], .up, "up", "One line up", .moving, in: scrolling),
        Binding([.down, .character("j")], .down, "down", "One line down", .moving, in: scrolling),
        Binding([.pageUp, .control("b")], .pageUp, "page up", "One page up", .moving, in: scrolling),
        Binding([.pageDown, .control("f")], .pageDown, "page down", "One page down", .moving, in: scrolling),
        Binding([.home, .character("g")], .top, "top", "To the first row", .moving, in: scrolling),
        Binding([.end, .character("G")], .bottom, "bottom", "To the last row", .moving, in: scrolling),
        Binding(
            [.left, .character("h")], .scrollLeft, "left", "Columns to the left; in Overview to the list before",
            .moving),
        Binding(
            [.right, .character("l")], .scrollRight, "right", "Columns to the right; in Overview to the next list",
            .moving),
        Binding(
            [.control("u")], .detailUp, "details up", "Scroll the details up", .moving,
            hasWork: { $0.isDetailOpen }),
        Binding(
            [.control("d")], .detailDown, "details down", "Scroll the details down", .moving,
            hasWork: { $0.isDetailOpen }),
    ]

    private static let charts: [Binding] = [
        Binding(
            [.character("[")], .shorterSpan, "less time", "Charts show less time: 7 days to 1 min, then automatic",
            .charts),
        Binding(
            [.character("]")], .longerSpan, "more time", "Charts show more time: 1, 5, 15 min, 1, 6, 24 h, 3, 7 days",
            .charts, footer: "Span"),
        Binding(
            [.character("=")], .compare, "compare",
            "Lay the selected queue, connection, channel or node over another's charts; again ends it", .charts,
            views: [.queues, .connections, .channels, .consumers, .nodes], footer: "Compare",
            hasWork: { $0.comparable != nil }),
    ]

    private static let general: [Binding] = [
        Binding(
            [.character("Z")], .freeze, "freeze", "Freeze the screen, and let it go on", .general, times: [.present],
            footer: "Freeze"),
        Binding(
            [.character("w")], .write, "write", "Write this view to a file; events and lab also as an HTML report",
            .general, in: [.view, .difference], footer: "Write"),
        Binding(
            [.character("y")], .copy, "copy", "Copy the name, the row as JSON, or a shell command; of all tagged rows",
            .general, views: tables, hasWork: { $0.selectedID != nil }),
        Binding(
            [.character("S")], .save, "save", "Save columns, order, filters, theme, view and span for this cluster",
            .general, times: [.present], hasWork: { $0.options.screenFile != nil }),
        Binding([.character("+")], .slower, "slower", "Look less often", .general, times: [.present]),
        Binding([.character("-")], .faster, "faster", "Look more often", .general, times: [.present]),
        Binding(
            [.character("?"), .function(1)], .help, "help", "Show or close this help", .general, in: [.view, .help],
            footer: "Help"),
        Binding(
            [.character(":")], .commandLine, "command",
            "Type a view (queues orders), an action or a setting; Tab completes, ↑ brings earlier ones", .general),
        Binding([.control("l")], .redraw, "redraw", "Draw the screen anew", .general, in: everywhere),
        Binding([.character("q")], .quit, "quit", "Quit", .general, footer: "Quit"),
        Binding([.control("c")], .quit, "quit", "Quit from anywhere", .general, in: everywhere),
    ]

    private static let dialog: [Binding] = [
        Binding(
            [.enter], .accept, "press", "Press what has the focus; in a form, start", .dialog,
            in: [.confirmation, .form, .picker, .filter, .commandLine], footer: "OK"),
        Binding(
            [.escape], .back, "cancel", "Close without doing anything", .dialog,
            in: [.confirmation, .form, .picker, .filter, .commandLine], footer: "Cancel"),
        Binding(
            [.up], .olderFilter, "earlier filter", "The filter before, while one is typed", .dialog, in: [.filter],
            footer: "Earlier", hasWork: { $0.hasFilter(1) }),
        Binding(
            [.down], .newerFilter, "later filter", "The filter after, and then what was being typed", .dialog,
            in: [.filter], footer: "Later", hasWork: { $0.hasFilter(-1) }),
        Binding(
            [.tab], .completeName, "complete", "Complete the name of a column in a filter", .dialog, in: [.filter],
            footer: "Complete", hasWork: { $0.context == .filter }),
        Binding(
            [.tab, .down], .focusNext, "next", "To the next field or button", .dialog, in: [.confirmation, .form],
            footer: "Next"),
        Binding(
            [.backTab, .up], .focusPrevious, "previous", "To the field or button before", .dialog,
            in: [.confirmation, .form]),
        Binding(
            [.right, .space], .changeNext, "change", "Switch, or take the next choice", .dialog, in: [.form],
            footer: "Change", hasWork: { $0.isFocusOnChoice }),
        Binding(
            [.left], .changePrevious, "change back", "Take the choice before", .dialog, in: [.form],
            hasWork: { $0.isFocusOnChoice }),
        Binding(
            [.right], .focusNext, "right", "To the button on the right", .dialog, in: [.confirmation],
            hasWork: { $0.isFocusOnButton }),
        Binding(
            [.left], .focusPrevious, "left", "To the button on the left", .dialog, in: [.confirmation],
            hasWork: { $0.isFocusOnButton }),
    ]
}
