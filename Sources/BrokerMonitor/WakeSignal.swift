import Synchronization

/// Wakes one waiting task. A signal that is sent while no task waits is kept for the next waiter.
package final class WakeSignal: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let clock: MonitorClock
    private let state = Mutex(State())

    /// Creates a signal that was not sent yet.
    package init(clock: MonitorClock) { self.clock = clock }

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

    /// Waits until the signal is sent, the time has passed, or the task is cancelled.
    package func wait(atMost seconds: Double = .infinity) async {
        guard seconds > 0, !Task.isCancelled else {
            state.withLock { $0.isRung = false }
            return
        }
        await withTaskGroup(of: Void.self) { group in
            if seconds < .infinity {
                group.addTask {
                    do {
                        try await self.clock.sleep(seconds)
                        self.ring()
                    } catch {
                        // Cancelled: the waiter was woken by another cause.
                    }
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
