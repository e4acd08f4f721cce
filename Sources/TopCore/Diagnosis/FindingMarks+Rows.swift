public import Faults

extension FindingMarks {
    /// Returns the findings about a row, the most severe first.
    public func findings(about row: some TableRow) -> [Finding] {
        findings(about: row.findingSubjects)
    }

    /// Returns the severity of the worst finding about a row; `nil` when there is none.
    public func severity(of row: some TableRow) -> Finding.Severity? {
        isEmpty ? nil : findings(about: row).first?.severity
    }
}

extension State {
    /// The findings that the screen shows, and the rows that they are about.
    public var marks: FindingMarks { diagnosis.marks }
}
