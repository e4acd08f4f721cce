import Faults
public import Foundation
import TopCore

extension RecordingReader {
    /// The most events of a report; more make a page that nobody reads.
    private static let reportedEntries = 2_000
    /// The most curves of one chart.
    private static let curvesPerChart = 6
    /// How much later than the beginning the first known state may be, in milliseconds.
    private static let longestBeginning: Int64 = 120_000
    /// The points of a curve, about the width of the chart in pixels.
    private static let curvePoints = 400

    /// Returns what happened in a time.
    public func incident(from: Date, to: Date) throws(RecordingError) -> IncidentReport {
        var report = IncidentReport(from: from, to: to)
        let info = info
        report.cluster = info.cluster
        report.before = try moment(at: beginning(of: from, to))
        report.after = try moment(at: to)
        report.versions = try versions(from: from, to: to)
        let versions = report.versions.isEmpty ? info.brokerVersion : report.versions.joined(separator: ", then ")
        report.about = [
            ("cluster", info.cluster), ("RabbitMQ", versions),
            ("recorded by", "rabbittop \(info.program)"), ("watched at", info.host),
        ].compactMap { name, value in value.map { (name: name, value: $0) } }
        report.findings = try findings(from: from, to: to)
        (report.entries, report.counts) = try firstEntries(from: from, to: to, limit: Self.reportedEntries)
        report.faults = try faults(from: from, to: to)
        report.charts = try charts(from: from, to: to)
        return report
    }

    /// Returns the time by which every list was polled, when nothing was known of them at the beginning: a recording
    /// begins with what is polled first.
    private func beginning(of from: Date, _ to: Date) throws(RecordingError) -> Date {
        guard let first = from.milliseconds, let last = to.milliseconds, last > first else { return from }
        if let moment = try moment(at: from), moment.cluster != nil, moment.configuration != nil { return from }
        let (length, isTooLong) = last.subtractingReportingOverflow(first)
        let limit = first + min(Self.longestBeginning, isTooLong ? Self.longestBeginning : length / 5)
        return try read { database in
            try Int64.fetchOne(
                database,
                sql: """
                    SELECT max(first) FROM (
                        SELECT min(b.begins + p.at) AS first FROM poll p JOIN block b ON b.id = p.block
                        WHERE b.begins + p.at BETWEEN ? AND ? GROUP BY p.list)
                    """, arguments: [first, limit])
        }.map(Date.init(milliseconds:)) ?? from
    }

    /// The cluster's figures, and those of the queues and nodes that changed most.
    private func charts(from: Date, to: Date) throws(RecordingError) -> [IncidentReport.Chart] {
        func requests(_ subject: History.Subject, _ metrics: [History.Metric]) -> [CurveRequest] {
            metrics.map { CurveRequest(subject, $0, from: from, to: to, points: Self.curvePoints) }
        }
        var charts: [IncidentReport.Chart] = []
        func add(_ title: String, _ unit: String, _ wanted: [(name: String, request: CurveRequest)])
            throws(RecordingError)
        {
            let curves = try curves(wanted.map(\.request))
            let named = zip(wanted, curves).map { (name: $0.name, curve: $1) }.filter { !$0.curve.points.isEmpty }
            if !named.isEmpty { charts.append(.init(title: title, unit: unit, curves: named)) }
        }
        try add(
            "Messages in the cluster", "messages",
            zip(["ready", "unacked"], requests(.cluster, [.ready, .unacked])).map { ($0, $1) })
        try add(
            "Rates of the cluster", "per s",
            zip(
                ["published", "delivered", "acknowledged"], requests(.cluster, [.publishRate, .deliverRate, .ackRate])
            )
            .map { ($0, $1) })
        for (metric, title, unit) in Self.reportedMetrics {
            let changes = try changes(of: [metric], from: from, to: to, limit: Self.curvesPerChart)
            try add(
                title, unit,
                changes.map { change in
                    (
                        change.subject.reportName,
                        CurveRequest(change.subject, metric, from: from, to: to, points: Self.curvePoints)
                    )
                })
        }
        return charts
    }

    private static let reportedMetrics: [(History.Metric, title: String, unit: String)] = [
        (.ready, "Ready messages of the queues that changed most", "messages"),
        (.unacked, "Unacknowledged messages of the queues that changed most", "messages"),
        (.consumers, "Consumers of the queues that changed most", "consumers"),
        (.publishRate, "Publish rates that changed most", "per s"),
        (.deliverRate, "Delivery rates that changed most", "per s"),
        (.memory, "Memory of the nodes", "bytes"),
    ]
}

extension History.Subject {
    /// The name in a legend.
    fileprivate var reportName: String {
        switch self {
        case .cluster: "cluster"
        case .queue(let id): "\(id.name) in \(id.vhost)"
        case .connection(let name), .node(let name): name.text
        case .channel(let id): "\(id.connection) (\(id.number))"
        case .lab(let id, _): "\(id)"
        }
    }
}
