public import Foundation
public import Names

extension Diagnosis {
    /// A row for which a rule of the user holds.
    public struct RuleMatch: Sendable, Equatable {
        /// The number of the rule.
        public var rule: Int
        /// How serious the rule is.
        public var severity: Finding.Severity
        /// What the row shows.
        public var subject: FindingSubject
        /// What and where the row is, in words; it tells the rows of a rule apart.
        @ByBytes public var place: String
        /// What is wrong, in a sentence with its figures.
        @ByBytes public var what: String
        /// What to do, or which rule it is, in a sentence.
        public var advice: String

        /// Creates a match.
        public init(
            rule: Int, _ severity: Finding.Severity, _ subject: FindingSubject, place: String, what: String,
            advice: String
        ) {
            self.rule = rule
            self.severity = severity
            self.subject = subject
            self.place = place
            self.what = what
            self.advice = advice
        }
    }

    /// Compares the rows for which rules of the user hold with those of before; returns the findings that started and
    /// ended.
    ///
    /// - Parameters:
    ///   - matches: All rows for which one of the rules is known to hold.
    ///   - isOver: Whether a rule, by its number, is known not to hold any more for a row, by its place in words.
    @discardableResult
    public mutating func examine(
        userRules matches: [RuleMatch], at now: Date, isOver: (Int, Name) -> Bool
    ) -> Changes {
        var changes = Changes()
        let candidates = matches.map { match in
            Candidate(
                key: Key(
                    rule: .userRule, subject: match.subject, aspect: .rule(match.rule, row: Name(match.place))),
                finding: {
                    Finding(
                        .userRule, match.severity, what: match.what, where: match.place, since: nil,
                        advice: match.advice, subjects: [match.subject])
                }, weight: match.severity == .critical ? 1 : 0)
        }
        settle(candidates, [.userRule], now, &changes) { key in
            guard case .rule(let rule, let row) = key.aspect else { return false }
            return isOver(rule, row)
        }
        listFindings()
        return changes
    }
}
