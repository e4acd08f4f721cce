import Synchronization

/// Restarts the fragile service after its death, once an outage is over.
final class Operator: Sendable {
    private struct State {
        var isOutage = false
        var isAlive = false
        var deaths: [String] = []
        /// The number of deaths before the current outage; below, the number of outages that killed it.
        var before = 0
        var fatal = 0
    }

    private let state = Mutex(State())
    private let recorder: RunRecorder

    private static let glance = Duration.milliseconds(10)

    init(_ recorder: RunRecorder) {
        self.recorder = recorder
    }

    /// The causes of its deaths, in order.
    var deaths: [String] { state.withLock { $0.deaths } }

    /// The number of outages that killed it.
    var fatalOutages: Int { state.withLock { $0.fatal } }

    /// Runs the service repeatedly, until the task is cancelled.
    ///
    /// - Throws: if the service dies of a permanent error.
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
            // A pause, so that a service that dies immediately is not restarted in a tight loop.
            try? await Task.sleep(for: Self.glance)
        }
    }

    /// Suspends restarts, because an outage begins.
    func outageBegins() {
        state.withLock { state in
            state.isOutage = true
            state.before = state.deaths.count
        }
    }

    /// Resumes restarts after an outage. The service first gets time to die of it.
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
