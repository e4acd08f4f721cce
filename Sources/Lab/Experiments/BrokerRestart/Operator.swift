import Synchronization

/// Somebody who starts the fragile service again when it has died, once an outage is over.
final class Operator: Sendable {
    private struct State {
        var isOutage = false
        var isAlive = false
        var deaths: [String] = []
        /// Deaths before the present outage, and outages that killed it.
        var before = 0
        var fatal = 0
    }

    private let state = Mutex(State())
    private let recorder: RunRecorder

    private static let glance = Duration.milliseconds(10)

    init(_ recorder: RunRecorder) {
        self.recorder = recorder
    }

    /// What it died of, each time.
    var deaths: [String] { state.withLock { $0.deaths } }

    /// How many outages killed it.
    var fatalOutages: Int { state.withLock { $0.fatal } }

    /// Lets the service live again and again, until the task is cancelled.
    ///
    /// - Throws: when the service dies of something that does not pass.
    func run(_ service: FragileService) async throws(LabError) {
        while !Task.isCancelled {
            let (begins, lives) = state.withLock { state in
                state.isAlive = !state.isOutage
                return (state.isAlive, state.deaths.count)
            }
            guard begins else {
                try? await Task.sleep(for: Self.glance)
                continue
            }
            if lives > 0 { recorder.note("somebody starts the order service again") }
            let death = await service.live()
            state.withLock { state in
                state.isAlive = false
                if let death { state.deaths.append(death.text) }
            }
            if let death { recorder.note("the order service died: \(death.text)") }
            if let error = death?.isFinal { throw error }
            // Nobody is quicker than that, and what dies at once is not started in a circle.
            try? await Task.sleep(for: Self.glance)
        }
    }

    /// From now on nobody starts it.
    func outageBegins() {
        state.withLock { state in
            state.isOutage = true
            state.before = state.deaths.count
        }
    }

    /// The outage is over: the service is given time to die of it, and is started again then.
    func outageEnds(patience: Duration) async {
        let end = ContinuousClock.now + patience
        while state.withLock({ $0.isAlive }), ContinuousClock.now < end {
            do { try await Task.sleep(for: Self.glance) } catch { break }
        }
        state.withLock { state in
            state.isOutage = false
            if state.deaths.count > state.before { state.fatal += 1 }
        }
    }
}
