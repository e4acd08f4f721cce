/// Calls back a few times a second until it is stopped or its task is cancelled.
struct Ticker: Sendable {
    private let bell = Bell()
    private let isStopped = Shared(false)

    func stop() {
        isStopped.change { $0 = true }
        bell.ring()
    }

    /// - Parameter body: gets the time at which the ticker began.
    func run(_ body: (ContinuousClock.Instant) -> Void) async {
        let start = ContinuousClock.now
        while !Task.isCancelled {
            await bell.wait(atMost: OperationRun.progressInterval)
            if isStopped.value { return }
            body(start)
        }
    }
}
