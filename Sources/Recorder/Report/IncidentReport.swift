public import Faults
public import Foundation
import HTMLPages
public import TopCore

/// What happened in a time: what was true, findings, events with their causes, faults, and the figures that changed
/// most. It becomes one self-contained page.
public struct IncidentReport: Sendable {
    /// Figures in one chart, because they have the same unit and belong together.
    public struct Chart: Sendable {
        /// The title of the chart.
        public var title: String
        /// The unit of the figures.
        public var unit: String
        /// The figures over time, with the name of each.
        public var curves: [(name: String, curve: Curve)]

        /// Creates a chart.
        public init(title: String, unit: String, curves: [(name: String, curve: Curve)]) {
            self.title = title
            self.unit = unit
            self.curves = curves
        }
    }

    /// What is said about the recording: names with values.
    public var about: [(name: String, value: String)] = []
    /// The name of the cluster.
    public var cluster: String?
    /// The beginning of the time.
    public var from: Date
    /// The end of the time.
    public var to: Date
    /// What was known at the beginning, or as soon as something was; `nil` when nothing was.
    public var before: Moment?
    /// What was known at the end; `nil` when nothing was.
    public var after: Moment?
    /// The findings of the time, in the order of their beginning.
    public var findings: [FindingPeriod] = []
    /// The events of the time, the oldest first; of very many the first ones, and none of what was merely opened or
    /// closed.
    public var entries: [LedgerEntry] = []
    /// How many events there were.
    public var counts = EventCounts()
    /// The versions of RabbitMQ that were reported in the time, in this order.
    public var versions: [String] = []
    /// The faults that were injected or in force.
    public var faults: [FaultRecord] = []
    /// The figures that changed most.
    public var charts: [Chart] = []

    /// Creates a report of a time about which nothing is known.
    public init(from: Date, to: Date) {
        self.from = from
        self.to = to
    }
}

extension IncidentReport {
    /// The title of the page.
    public var title: String {
        "What happened\(cluster.map { " on \($0)" } ?? ""), \(Self.time(from)) to \(Self.time(to)) UTC"
    }

    /// Returns the page. It loads nothing from elsewhere.
    ///
    /// - Parameter date: When the page is made.
    public func html(at date: Date) -> String {
        let parts = [
            HTMLPage.pairs(about), summary, stateTable, changesTable, findingsTable, chartFigures, faultsTable,
            eventsTable,
        ]
        return HTMLPage(
            title: title, body: parts.filter { !$0.isEmpty }.joined(separator: "\n"),
            footer: "Made by rabbittop, \(date.formatted(.iso8601))"
        ).text
    }

    private var summary: String {
        let critical = findings.count { $0.finding.severity == .critical }
        let duration = ValueFormat().duration(max(0, to.timeIntervalSince(from)).rounded())
        return "<p>In \(HTMLText.escaped(duration)): \(Self.count(findings.count, "finding")), \(critical) of them "
            + "critical; \(Self.count(counts.all, "event")), \(Self.count(counts.errors, "error")) among "
            + "them; \(Self.count(faults.count, "injected fault")).</p>"
    }

    static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// The figures of the whole cluster at the beginning and at the end.
    private var stateTable: String {
        func cell(_ column: Column<OverviewRow>, _ moment: Moment?) -> String {
            guard let moment, let overview = moment.cluster?.overview else { return "unknown" }
            let value = column.value(overview, moment.at)
            return value == .none ? "unknown" : ValueFormat().text(value, column.kind, now: moment.at)
        }
        let rows = OverviewRow.columns.map { column in
            [column.help, cell(column, before), cell(column, after)].map(HTMLText.escaped)
        }
        return "<h2>What was true</h2>"
            + HTMLPage.table(["", Self.time(before?.at ?? from), Self.time(to)].map(HTMLText.escaped), rows)
    }

    private var findingsTable: String {
        guard !findings.isEmpty else { return "<h2>Findings</h2><p>None.</p>" }
        let rows = findings.map { period in
            [
                "<b class=\"\(period.finding.severity == .critical ? "fail" : "expected")\">"
                    + "\(period.finding.severity.rawValue)</b>",
                HTMLText.escaped(period.finding.what), HTMLText.escaped(period.finding.where),
                cell(period.from),
                period.to.map { cell($0) } ?? "still true",
                HTMLText.escaped(period.finding.advice),
            ]
        }
        return "<h2>Findings</h2>" + HTMLPage.table(["", "what", "where", "from", "to", "what to do"], rows)
    }

    private var chartFigures: String {
        guard !charts.isEmpty else { return "" }
        let marks = entries.compactMap { mark($0) } + faults.compactMap { mark($0) }
        let length = max(1, to.timeIntervalSince(from))
        let figures = charts.map { chart in
            let scale = chart.scale
            return ReportChart(
                title: chart.title, unit: scale.unit,
                curves: chart.curves.map {
                    ReportChart.Curve(
                        name: $0.name,
                        parts: $0.curve.parts(from: from, to: to).map { part in
                            part.map { (at: $0.at, value: $0.value / scale.divisor) }
                        })
                },
                marks: marks, axis: .clock(from: from, seconds: length)
            ).svg()
        }
        return "<h2>What changed most</h2>" + figures.joined(separator: "\n")
    }

