public import Faults
import Foundation
import Names

extension State {
    /// Where Enter leads to from a row, a finding or an event.
    public enum Destination: Equatable, Sendable {
        /// A row in its view.
        case row(RowID)
        /// An event with its details.
        case event(UInt64)
        /// A source: its problem and what to do about it.
        case source(SourceStatus)
        /// All queues.
        case queues

        /// What the key's line calls it.
        public var label: String {
            switch self {
            case .row(let row):
                switch row {
                case .queue: "To queue"
                case .connection: "To connection"
                case .channel: "To channel"
                case .consumer: "To consumer"
                case .exchange: "To exchange"
                case .node: "To node"
                case .client: "To client"
                case .event: "To event"
                case .named(let id): "To \(id.view.thing)"
                case .overview, .lab: "Open"
                }
            case .event: "To event"
            case .source: "Advice"
            case .queues: "Queues"
            }
        }
    }

    /// What the key's line says that Enter does, where that depends on what is selected; `nil` elsewhere.
    var openLabel: String? {
        if view == .overview { return overview.item == nil ? nil : overviewDestination?.label }
        guard view == .events, isDetailOpen, let entry = events.selected, entry.kind != .fault else { return nil }
        return destination(of: entry)?.label
    }

    /// Where Enter leads to in the overview; `nil` when the selected line is gone.
    public var overviewDestination: Destination? {
        switch overview.item {
        case nil: return .queues
        case .queue(let id): return .row(.queue(id))
        case .node(let name): return .row(.node(name))
        case .source(let name, let node):
            return sources.first { $0.name == name && $0.node == node }.map(Destination.source)
        case .finding(let id):
            if let finding = marks.findings.first(where: { $0.id == id }), let row = rowID(of: finding) {
                return .row(row)
            }
            return entry(of: id).map { .event($0) }
        case .event(let id):
            guard let entry = ledger.entry(id) else { return nil }
            return livingRow(of: entry).map(Destination.row) ?? .event(id)
        }
    }

    /// Where Enter leads to from an event whose details are open; `nil` when what it is about is gone.
    public func destination(of entry: LedgerEntry) -> Destination? {
        if let row = row(ofFinding: entry) ?? livingRow(of: entry) { return .row(row) }
        guard let connection = Name(entry.connection) else { return nil }
        if let number = entry.channel, entry.scope == .channel {
            let id = ChannelID(connection: connection, number: number)
            if mayExist(.channel(id), in: channels, since: entry.at) { return .row(.channel(id)) }
        }
        if mayExist(.connection(connection), in: connections, since: entry.at) { return .row(.connection(connection)) }
        return nil
    }

    /// The row that an event is about, if it is known to exist: the queue that its text names, its channel, its
    /// connection.
    private func livingRow(of entry: LedgerEntry) -> RowID? {
        if let name = Name(entry.queue), let vhost = Name(entry.vhost) {
            let queue = RowID.queue(EntityID(vhost: vhost, name: name))
            if queues.row(queue) != nil { return queue }
        }
        guard let connection = Name(entry.connection) else { return nil }
        if let number = entry.channel, entry.scope == .channel {
            let id = RowID.channel(ChannelID(connection: connection, number: number))
            if channels.row(id) != nil { return id }
        }
        return connections.row(.connection(connection)) != nil ? .connection(connection) : nil
    }

    /// Whether a row may exist: false only when a list later than the event does not contain it.
    private func mayExist<Row>(_ id: RowID, in table: Table<Row>, since: Date) -> Bool {
        if table.row(id) != nil { return true }
        guard let at = table.at else { return true }
        return at <= since
    }

    /// The newest entry that says that a finding began.
    private func entry(of finding: Finding.ID) -> UInt64? {
        let place = finding.where + " "
        return ledger.entries.last { entry in
            entry.kind == .finding && entry.application == finding.rule.rawValue && entry.severity != .ok
                && entry.text.hasBytePrefix(place)
        }?.id
    }

    /// Moves among the lines of the overview's lists.
    mutating func moveInOverview(_ command: TableCommand) {
        let lines = scrollLimits.overview
        switch command {
        case .lines(let count): overview.move(.lines(count), among: lines)
        case .pages(let count): overview.move(.list(count), among: lines)
        case .top: overview.move(.first, among: lines)
        case .bottom: overview.move(.last, among: lines)
        case .row, .item, .columns, .sortBy, .order, .sortStep, .sortInvert, .follow, .show, .tag, .tagAll, .untag,
            .filter,
            .filterColumns, .narrow, .page, .touch, .hold, .end:
            break
        }
    }

    /// Handles Enter in the overview.
    mutating func openOverviewLine() {
        switch overviewDestination {
        case nil: tell("It is gone")
        case .queues: lead(to: .queues, scope: nil)
        case .row(let row): lead(to: row)
        case .event(let id): leadToEvent(id)
        case .source(let source):
            let words = [source.problem ?? source.state.rawValue, source.advice].compactMap(\.self)
            tell("\(source.name.rawValue): \(words.joined(separator: " — "))", .warning)
        }
    }

    /// Shows a row in its view. The details of queues, exchanges, nodes and clients are opened with it; connections,
    /// channels and consumers are shown alone.
    mutating func lead(to row: RowID) {
        showVhost(of: row)
        switch row {
        case .queue(let id):
            // A queue that is not among the known rows is asked for alone.
            lead(to: .queues, scope: queues.row(row) == nil ? .queue(id) : nil, selecting: row)
            openLedDetail()
        case .exchange:
            lead(to: .exchanges, scope: nil, selecting: row)
            openLedDetail()
        case .node:
            lead(to: .nodes, scope: nil, selecting: row)
            openLedDetail()
        case .client:
            lead(to: .client, scope: nil, selecting: row)
            openLedDetail()
        case .connection(let name): lead(to: .connections, scope: .connection(name), selecting: row)
        case .channel(let id): lead(to: .channels, scope: .channel(id), selecting: row)
        case .consumer(let id): lead(to: .consumers, scope: .queue(id.queue), selecting: row)
        case .event(let id): leadToEvent(id)
        case .named(let id):
            lead(to: .named(id.view), scope: nil, selecting: row)
            openLedDetail()
        case .overview, .lab: break
        }
    }

    /// Shows an event with its details.
    private mutating func leadToEvent(_ id: UInt64) {
        lead(to: .events, scope: nil)
        let row = eventRow(of: id)
        apply(.item(row), to: .events)
        guard selectedID == row else { return tell("The event is no longer kept") }
        openLedDetail()
    }

    private mutating func openLedDetail() {
        isDetailOpen = true
        isDetailOfLead = true
    }

    /// Shows all vhosts when only another vhost than the row's is shown.
    private mutating func showVhost(of row: RowID) {
        let own: Name?
        switch row {
        case .queue(let id), .exchange(let id): own = id.vhost
        case .consumer(let id): own = id.queue.vhost
        case .named(let id): own = id.vhost
        case .overview, .connection, .channel, .node, .event, .client, .lab: own = nil
        }
        if let own, let shown = vhost, own != shown { limit(to: nil) }
    }
}
