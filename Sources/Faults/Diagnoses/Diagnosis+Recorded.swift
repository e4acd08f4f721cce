extension Diagnosis {
    /// Creates a diagnosis with the findings of an earlier time, as they were recorded.
    public init(recorded findings: [Finding]) {
        self.init()
        list(findings)
    }
}
