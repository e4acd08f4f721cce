import BrokerMonitor

/// Calls a body a few times per second until it is stopped or its task is cancelled.
struct Ticker: Sendable {
    private let wakeSignal = WakeSignal()
    private let isStopped = Shared(false)

    func stop() {
        isStopped.change { $0 = true }
        wakeSignal.ring()
    }

    /// - Parameter body: receives the time at which the ticker began.
    func run(_ body: (ContinuousClock.Instant) -> Void) async {
        let start = ContinuousClock.now
        while !Task.isCancelled {
            await wakeSignal.wait(atMost: OperationRun.progressInterval)
            if isStopped.value { return }
            body(start)
        }
    }
}
