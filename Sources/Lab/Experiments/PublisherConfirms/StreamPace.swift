import Synchronization

/// Paces the producers of a stream, so that each stop of the broker lands in its middle: messages go at a rate, and never
/// more of them than may go before the next stop has come about.
final class StreamPace: Sendable {
    private struct State {
        var taken = 0
        var limit: Int
        var next = ContinuousClock.now
    }

    private let state: Mutex<State>
    private let interval: Duration

    private static let look = Duration.milliseconds(5)

    /// - Parameters:
    ///   - rate: messages a second.
    ///   - limit: as many may go until somebody allows more.
    init(rate: Double, limit: Int) {
        interval = .seconds(1 / max(rate, 1e-3))
        state = Mutex(State(limit: limit))
    }

    /// How many messages have gone.
    var taken: Int { state.withLock { $0.taken } }

    /// As many may go from now on.
    func allow(_ limit: Int) { state.withLock { $0.limit = max($0.limit, limit) } }

    /// Returns when the next message may go, or the task is cancelled. Time in which none went is not made up for.
    func take() async {
        while !Task.isCancelled {
            let due: ContinuousClock.Instant? = state.withLock { state in
                guard state.taken < state.limit else { return nil }
                state.taken += 1
                let due = max(state.next, .now)
                state.next = due + interval
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
