import Dispatch

/// A pause that cancellation does not shorten: a wait that a clean end needs must not be skipped, and a loop around
/// `Task.sleep` would spin once the task is cancelled.
enum Pause {
    static func uncancellable(_ time: Duration) async {
        let (seconds, attoseconds) = time.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { continuation.resume() }
        }
    }
}
