import Faults
import Foundation
import Names

extension State {
    /// Whether the broker is shown as it is now: not an earlier time of it, and not a recording.
    public var isPresent: Bool { past == nil && playback == nil }

    /// The state of the present, whatever time is shown.
    public var latest: State { present.first ?? self }

    /// How many places Esc goes back to.
    var depth: Int { 2 * trail.count + (isDetailOpen ? 1 : 0) }

    /// Whether the next Esc returns to the present.
    public var escapeReturns: Bool {
        guard let past, playback == nil, overlay == nil else { return false }
        return depth <= past.restingDepth
    }

    /// Whether an event concerns the present alone, while an earlier time is shown.
    func isOfPresent(_ event: Event) -> Bool {
        guard !present.isEmpty else { return false }
        switch event {
        case .snapshot, .entries, .reports, .operation: return true
        case .key, .paste, .pointer, .resized, .viewport, .moment, .curves, .recording, .clusters, .clusterChange,
            .tick:
            return false
        }
    }

    /// Gives an event to the state of the present, which goes on while an earlier time is shown.
    mutating func giveToPresent(_ event: Event) -> [Action] {
        guard !present.isEmpty else { return [] }
        // Operations run on, whatever time is shown; their lines and results are.
        present[0].activities = activities
        present[0].nextOperation = nextOperation
        present[0].notice = notice
        let actions = update(&present[0], event, at: clock)
        activities = present[0].activities
        notice = present[0].notice
        return actions.filter { action in
            switch action {
            case .watch, .start, .cancel: true
            // The charts of the present are not on the screen.
            case .seek, .curves, .record, .copy, .watchClusters, .switchCluster, .enterCluster, .quit: false
            }
        }
    }

    /// Shows what was known at an earlier time; the present goes on aside.
    mutating func show(_ moment: Moment) {
        let wanted =
            past?.absentee
            ?? selectedID.map { Past.Absentee(row: $0, view: view, isDetailOpen: isDetailOpen) }
        if past == nil {
            var shown = State(size: size, options: options, now: moment.at)
            if playback == nil {
                shown.present = [self]
                shown.present[0].continueAside()
            }
            shown.past = Past(at: moment.at, restingDepth: depth)
            shown.fill(from: moment)
            shown.adoptScreen(of: self)
            self = shown
        } else {
            fill(from: moment)
        }
        past?.absentee = nil
        if let wanted, wanted.view == view { find(wanted) }
        countMessages()
    }

    /// Selects a row again, or remembers that it does not exist at this time.
    private mutating func find(_ wanted: Past.Absentee) {
        if exists(wanted.row) {
            if selectedID != wanted.row { apply(.item(wanted.row), to: view) }
            if wanted.isDetailOpen { isDetailOpen = true }
        } else {
            past?.absentee = wanted
            if isDetailOpen {
                isDetailOpen = false
                detailScroll = 0
                tell("It does not exist at this time: its details open again when it does")
            }
        }
    }

    /// Forgets a row that was selected and does not exist, once the user does something else than to go in time; what
    /// was left behind above it is no longer gone back to.
    mutating func forgetAbsentee(after command: Command) {
        guard past != nil else { return }
        switch command {
        case .earlier, .later, .eventBefore, .eventAfter, .goToTime, .accept, .redraw, .playOrPause, .playFaster,
            .playSlower, .mark:
            break
        default: past?.absentee = nil
        }
        let depth = depth
        if let resting = past?.restingDepth, depth < resting { past?.restingDepth = depth }
    }

    mutating func forgetAbsentee(after pointer: Pointer) {
        switch pointer {
        case .row, .openRow, .overviewLine, .openOverviewLine, .view: forgetAbsentee(after: .open)
        case .heading, .scroll, .detail, .scrollDetail, .command, .choice: break
        }
    }

    private func exists(_ row: RowID) -> Bool {
        switch view {
        case .overview: true
        case .queues: queues.row(row) != nil
        case .connections: connections.row(row) != nil
        case .channels: channels.row(row) != nil
        case .consumers: consumers.row(row) != nil
        case .exchanges: exchanges.row(row) != nil
        case .nodes: nodes.row(row) != nil
        case .events: events.row(row) != nil
        case .client: client.row(row) != nil
        case .lab: lab.row(row) != nil
        case .named(let view): named.has(row, in: view)
        }
    }

    /// Returns to the present, which went on meanwhile. View, order, filter and selection stay as they are now.
    mutating func returnToPresent() {
        lookup.abandon()
        guard past != nil, !present.isEmpty else { return }
        var live = present.removeLast()
        let waiting = live.overlay
        let before = selectedID
        live.clock = clock
        live.now = clock
        live.adoptScreen(of: self)
        self = live
        if selectedID != before, isDetailOpen {
            isDetailOpen = false
            detailScroll = 0
            tell("What was selected is gone")
        }
        // A question that came up meanwhile is asked now.
        if let waiting { overlays.offer(waiting) }
        showNodes()
        countMessages()
    }

