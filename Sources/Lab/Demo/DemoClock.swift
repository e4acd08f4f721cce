/// The seconds since the workload started, common to all of it.
struct DemoClock: Sendable {
    private let start = ContinuousClock.now

    var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Waits until that many seconds after the start.
    ///
    /// - Throws: `CancellationError`.
    func sleep(until seconds: Double) async throws {
        let time = start + .seconds(seconds)
        if time > .now { try await Task.sleep(until: time, tolerance: .milliseconds(5), clock: .continuous) }
    }
}
