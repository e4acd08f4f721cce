import Foundation

/// One line about the sources of a panel.
public struct StatusLine: Sendable, Equatable {
    /// How serious the line is.
    public enum Severity: Sendable { case info, warning, failure }
    /// The text of the line.
    public var text: String
    /// How serious it is.
    public var severity: Severity
    /// The source that the line is about, as a line of the overview.
    public var item: OverviewItem?

    /// Creates a line.
    public init(_ text: String, _ severity: Severity) {
        self.text = text
        self.severity = severity
    }
}

extension ViewID {
    /// The sources of the view's figures, the most important first.
    public var sources: [SourceName] {
        switch self {
        case .overview, .nodes: [.management]
        case .queues: [.management, .prometheus, .amqp]
        case .connections, .channels, .consumers, .exchanges, .named: [.management]
        case .events: [.client, .logExchange, .eventExchange, .logFile]
        case .client: [.client, .attached, .management]
        // Experiments run on private brokers.
        case .lab: []
        }
    }
}

extension State {
    /// Returns the status lines of a view: for each source that is not fresh, what happened, how long it has been
    /// silent and what to do. Empty when all sources are fresh.
    public func panelStatus(for view: ViewID) -> [StatusLine] {
        var lines: [StatusLine] = []
        let format = ValueFormat()
        if let frozenAt {
            let age = format.duration(max(0, now.timeIntervalSince(frozenAt)).rounded(.down))
            lines.append(StatusLine("frozen for \(age) — Z lets it go on", .warning))
        }
        for source in sources where view.sources.contains(source.name) {
            if source.isFresh(at: now), source.problem == nil { continue }
            if let line = source.line(at: now, format: format) { lines.append(line) }
        }
        if let cluster {
            for gap in cluster.gaps where gap.concerns(view) {
                lines.append(
                    StatusLine("\(gap.words(user: cluster.user)) — \(gap.advice(user: cluster.user))", .warning))
            }
        }
        if sources.isEmpty, view != .lab, isPresent {
            lines.append(StatusLine("waiting for the first answer from \(target)", .info))
        }
        if view == .events, !hasEventsOfOthers {
            lines.append(
                StatusLine(
                    "only errors of our own clients are seen — for those of all clients set log.exchange = true "
                        + "and log.file.level = info in rabbitmq.conf, or give --broker-log FILE", .info))
        }
        if case .named(let view) = view {
            for problem in named.problems[view] ?? [] { lines.append(StatusLine(problem.words, .warning)) }
        }
        if let table = table(of: view) {
            if table.undecodable > 0 {
                let rows = table.undecodable == 1 ? "1 row" : "\(format.count(table.undecodable)) rows"
                lines.append(StatusLine("\(rows) could not be read", .warning))
            }
            let known = rowsKnown(of: view)
            if view != .events, table.total > known {
                let shown = "the first \(format.count(known)) of \(format.count(table.total)) are known"
                lines.append(StatusLine("\(shown) — a filter finds the others", .info))
            }
        }
        return lines
    }

    /// Whether a view's figures must not be shown as current: the screen is frozen, no source of the view is fresh, or
    /// its rows are old.
    public func isStale(_ view: ViewID) -> Bool {
        if frozenAt != nil { return true }
        if view == .lab { return false }
        // Of an earlier time only what was recorded of the sources is known.
        if past != nil, sources.isEmpty { return table(of: view)?.at == nil && view != .overview }
        let feeding = sources.filter { view.sources.contains($0.name) }
        guard feeding.contains(where: { $0.isFresh(at: now) }) else { return true }
        guard view != .events, view != .overview else { return false }
        guard let at = table(of: view)?.at else { return true }
        var slowest = feeding.map(\.interval).max() ?? 5
        // What is configured changes rarely and is asked for less often.
        if case .named = view { slowest = max(slowest, 15) }
        return now.timeIntervalSince(at) > max(3 * slowest, 3)
    }

    /// Returns the age of a view's rows, in seconds; `nil` when there are none yet.
    public func age(of view: ViewID) -> Double? {
        let at = view == .overview ? cluster?.at : table(of: view)?.at
        return at.map { max(0, now.timeIntervalSince($0)) }
    }

    /// The cluster's name, or the configured address until the broker has reported its name.
    public var target: String { cluster?.name ?? (options.target.isEmpty ? "the broker" : options.target) }

    private var hasEventsOfOthers: Bool {
        sources.contains { source in
            switch source.name {
            case .logExchange, .eventExchange, .logFile: source.isFresh(at: now) || source.problem != nil
            case .management, .prometheus, .amqp, .client, .attached: false
            }
        }
    }

    private func rowsKnown(of view: ViewID) -> Int {
        switch view {
        case .overview: 0
        case .queues: queues.rows.count
        case .connections: connections.rows.count
        case .channels: channels.rows.count
        case .consumers: consumers.rows.count
        case .exchanges: exchanges.rows.count
        case .nodes: nodes.rows.count
        case .events: events.rows.count
        case .client: client.rows.count
        case .lab: lab.rows.count
        case .named(let view): named.rowCount(of: view)
        }
    }
}

extension SourceStatus {
    /// `management: connection refused by localhost:15672 · 12 s old — start the broker or give -H`; `nil` when the
    /// source is expected to be silent.
    func line(at now: Date, format: ValueFormat) -> StatusLine? {
        guard state != .off else { return nil }
        let who = node.map { "\(name.rawValue) of \($0)" } ?? name.rawValue
        let severity: StatusLine.Severity
        let what: String
        switch state {
        case .connecting:
            what = problem ?? "connecting"
            severity = .info
        case .live:
            what = problem ?? "no answer"
            severity = .warning
        case .stale:
            what = problem ?? "stopped answering"
            severity = .warning
        case .unreachable:
            what = problem ?? "not reachable"
            severity = .failure
        case .denied:
            what = problem ?? "denied to this user"
            severity = .warning
        case .notEnabled:
            what = problem ?? "not enabled"
            severity = .info
        case .off:
            return nil
        }
        var text = "\(who): \(what)"
        if !isFresh(at: now), let age = age(at: now) {
            text += " · \(format.count(ValueFormat.whole(age.rounded(.down)))) s old"
        }
        if let advice { text += " — \(advice)" }
        var line = StatusLine(text, severity)
        line.item = .source(name, node: node)
        return line
    }
}
