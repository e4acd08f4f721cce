public import Foundation
public import Names

extension State {
    /// The time at which charts end.
    public var chartEnd: Date { now }

    /// Whether charts end now, and show the figures recorded in memory.
    public var areChartsLive: Bool { isPresent }

    /// The time that charts and sparklines show: the chosen span, or else as long as there are figures for.
    public var chartWindow: ChartWindow { window(of: nil) }

    /// The time that the charts of a row show. A run of an experiment is shown from its start until a span is chosen.
    public func chartWindow(of id: RowID) -> ChartWindow {
        guard case .lab = id, let run = lab.row(id)?.run else { return chartWindow }
        return window(of: run.startedAt)
    }

    private func window(of start: Date?) -> ChartWindow {
        let end = chartEnd
        var seconds = chosenSpan?.seconds
        if seconds == nil {
            let first = start ?? [history.began, recording.span?.lowerBound].compactMap { $0 }.min() ?? end
            seconds = ChartSpan.automatic(for: end.timeIntervalSince(first))
        }
        return ChartWindow(end: end, seconds: seconds ?? 60, isLive: areChartsLive)
    }

    // MARK: Keys

    /// Makes charts show more time, or less for a negative step. Less than the shortest span is the automatic one again.
    mutating func changeSpan(by step: Int) {
        let next = ChartSpan.next(to: chartWindow.seconds, step: step)
        if next == nil, step > 0 { return tell("Charts show \(ChartSpan.week.label), the longest span") }
        chosenSpan = next
        tell(next.map { "Charts show \($0.label)" } ?? "Charts show what there is, up to 15 min")
    }

    /// The row under the cursor, if it can be compared: a queue (also that of a consumer), connection, channel or node.
    var comparable: RowID? {
        guard let selectedID else { return nil }
        switch selectedID {
        case .queue, .connection, .channel, .node: return selectedID
        case .consumer(let id): return .queue(id.queue)
        case .overview, .exchange, .event, .client, .lab, .named: return nil
        }
    }

    /// Marks the selected row to be compared with others of its kind; once more ends that.
    mutating func compare() {
        guard let id = comparable else { return }
        if let compared, compared.kind == id.kind {
            self.compared = nil
            return tell("\(compared.words) is no longer compared")
        }
        compared = id
        tell("Charts of another \(id.kind)'s details show \(id.words) too; = ends that")
    }

    /// The row whose figures are laid over those of `id` in charts; `nil` when none of this kind is marked.
    public func overlaid(on id: RowID) -> RowID? {
        let own: RowID = if case .consumer(let consumer) = id { .queue(consumer.queue) } else { id }
        guard let compared, compared != own, compared.kind == own.kind else { return nil }
        return compared
    }

    // MARK: Figures

    /// Returns the object whose figures the charts of a row show; `nil` when such a row has no charts.
    public func chartSubject(of id: RowID) -> History.Subject? {
        switch id {
        case .queue(let queue): .queue(queue)
        case .consumer(let consumer): .queue(consumer.queue)
        case .connection(let name): .connection(name)
        case .channel(let channel): .channel(channel)
        case .node(let name): .node(name)
        case .lab(let lab): self.lab.row(id)?.run.map { .lab(lab, startedAt: $0.startedAt) }
        case .overview, .exchange, .event, .client, .named: nil
        }
    }

    /// Returns the figures that the charts of a row show, in their order.
    public static func chartMetrics(of id: RowID) -> [History.Metric] {
        switch id {
        case .queue: [.ready, .unacked, .publishRate, .deliverRate, .ackRate, .redeliverRate, .consumers]
        case .consumer: [.ready, .unacked]
        case .connection: [.receiveRate, .sendRate]
        case .channel: [.unacked, .publishRate, .deliverRate, .ackRate]
        case .node: [.memory, .diskFree]
        case .lab: [.ready, .publishRate, .deliverRate]
        case .overview, .exchange, .event, .client, .named: []
        }
    }

