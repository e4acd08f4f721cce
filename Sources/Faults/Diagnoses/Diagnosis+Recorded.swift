import Foundation

extension Diagnosis {
    /// Creates a diagnosis with the findings of an earlier time, as they were recorded.
    public init(recorded findings: [Finding]) {
        self.init()
        for finding in findings {
            let since = finding.since ?? .distantPast
            suspicions[finding.id] = Suspicion(
                finding: finding, subject: .broker, since: since, seenAt: since, isSaid: true)
        }
    }
}
