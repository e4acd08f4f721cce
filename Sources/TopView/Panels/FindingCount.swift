import Faults
import Screen
import TopCore

/// The number of findings, for the header; nothing when there are none.
struct FindingCount {
    private let count: Int
    private let critical: Int
    /// Whether a rule found more than are listed: then the number is a lower bound.
    private let isCut: Bool

    init(_ marks: FindingMarks) {
        count = marks.findings.count - marks.summaries
        isCut = marks.summaries > 0
        critical = marks.criticalCount
    }

    /// Returns the count in words: ` ! 3 findings, 1 critical `.
    func spans(_ canvas: Canvas) -> [Span] {
        guard count > 0 else { return [] }
        var text = " \(canvas.marks.alert) \(number(canvas)) \(count == 1 ? "finding" : "findings")"
        if critical > 0, critical < count { text += ", \(canvas.format.count(critical)) critical" }
        return [Span(text + " ", critical > 0 ? .badgeCritical : .badgeWarning)]
    }

    /// Returns the count where there is room for a few characters only: `!3`.
    func shortSpans(_ canvas: Canvas) -> [Span] {
        guard count > 0 else { return [] }
        return [Span("\(canvas.marks.alert)\(number(canvas))", critical > 0 ? .critical : .warning)]
    }

    /// `3`, or `100+` where there are more.
    private func number(_ canvas: Canvas) -> String { canvas.format.count(count) + (isCut ? "+" : "") }
}
