/// The three truth values: a comparison with a value that is not known is unknown.
public enum Truth: Sendable, Hashable {
    case yes, no, unknown

    /// The truth of a condition that is known.
    public init(_ holds: Bool) { self = holds ? .yes : .no }

    /// Returns whether both hold. One that does not hold decides, whatever the other is.
    public func and(_ other: Truth) -> Truth {
        switch (self, other) {
        case (.no, _), (_, .no): .no
        case (.yes, .yes): .yes
        case (.unknown, _), (_, .unknown): .unknown
        }
    }

    /// Returns whether one of both holds. One that holds decides, whatever the other is.
    public func or(_ other: Truth) -> Truth { self.not.and(other.not).not }

    /// The opposite; what is unknown stays unknown.
    public var not: Truth {
        switch self {
        case .yes: .no
        case .no: .yes
        case .unknown: .unknown
        }
    }
}
