public import Faults

/// The current findings, by the rows that they are about.
public struct FindingMarks: Sendable {
    /// The findings, the most severe first.
    public let findings: [Finding]
    /// The findings' indices by what they are about.
    private var places: [FindingSubject: [Int]] = [:]

    /// Creates the marks of findings.
    ///
    /// - Parameter findings: The findings, the most severe first.
    public init(_ findings: [Finding] = []) {
        self.findings = findings
        for (index, finding) in findings.enumerated() {
            for subject in Set(finding.subjects) { places[subject, default: []].append(index) }
        }
    }

    /// The number of critical findings.
    public var criticalCount: Int { findings.count { $0.severity == .critical } }

    /// Returns the findings about a row, the most severe first.
    public func findings(about row: some TableRow) -> [Finding] {
        indices(row.findingSubjects).map { findings[$0] }
    }

    /// Returns the severity of the worst finding about a row; `nil` when there is none.
    public func severity(of row: some TableRow) -> Finding.Severity? {
        if places.isEmpty { return nil }
        return indices(row.findingSubjects).first.map { findings[$0].severity }
    }

    private func indices(_ subjects: [FindingSubject]) -> [Int] {
        Set(subjects.flatMap { places[$0] ?? [] }).sorted()
    }
}
