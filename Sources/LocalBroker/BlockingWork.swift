import Dispatch
import Foundation

/// Runs blocking work on a thread of its own, because the threads of the cooperative pool must never block.
enum BlockingWork {
    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            detach { continuation.resume(returning: body()) }
        }
    }

    static func detach(_ body: @escaping @Sendable () -> Void) {
        // It ends with its work; who started it waits for the result or for the process.
        let thread = Thread(block: body)
        thread.name = "rabbittop-broker"
        thread.stackSize = 512 << 10
        thread.start()
    }
}

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
