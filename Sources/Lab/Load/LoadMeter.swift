import Glibc

/// Measures elapsed time and this process's CPU time since it was created.
struct LoadMeter {
    private let begun = ContinuousClock.now
    private let cpuBefore = Self.cpu

    /// Returns the elapsed seconds, and the seconds of CPU time of all threads.
    func read() -> (seconds: Double, cpu: Double) {
        ((ContinuousClock.now - begun) / .seconds(1), Self.cpu - cpuBefore)
    }

    private static var cpu: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }
}

/// Delays messages to a number per second.
struct LoadPace: Sendable {
    private let begun = ContinuousClock.now
    private let interval: Double?

    /// Shorter sleeps would take longer than requested.
    private static let leastSleep = Duration.milliseconds(1)

    init(rate: Double?) {
        interval = rate.map { 1 / $0 }
    }

    /// Waits until the message with this number, counted from 0, is due.
    func wait(for number: Int) async {
        guard let interval else { return }
        let due = begun + .nanoseconds(Int64(min(Double(number) * interval * 1e9, 9e18)))
        if due - .now > Self.leastSleep { try? await Task.sleep(until: due, clock: .continuous) }
    }
}
