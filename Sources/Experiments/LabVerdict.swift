/// Whether the expectations of a run hold.
public enum LabVerdict: String, Sendable, Hashable, Codable {
    case pass, fail

    /// Returns the verdict as text for people: for a wrong variant that loses messages, "pass" would read as if all
    /// were well.
    public func words(isCure: Bool) -> String {
        switch self {
        case .pass: isCure ? "pass" : "failed as expected"
        case .fail: isCure ? "fail" : "not as expected"
        }
    }
}

/// An expectation, and what was found.
public struct LabExpectation: Sendable, Hashable {
    /// The expectation as a statement: `nothing is lost`.
    public var what: String
    /// Whether it holds.
    public var holds: Bool
    /// What the ledger shows: `3001 of 3001 consumed`.
    public var found: String

    /// Creates an expectation.
    public init(what: String, holds: Bool, found: String) {
        self.what = what
        self.holds = holds
        self.found = found
    }

    /// Creates an expectation without argument labels.
    public init(_ what: String, _ holds: Bool, _ found: String) {
        self.init(what: what, holds: holds, found: found)
    }
}
