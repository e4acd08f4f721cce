/// Why a fault is not possible as requested.
public struct FaultError: Error, Hashable, CustomStringConvertible {
    /// What is wrong.
    public var problem: String
    /// What to do.
    public var advice: String
    /// The category of the error.
    public var kind: Kind
    /// The number of the fault record that also contains the error; `nil` when nothing was tried.
    public var record: UInt64?

    /// The categories that scripts distinguish by a command's exit status.
    public enum Kind: Sendable, Hashable {
        case failed
        /// The broker or a proxy does not respond.
        case unreachable
        /// The user is not permitted to do it, or changes are not allowed here.
        case notPermitted
        /// The maximum number of faults is in force.
        case tooMany
    }

    /// Creates an error with what is wrong and what to do.
    public init(_ problem: String, advice: String, kind: Kind = .failed) {
        self.problem = problem
        self.advice = advice
        self.kind = kind
    }

    init(_ field: FaultSelector.Field, _ value: String, _ expected: String) {
        self.init("'\(field.rawValue)' of the selector cannot be '\(value)'.", advice: "It is \(expected).")
    }

    public var description: String { "\(problem) \(advice)" }
}
