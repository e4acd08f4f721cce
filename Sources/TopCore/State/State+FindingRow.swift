public import Faults
import Names

extension State {
    /// The row that a finding is about: that of its first subject that has one. `nil` when none has.
    public func rowID(of finding: Finding) -> RowID? {
        for subject in finding.subjects {
            if let row = subject.rowID { return row }
            // An application is reached by one of its connections.
            if case .application(let name) = subject,
                let row = connections.rows.first(where: { $0.clientName == name })
            {
                return row.rowID
            }
        }
        return nil
    }
}