    /// Goes on without a user: everything is watched that the overview needs.
    private mutating func continueAside() {
        // Its charts are not on the screen: the store is not asked for them.
        recording.span = nil
        curvesAskedAt = nil
        frozenAt = nil
        overlays = OverlayStack()
        vhost = nil
        for view in ViewID.allCases { apply(.filter(.none), to: view) }
        go(to: .overview)
        showNodes()
        showEvents()
    }

    /// Takes over everything of the screen that is not data: view, order, filters, selection, what is open.
    private mutating func adoptScreen(of other: State) {
        size = other.size
        options = other.options
        clock = other.clock
        view = other.view
        scope = other.scope
        trail = other.trail
        vhost = other.vhost
        if vhosts.isEmpty { vhosts = other.vhosts }
        isDetailOpen = other.isDetailOpen
        detailScroll = other.detailScroll
        interval = other.interval
        tableRows = other.tableRows
        scrollLimits = other.scrollLimits
        overlays = other.overlays
        filterHistory = other.filterHistory
        commandHistory = other.commandHistory
        activities = other.activities
        notice = other.notice
        nextOperation = other.nextOperation
        redraws = other.redraws
        playback = other.playback
        lookup = other.lookup
        pace = other.pace
        mark = other.mark
        recording = other.recording
        overview = other.overview
        foldsEvents = other.foldsEvents
        chosenSpan = other.chosenSpan
        compared = other.compared
        isDetailOfLead = other.isDetailOfLead
        restoresScreen = false
        queues.adopt(other.queues, now: now)
        connections.adopt(other.connections, now: now)
        channels.adopt(other.channels, now: now)
        consumers.adopt(other.consumers, now: now)
        exchanges.adopt(other.exchanges, now: now)
        nodes.adopt(other.nodes, now: now)
        events.adopt(other.events, now: now)
        client.adopt(other.client, now: now)
        lab.adopt(other.lab, now: now)
        named.adopt(other.named, now: now)
        // A filter unfolds events.
        showEvents()
        narrowTables()
    }

    /// Takes over all that is known at a time. What is not known then is unknown, whatever was shown before.
    private mutating func fill(from moment: Moment) {
        now = moment.at
        past?.at = moment.at
        for view in ViewID.allCases { apply(.hold(false), to: view) }
        cluster = moment.cluster
        sources = moment.sources
        faults = moment.faults
        configuration = moment.configuration
        detail = nil
        totals = nil
        cost = nil
        wholeReports = moment.queues?.isAll == true ? ["": moment.at] : [:]
        queues.fill(from: moment.queues, now: now)
        connections.fill(from: moment.connections, now: now)
        channels.fill(from: moment.channels, now: now)
        consumers.fill(from: moment.consumers, now: now)
        completeConsumers()
        exchanges.fill(from: moment.exchanges, now: now)
        client.fill(from: moment.client, now: now)
        nodes.fill(
            from: moment.cluster.map { ListPart(at: $0.at, rows: $0.nodes, isWhole: true) }, now: now)
        named.forget(now: now)
        ledger = Ledger(recorded: moment.entries)
        showEvents()
        diagnosis = Diagnosis(recorded: moment.findings)
        let known = moment.vhosts
        if !known.isEmpty { vhosts = known }
        // What came after the time that is shown is not known yet.
        if let live = present.first { history = live.history.until(now) }
    }
}

extension Moment {
    /// The vhosts that its queues and exchanges are in.
    fileprivate var vhosts: [Name] {
        var names = Set<Name>()
        for row in queues?.rows ?? [] { names.insert(row.id.vhost) }
        for row in exchanges?.rows ?? [] { names.insert(row.id.vhost) }
        return names.sorted()
    }
}

extension ListPart {
    /// Whether the list has all rows of the broker, as far as it says.
    var isAll: Bool { isWhole || (total <= rows.count && undecodable == 0) }
}

extension Table {
    /// Takes over order, filter, selection and position of another table of the same view; the rows stay.
    mutating func adopt(_ other: Table, now: Date) {
        hold(false, now: now)
        sort = other.sort
        descending = other.descending
        filter = other.filter
        selection = other.selection
        cursor = other.cursor
        top = other.top
        columnOffset = other.columnOffset
        isFollowing = other.isFollowing
        tags = other.tags
        chosen = other.chosen
        widths = other.widths
        isTouched = other.isTouched
        hasMoved = other.hasMoved
        page = other.page
        vhost = other.vhost
        scope = other.scope
        isSearchedWholly = other.isSearchedWholly
        arrange([.membership, .admission, .sort], now: now)
    }
}

extension Table where Row: Equatable {
    /// Shows the rows of a list, or none when nothing is known.
    fileprivate mutating func fill(from part: ListPart<Row>?, now: Date) {
        if let part {
            replace(part, now: now)
        } else {
            removeAll(now: now)
            undecodable = 0
        }
    }
}
