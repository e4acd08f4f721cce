/// A fault cannot be had as it was asked for.
public struct FaultError: Error, Hashable, CustomStringConvertible {
    /// What is wrong.
    public var problem: String
    /// What to do.
    public var advice: String
    public var kind: Kind
    /// The number of the record that tells of it, too; nil where nothing was tried.
    public var record: UInt64?

    /// What scripts tell apart by a command's exit status.
    public enum Kind: Sendable, Hashable {
        case failed
        /// The broker, or a proxy, does not answer.
        case unreachable
        /// The user may not do it, or nothing may be changed here.
        case notPermitted
        /// As many are in force as may be.
        case tooMany
    }

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
