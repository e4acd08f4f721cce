import Synchronization

/// A counter that several tasks may increment.
final class Count: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    /// Increments the counter.
    ///
    /// - Returns: the new number.
    @discardableResult
    func add() -> Int { count.add(1, ordering: .relaxed).newValue }
}
