/// Injects the faults of one injection point.
public protocol FaultInjector: Sendable {
    /// Injects a fault.
    ///
    /// - Throws: `FaultError` when the fault was not injected; nothing of it remains.
    func inject(_ order: FaultOrder) async throws(FaultError) -> FaultInjection
}

/// A fault that was injected.
public struct FaultInjection: Sendable {
    /// The result, in words: `closed channel 1 of orders-service`.
    public var note: String
    /// Undoes the fault and returns the result in words; `nil` when the fault took effect once.
    ///
    /// It may be called again after it threw, and from several tasks one after another.
    public var undo: (@Sendable () async throws(FaultError) -> String)?
    /// Returns how often the fault has taken effect; `nil` when that is not counted.
    public var hits: (@Sendable () -> UInt64)?
    /// Returns when the fault can no longer take effect and there is nothing left to undo: for faults that apply a
    /// given number of times. Returns immediately when its task is cancelled.
    public var spent: (@Sendable () async -> Void)?

    /// Creates the result of an injection.
    public init(
        note: String, undo: (@Sendable () async throws(FaultError) -> String)? = nil,
        hits: (@Sendable () -> UInt64)? = nil, spent: (@Sendable () async -> Void)? = nil
    ) {
        self.note = note
        self.undo = undo
        self.hits = hits
        self.spent = spent
    }
}

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
