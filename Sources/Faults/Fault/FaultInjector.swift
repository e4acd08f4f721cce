/// Does the faults of one room.
public protocol FaultInjector: Sendable {
    /// Does it.
    ///
    /// - Throws: `FaultError`: it was not done, and nothing is left of it.
    func inject(_ order: FaultOrder) async throws(FaultError) -> FaultInjection
}

/// A fault that was done.
public struct FaultInjection: Sendable {
    /// What came of it, in words: `closed channel 1 of orders-service`.
    public var note: String
    /// Takes it back, and says what came of that; nil when it happened once.
    ///
    /// It may be called again after it threw, and from several tasks after each other.
    public var undo: (@Sendable () async throws(FaultError) -> String)?
    /// How often it struck so far; nil when that is not counted.
    public var hits: (@Sendable () -> UInt64)?
    /// Returns when it can strike no more, so that nothing is left to undo: what strikes a given number of times. Returns at
    /// once when its task is cancelled.
    public var spent: (@Sendable () async -> Void)?

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
