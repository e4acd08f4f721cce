/// A fault cannot be had as it was asked for.
public struct FaultError: Error, Hashable, CustomStringConvertible {
    /// What is wrong.
    public var problem: String
    /// What to do.
    public var advice: String

    public init(_ problem: String, advice: String) {
        self.problem = problem
        self.advice = advice
    }

    init(_ field: FaultSelector.Field, _ value: String, _ expected: String) {
        self.init("'\(field.rawValue)' of the selector cannot be '\(value)'.", advice: "It is \(expected).")
    }

    public var description: String { "\(problem) \(advice)" }
}
