import Synchronization

/// Paces the producers of a stream, so that each stop of the broker lands in its middle: messages go at a rate, and never
/// more of them than may go before the next stop has come about. While one comes about they go ever more slowly: however
/// long the broker takes to stop, something is on its way.
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
    /// In this time, or a little more, three of five of those that are left go while a stop comes about.
    private static let ease = Duration.milliseconds(500)

    /// - Parameters:
    ///   - rate: messages a second.
    ///   - limit: fewer than so many go until somebody allows more.
    ///   - slow: after so many they go more slowly, the more so the fewer are left.
    init(rate: Double, limit: Int, slow: Int) {
        interval = .seconds(1 / max(rate, 1e-3))
        state = Mutex(State(limit: limit, slow: slow))
    }

    /// How many messages have gone.
    var taken: Int { state.withLock { $0.taken } }

    /// As many may go from now on; all of them where `slow` is not less.
    func allow(_ limit: Int, slow: Int) {
        state.withLock { state in
            state.limit = max(state.limit, limit)
            state.slow = slow
        }
    }

    /// Returns when the next message may go, or the task is cancelled. Time in which none went is not made up for.
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
            // Shorter sleeps would be longer than they say.
            if due - .now > .milliseconds(1) { try? await Task.sleep(until: due, clock: .continuous) }
            return
        }
    }
}
