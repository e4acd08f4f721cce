import Synchronization

/// Counts down how many messages may still be taken; without a limit any number may.
final class MessageCounter: Sendable {
    private let left: Mutex<Int?>

    init(_ limit: Int?) { left = Mutex(limit) }

    /// Takes one.
    ///
    /// - Returns: false if there is none left.
    func take() -> Bool {
        left.withLock { left in
            guard let count = left else { return true }
            if count <= 0 { return false }
            left = count - 1
            return true
        }
    }
}