    private func mark(_ entry: LedgerEntry) -> ReportChart.Mark? {
        let text = "\(Self.time(entry.at)) \(entry.application ?? "") \(entry.text)"
        let at = entry.at.timeIntervalSince(from)
        return switch entry.kind {
        case .error, .alarm, .authentication: ReportChart.Mark(.error, at: at, text: text)
        case .recovered: ReportChart.Mark(.recovery, at: at, text: text)
        case .closed, .opened, .returned, .cancelled, .blocked, .unblocked, .action, .source, .fault, .finding: nil
        }
    }

    private func mark(_ fault: FaultRecord) -> ReportChart.Mark? {
        let start = Date(timeIntervalSince1970: fault.since).timeIntervalSince(from)
        let end = fault.ended.map { Date(timeIntervalSince1970: $0).timeIntervalSince(from) }
        return ReportChart.Mark(
            .fault(until: end ?? (fault.isInForce ? to.timeIntervalSince(from) : nil)), at: start, text: fault.label)
    }

    private var faultsTable: String {
        guard !faults.isEmpty else { return "" }
        let rows = faults.map { fault in
            [
                fault.label, Self.time(Date(timeIntervalSince1970: fault.since)),
                fault.ended.map { Self.time(Date(timeIntervalSince1970: $0)) } ?? "-", fault.state.rawValue,
                String(fault.hits), fault.note ?? "",
            ].map(HTMLText.escaped)
        }
        return "<h2>Injected faults</h2>"
            + HTMLPage.table(["fault", "from", "to", "state", "took effect", "note"], rows)
    }

    private var eventsTable: String {
        guard !entries.isEmpty else {
            return "<h2>Events</h2><p>\(counts.all == 0 ? "None." : HTMLText.escaped(omission))</p>"
        }
        let rows = entries.map { entry in
            [cell(entry.at)]
                + [
                    entry.kind.rawValue, entry.application ?? entry.connection ?? "",
                    entry.channel.map(String.init) ?? "", entry.queue ?? "",
                    [entry.code.map(String.init), entry.codeName].compactMap(\.self).joined(separator: " "),
                    entry.text + (entry.count > 1 ? " (\(entry.count) times)" : ""), entry.fault ?? "",
                ].map(HTMLText.escaped)
        }
        let rest = omission.isEmpty ? "" : "<p>\(HTMLText.escaped(omission))</p>"
        return "<h2>Events</h2>"
            + HTMLPage.tableOfFilledColumns(
                ["time", "kind", "who", "channel", "queue", "code", "text", "caused by"], rows) + rest
    }

    /// Says which events are left out.
    private var omission: String {
        let missing = counts.all - entries.count
        guard missing > 0 else { return "" }
        return "\(Self.count(missing, "more event")) \(missing == 1 ? "is" : "are") left out: what was only opened or "
            + "closed, then the last ones. A shorter time shows them."
    }

    /// Returns a time for a table: without its day where all is of one day.
    private func cell(_ date: Date) -> String {
        let text = Self.time(date)
        let isOfOneDay = [from, to].allSatisfy { Self.time($0).prefix(10) == text.prefix(10) }
        return HTMLPage.time(isOfOneDay ? String(text.dropFirst(11)) : text)
    }

    static func time(_ date: Date) -> String {
        String(LedgerEntry.time(date).prefix(19)).replacing("T", with: " ")
    }
}

extension Curve {
    /// The points as runs without a gap, in seconds from a time on. A value holds until the next one.
    func parts(from start: Date, to end: Date) -> [[(at: Double, value: Double)]] {
        var parts: [[(at: Double, value: Double)]] = []
        for point in points {
            let at = point.at.timeIntervalSince(start)
            if point.followsGap || parts.isEmpty { parts.append([]) }
            if point.low < point.value, point.low != point.high { parts[parts.count - 1].append((at, point.low)) }
            if point.high > point.value, point.low != point.high { parts[parts.count - 1].append((at, point.high)) }
            parts[parts.count - 1].append((at, point.value))
        }
        if let last = points.last, let knownUntil, knownUntil > last.at, !parts.isEmpty {
            parts[parts.count - 1].append((min(knownUntil, end).timeIntervalSince(start), last.value))
        }
        return parts
    }
}

extension IncidentReport.Chart {
    /// The unit to draw in, and by what the figures are divided for it: no axis has room for bytes in ten digits.
    fileprivate var scale: (unit: String, divisor: Double) {
        let most = curves.flatMap(\.curve.points).map(\.high).max() ?? 0
        let units: [(unit: String, divisor: Double)] = [("GiB", 1_073_741_824), ("MiB", 1_048_576), ("KiB", 1_024)]
        guard unit == "bytes", let fitting = units.first(where: { most >= 2 * $0.divisor }) else { return (unit, 1) }
        return fitting
    }
}

extension IncidentReport {
    /// The events as JSON, one object a line, with the keys of the Events view.
    public var eventLines: String {
        let frame = Export.Document(at: to, clusterName: cluster, view: .events)
        return Export.text(entries, format: .jsonl, frame: frame)
    }
}
