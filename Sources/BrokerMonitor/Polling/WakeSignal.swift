import Synchronization

/// Wakes one waiting task. A signal that is sent while no task waits is kept for the next waiter.
package final class WakeSignal: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Creates a signal that was not sent yet.
    package init() {}

    /// Sends the signal.
    package func ring() {
        let waiter = state.withLock { state in
            let waiter = state.waiter
            state.waiter = nil
            state.isRung = waiter == nil
            return waiter
        }
        waiter?.resume()
    }

    /// Waits until the signal is sent, the duration has passed, or the task is cancelled.
    package func wait(atMost duration: Duration) async {
        guard duration > .zero, !Task.isCancelled else {
            state.withLock { $0.isRung = false }
            return
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await Task.sleep(for: duration)
                    self.ring()
                } catch {
                    // Cancelled: the waiter was woken by another cause.
                }
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isRung = state.withLock { state in
                        if state.isRung || Task.isCancelled {
                            state.isRung = false
                            return true
                        }
                        state.waiter = continuation
                        return false
                    }
                    if isRung { continuation.resume() }
                }
            } onCancel: {
                ring()
            }
            group.cancelAll()
        }
    }
}

/// The time in seconds of a monotonic clock.
enum Uptime {
    private static let origin = ContinuousClock.now

    static var now: Double {
        let elapsed = ContinuousClock.now - origin
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }
}
