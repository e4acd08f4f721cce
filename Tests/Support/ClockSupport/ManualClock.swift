import Synchronization

/// A clock that stands still until it is moved.
package final class ManualClock: Sendable {
    private struct Sleeper {
        var until: Double
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = 1_000.0
        var next = 0
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
        var watchers: [(until: Double, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// The seconds since the clock began, of which some have passed already.
    package var now: Double { state.withLock { $0.now } }
    /// The seconds from now at which somebody wants to be woken.
    package var alarms: [Double] {
        state.withLock { state in state.sleepers.values.map { $0.until - state.now }.sorted() }
    }

    /// Waits until somebody sleeps for exactly that long from now, and moves the clock there.
    package func pass(_ seconds: Double) async {
        let until = now + seconds
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.values.contains(where: { $0.until == until }) { return true }
                state.watchers.append((until, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
        move(to: until)
    }

    /// Moves the clock, whoever sleeps.
    package func move(by seconds: Double) { move(to: now + seconds) }

    private func move(to time: Double) {
        let woken = state.withLock { state in
            state.now = time
            let due = state.sleepers.filter { $0.value.until <= time }
            for key in due.keys { state.sleepers[key] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Returns when the clock was moved that far; throws when its task is cancelled before.
    package func sleep(_ seconds: Double) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let (isCancelled, watchers) = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return (true, [CheckedContinuation<Void, Never>]()) }
                    let until = state.now + seconds
                    state.sleepers[id] = Sleeper(until: until, continuation: continuation)
                    let watchers = state.watchers.filter { $0.until == until }.map(\.continuation)
                    state.watchers.removeAll { $0.until == until }
                    return (false, watchers)
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                for watcher in watchers { watcher.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
