import Synchronization

/// Paces the producers, so that each stop of the broker happens while they publish: messages are published at a rate,
/// and never more of them than the limit before the next stop is complete. During a stop they slow down progressively,
/// so that some are in progress however long the broker takes to stop.
final class StreamPace: Sendable {
    private struct State {
        var taken = 0
        var limit: Int
        var slow: Int
        var next = ContinuousClock.now
    }

    private let state: Mutex<State>
    private let interval: Duration

    private static let look = Duration.milliseconds(5)
    /// During a stop, three fifths of the remaining messages are published in about this time.
    private static let ease = Duration.milliseconds(500)

    /// - Parameters:
    ///   - rate: the messages per second.
    ///   - limit: fewer messages than this are published until `allow` raises it.
    ///   - slow: the number of messages after which publishing slows down, the more the fewer are left.
    init(rate: Double, limit: Int, slow: Int) {
        interval = .seconds(1 / max(rate, 1e-3))
        state = Mutex(State(limit: limit, slow: slow))
    }

    /// The number of messages published so far.
    var taken: Int { state.withLock { $0.taken } }

    /// Raises the limit; all of them may be published if `slow` is not less.
    func allow(_ limit: Int, slow: Int) {
        state.withLock { state in
            state.limit = max(state.limit, limit)
            state.slow = slow
        }
    }

    /// Waits until the next message may be published, or the task is cancelled. Idle time is not made up for.
    func take() async {
        while !Task.isCancelled {
            let due: ContinuousClock.Instant? = state.withLock { state in
                let isSlow = state.taken >= state.slow
                guard state.taken < (state.slow < state.limit ? state.limit - 1 : state.limit) else { return nil }
                state.taken += 1
                let due = max(state.next, .now)
                let left = max(1, state.limit - state.taken)
                state.next = due + (isSlow ? max(interval, Self.ease / left) : interval)
                return due
            }
            guard let due else {
                try? await Task.sleep(for: Self.look)
                continue
            }
            // Shorter sleeps would take longer than requested.
            if due - .now > .milliseconds(1) { try? await Task.sleep(until: due, clock: .continuous) }
            return
        }
    }
}