    /// The figures that charts on the screen show.
    private var chartedFigures: [History.Figure] {
        var figures: [History.Figure] = [.publishRate, .deliverRate, .ackRate].map { .init(.cluster, $0) }
        if view == .overview { figures += [.ready, .unacked].map { .init(.cluster, $0) } }
        guard isDetailOpen, let selectedID else { return figures }
        for id in [selectedID, overlaid(on: selectedID)].compactMap({ $0 }) {
            guard let subject = chartSubject(of: id) else { continue }
            figures += Self.chartMetrics(of: selectedID).map { .init(subject, $0) }
        }
        return figures
    }

    // MARK: The store

    /// Seconds after which a request without an answer no longer keeps others waiting.
    private static let answerPeriod = 5.0

    /// Returns what the store of the history has to be asked for now: at most one request is under way. Without a store
    /// nothing is asked.
    mutating func missingCurves() -> [CurveRequest] {
        guard let stored = recording.span else { return [] }
        if let since = curvesAskedAt {
            let elapsed = clock.timeIntervalSince(since)
            guard elapsed < 0 || elapsed >= Self.answerPeriod else { return [] }
        }
        // Two points a column of the widest chart.
        let points = min(max(2 * size.width, 40), 800)
        let requests = chartedFigures.compactMap { figure -> CurveRequest? in
            let window = chartWindow
            return history.request(for: figure, in: window, points: points, stored: stored, now: clock)
        }
        guard !requests.isEmpty else { return [] }
        history.note(requests, at: clock)
        curvesAskedAt = clock
        return requests
    }

    mutating func take(_ curves: [Curve]) {
        curvesAskedAt = nil
        history.take(curves, charted: Set(chartedFigures))
    }

    /// Ends the time for which figures are known when their source is gone.
    mutating func interruptHistory() {
        // Long lists are asked for less often: figures are known until three looks have failed.
        let looks = sources.filter { $0.state == .live && DepthSource($0.name) != nil }.map(\.interval)
        history.patience = min(max(15, 3 * interval, 3 * (looks.max() ?? 0)), 600)
        let isManagementLost = sources.contains { $0.name == .management && $0.state.isLost }
        guard isManagementLost else { return }
        let hasDepths = sources.contains { DepthSource($0.name) != nil && $0.state == .live }
        history.interrupt { figure in
            switch figure.subject {
            case .lab: return false
            case .cluster, .connection, .channel, .node: return true
            case .queue:
                switch figure.metric {
                case .ready, .unacked, .consumers: return !hasDepths
                case .publishRate, .deliverRate, .ackRate, .redeliverRate, .receiveRate, .sendRate, .memory, .diskFree:
                    return true
                }
            }
        }
    }
}

extension SourceStatus.State {
    /// Whether the source reported before and does not now.
    public var isLost: Bool {
        switch self {
        case .stale, .unreachable, .denied, .notEnabled: true
        case .connecting, .live, .off: false
        }
    }
}

extension RowID {
    /// The kind of the object, in a word.
    fileprivate var kind: String {
        switch self {
        case .overview: "cluster"
        case .queue: "queue"
        case .connection: "connection"
        case .channel: "channel"
        case .consumer: "consumer"
        case .exchange: "exchange"
        case .node: "node"
        case .event: "event"
        case .client: "client"
        case .lab: "experiment"
        case .named(let id): id.view.thing
        }
    }

    /// The object in words: `queue orders`.
    fileprivate var words: String { "\(kind) \(comparedName.map(\.text) ?? "")" }

    /// The name in the legend of charts; `nil` for a row that cannot be compared.
    public var comparedName: Name? {
        switch self {
        case .queue(let id): id.name
        case .connection(let name), .node(let name): name
        case .channel(let id): id.name
        case .overview, .consumer, .exchange, .event, .client, .lab, .named: nil
        }
    }
}
