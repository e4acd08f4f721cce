/// Calls back a few times a second until it is stopped or its task is cancelled.
struct Ticker: Sendable {
    private let bell = Bell()

    func stop() { bell.ring() }

    /// - Parameter body: gets the time at which the ticker began.
    func run(_ body: (ContinuousClock.Instant) -> Void) async {
        let start = ContinuousClock.now
        while !Task.isCancelled {
            let before = ContinuousClock.now
            await bell.wait(atMost: OperationRun.progressInterval)
            // Woken early: stopped.
            guard ContinuousClock.now - before >= OperationRun.progressInterval else { return }
            body(start)
        }
    }
}
