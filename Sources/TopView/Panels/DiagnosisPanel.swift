import Faults
import Foundation
import Screen
import TopCore

/// The current findings of the rules, the most severe first; empty when there are none.
struct DiagnosisPanel {
    private let findings: [Finding]
    private let now: Date
    private let selection: OverviewSelection

    init(state: State) {
        selection = state.overview
        findings = state.marks.findings
        now = state.now
    }

    /// The number of rows wanted: two for each finding, and the heading.
    var rows: Int { findings.isEmpty ? 0 : 1 + min(findings.count, 4) * 2 }

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height >= 2, !findings.isEmpty else { return }
        let count = "\(canvas.format.count(findings.count)) \(findings.count == 1 ? "finding" : "findings")"
        canvas.rule(rect, title: [Span("Diagnosis", .panelTitle)], trailing: [[Span(count, .muted)]])
        let body = rect.inset(left: 1, top: 1, right: 1)
        // With little room each finding has one line; its advice is in the events.
        let height = body.height >= findings.count * 2 ? 2 : 1
        for (index, finding) in findings.prefix(body.height / height).enumerated() {
            let y = body.minY + index * height
            let role = Role(finding.severity)
            var spans = [
                Span("\(canvas.marks.alert) ", role), Span(Text.visible(finding.where) + " ", .strong),
                Span(Text.visible(finding.what), .text),
            ]
            if let since = finding.since {
                spans.append(Span(" for \(canvas.age(max(0, now.timeIntervalSince(since))))", .muted))
            }
            canvas.write(spans, x: body.minX, y: y, width: body.width)
            if height == 2 {
                let advice = Span(Text.visible(finding.advice), .muted)
                canvas.write([advice], x: body.minX + 2, y: y + 1, width: max(0, body.width - 2))
            }
            let line = Rect(x: body.minX, y: y, width: body.width, height: height)
            canvas.selectable(.finding(finding.id), in: line.expanded, selection)
        }
    }
}
