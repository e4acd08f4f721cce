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
