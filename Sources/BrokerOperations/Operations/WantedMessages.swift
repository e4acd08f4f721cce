import Synchronization
import TopCore

/// The messages that a transfer is to find again in their queue, each as often as it was chosen.
final class WantedMessages: Sendable {
    private let wanted: Mutex<[MessageFingerprint: Int]>

    init(_ wanted: [MessageFingerprint: Int]) { self.wanted = Mutex(wanted) }

    /// Whether a message is one of them; each is found once.
    func take(_ message: TakenMessage) -> Bool {
        let fingerprint = MessageFingerprint(SavedMessage(message).message)
        return wanted.withLock { wanted in
            guard let count = wanted[fingerprint], count > 0 else { return false }
            wanted[fingerprint] = count - 1
            return true
        }
    }

    /// How many were not found.
    var missing: Int { wanted.withLock { $0.values.reduce(0, +) } }
}
