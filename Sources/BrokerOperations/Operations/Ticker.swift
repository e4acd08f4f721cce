import BrokerMonitor

/// Calls a body a few times per second until it is stopped or its task is cancelled.
struct Ticker: Sendable {
    private let clock: MonitorClock
    private let wakeSignal: WakeSignal
    private let isStopped = Shared(false)

    init(clock: MonitorClock) {
        self.clock = clock
        wakeSignal = WakeSignal(clock: clock)
    }

    func stop() {
        isStopped.change { $0 = true }
        wakeSignal.ring()
    }

    /// - Parameter body: receives the seconds since the ticker began.
    func run(_ body: (Double) -> Void) async {
        let start = clock.uptime()
        while !Task.isCancelled {
            await wakeSignal.wait(atMost: OperationRun.progressInterval)
            if isStopped.value { return }
            body(clock.uptime() - start)
        }
    }
}
