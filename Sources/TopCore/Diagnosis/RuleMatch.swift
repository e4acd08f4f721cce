public import Faults

/// A row for which a rule of the user holds.
public struct RuleMatch: Sendable, Equatable {
    /// The row.
    public var id: RowID
    /// What findings about the row name.
    public var subject: FindingSubject
    /// What the row is, in words.
    public var place: String
    /// The values that the condition asks for.
    public var figures: String
}
