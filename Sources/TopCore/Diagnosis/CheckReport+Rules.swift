public import Foundation

extension CheckReport {
    /// A figure for monitoring that draws charts: `'label'=value[unit];[warning];[critical];[min]`.
    public struct Figure: Sendable, Equatable {
        /// The label: letters, digits and `_`.
        public var label: String
        /// The value.
        public var value: Double
        /// Above which value it is a warning; `nil` for a figure without such a limit.
        public var warning: Double?
        /// Above which value it is critical; `nil` for a figure without such a limit.
        public var critical: Double?

        /// Creates a figure.
        public init(_ label: String, _ value: Double, warning: Double? = nil, critical: Double? = nil) {
            self.label = label
            self.value = value
            self.warning = warning
            self.critical = critical
        }

        /// The figure in the format of monitoring plugins. All figures are 0 or more.
        var text: String {
            func number(_ value: Double?) -> String { value.map(JSONText.number) ?? "" }
            return "\(label)=\(number(value));\(number(warning));\(number(critical));0"
        }
    }

    /// Adds what the rules of the user found.
    public mutating func add(_ outcomes: [RuleOutcome]) {
        lines += outcomes.flatMap(Line.lines)
        for outcome in outcomes {
            rules.append(outcome)
            guard outcome.isListed else { continue }
            let limit = outcome.rule.severity
            figures.append(
                Figure(
                    "rule\(rules.count)_\(outcome.rule.view.rawValue)", Double(outcome.count),
                    warning: limit == .warning ? 0 : nil, critical: limit == .critical ? 0 : nil))
        }
    }

    /// Adds the figures of the whole cluster that are known.
    public mutating func add(_ overview: OverviewRow, now: Date) {
        figures += OverviewRow.columns.compactMap { column in
            guard column.kind.isNumeric else { return nil }
            switch column.value(overview, now) {
            case .integer(let integer): return Figure(column.key.rawValue, Double(integer))
            case .number(let number) where number.isFinite: return Figure(column.key.rawValue, number)
            case .none, .text, .number, .flag, .time, .list: return nil
            }
        }
    }

    /// The figures behind the first line: ` | ready=12;;;0 …`; empty without figures.
    var performance: String {
        figures.isEmpty ? "" : " | " + figures.map(\.text).joined(separator: " ")
    }

    /// The rules with what they found, as JSON.
    var rulesJSON: String {
        let objects = rules.map { outcome in
            JSONText.object([
                ("rule", JSONText.string(outcome.rule.text)),
                ("severity", JSONText.string(outcome.rule.severity.rawValue)),
                ("rows", outcome.isListed ? String(outcome.count) : "null"),
                ("unknown", outcome.isListed ? String(outcome.unknownCount) : "null"),
            ])
        }
        return "[" + objects.joined(separator: ",") + "]"
    }
}

extension CheckReport.Line {
    /// Returns a line for each row for which a rule's condition holds, as far as they are described, and for what is
    /// not known.
    static func lines(of outcome: RuleOutcome) -> [Self] {
        let rule = outcome.rule
        let things = rule.view.rawValue
        guard outcome.isListed else {
            return [
                Self(
                    .unknown, what: "not listed, so that it is not known whether \(rule.condition.source)",
                    where: things,
                    advice: "See what prevents it: 'rabbittop snapshot --view \(things)' says why.")
            ]
        }
        let severity: CheckReport.Status =
            switch rule.severity {
            case .warning: .warning
            case .critical: .critical
            }
        var lines = outcome.matches.map { match in
            Self(
                severity, what: match.figures.isEmpty ? "it is so" : match.figures, where: match.place,
                advice: "The rule is: \(rule.text)")
        }
        let more = outcome.count - outcome.matches.count
        if more > 0 {
            lines.append(
                Self(
                    severity, what: "the same for \(more) more", where: things,
                    advice: "List them: rabbittop snapshot --view \(things) --filter '\(rule.condition.source)'"))
        }
        if outcome.unknownCount > 0, let first = outcome.firstUnknown {
            let others = outcome.unknownCount > 1 ? " and \(outcome.unknownCount - 1) more" : ""
            lines.append(
                Self(
                    .unknown, what: "not known whether \(rule.condition.source): \(first.figures)",
                    where: first.place + others,
                    advice:
                        "Exclude what is not known with known(…), or give the user the permissions to see it."))
        }
        return lines
    }
}
