public import Foundation
public import Names

/// A problem found by a rule: what, where, since when, and what to do.
public struct Finding: Sendable, Hashable, Identifiable {
    /// How serious a finding is.
    public enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
        case ok, warning, critical

        private var rank: Int {
            switch self {
            case .ok: 0
            case .warning: 1
            case .critical: 2
            }
        }

        public static func < (one: Severity, other: Severity) -> Bool { one.rank < other.rank }
    }

    /// The rule that found the problem.
    public var rule: DiagnosisRule
    /// How serious the problem is.
    public var severity: Severity
    /// What is wrong, in a sentence with its figures.
    @ByBytes public var what: String
    /// The connection, channel, queue, node or source.
    @ByBytes public var `where`: String
    /// Since when the problem has existed; `nil` when it existed before the first poll.
    public var since: Date?
    /// What to do, in a sentence.
    public var advice: String
    /// The objects that the finding is about, the one it is found on first: at most `mostSubjects`.
    public var subjects: [FindingSubject]

    /// The most objects that one finding names.
    public static let mostSubjects = 64

    /// The identity of a finding: the same rule at the same location, independent of its figures.
    public struct ID: Sendable, Hashable {
        /// The rule of the finding.
        public var rule: DiagnosisRule
        /// The location of the finding.
        @ByBytes public var `where`: String
    }

    public var id: ID { ID(rule: rule, where: `where`) }

    /// Creates a finding.
    public init(
        _ rule: DiagnosisRule, _ severity: Severity, what: String, where place: String, since: Date?, advice: String,
        subjects: [FindingSubject] = []
    ) {
        self.rule = rule
        self.severity = severity
        self.what = what
        self.where = place
        self.since = since
        self.advice = advice
        self.subjects = Array(subjects.prefix(Self.mostSubjects))
    }
}
