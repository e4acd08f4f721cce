import Faults
import Foundation
import Screen
import TopCore

/// What the details of a row say of the findings about it: what, since when, and what to do; and of a queue what becomes
/// of it.
struct FindingFields {
    /// The most findings that the details show; an application can have many.
    private static let most = 3

    /// The labelled values, the worst finding first; empty when there is none.
    let fields: [(label: String, value: String, role: Role)]

    init(_ row: some TableRow, state: State, canvas: Canvas) {
        let findings = state.marks.findings(about: row)
        var fields: [(label: String, value: String, role: Role)] = []
        for finding in findings.prefix(Self.most) {
            fields.append((finding.rule.rawValue, "\(finding.where) \(finding.what)", Role(finding.severity)))
            if let since = finding.since {
                let age = canvas.age(max(0, state.now.timeIntervalSince(since)))
                fields.append(("since", "\(canvas.format.dateAndTime(since)), \(age) ago", .text))
            }
            fields.append(("what to do", finding.advice, .text))
        }
        if findings.count > Self.most {
            fields.append(("more findings", String(findings.count - Self.most), .warning))
        }
        if let forecast = Self.forecast(row, state) { fields.append(("forecast", forecast, .text)) }
        self.fields = fields
    }

    /// Returns what becomes of a queue if it goes on as in the last minutes; `nil` for other rows, and while unsteady.
    private static func forecast(_ row: some TableRow, _ state: State) -> String? {
        guard case .queue(let id) = row.rowID else { return nil }
        return state.diagnosis.forecast(of: DiagnosisFacts.QueueKey(vhost: id.vhost, name: id.name))?.words
    }
}

extension Role {
    /// The role of what a finding of this severity is about.
    init(_ severity: Finding.Severity) {
        self =
            switch severity {
            case .critical: .critical
            case .warning: .warning
            case .ok: .text
            }
    }
}
