import Synchronization

/// A number that tasks count up.
final class Count: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    /// - Returns: the new number.
    @discardableResult
    func add() -> Int { count.add(1, ordering: .relaxed).newValue }
}
