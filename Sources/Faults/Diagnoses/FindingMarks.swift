/// The current findings, by the objects that they are about.
public struct FindingMarks: Sendable {
    /// The findings, the most severe first.
    public let findings: [Finding]
    /// How many of the findings only say that a rule found more than are listed.
    public let summaries: Int
    /// The findings' indices by what they are about.
    private var places: [FindingSubject: [Int]] = [:]

    /// Creates the marks of findings.
    ///
    /// - Parameters:
    ///   - findings: The findings, the most severe first.
    ///   - summaries: How many of them only say that a rule found more than are listed.
    public init(_ findings: [Finding] = [], summaries: Int = 0) {
        self.findings = findings
        self.summaries = summaries
        for (index, finding) in findings.enumerated() {
            for subject in Set(finding.subjects) { places[subject, default: []].append(index) }
        }
    }

    /// The number of critical findings.
    public var criticalCount: Int { findings.count { $0.severity == .critical } }

    /// Whether there is no finding about anything.
    public var isEmpty: Bool { places.isEmpty }

    /// Returns the findings about any of some objects, the most severe first.
    public func findings(about subjects: [FindingSubject]) -> [Finding] {
        Set(subjects.flatMap { places[$0] ?? [] }).sorted().map { findings[$0] }
    }
}
