extension Diagnosis {
    /// Creates a diagnosis with the findings of an earlier time, as they were recorded. It is not meant to examine more
    /// facts.
    public init(recorded findings: [Finding]) {
        self.init()
        self.findings = findings
    }
}
