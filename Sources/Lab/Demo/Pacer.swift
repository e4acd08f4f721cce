import Foundation

/// Converts a wave into whole numbers of messages, without losing any between two calls.
struct Pacer: Sendable {
    /// The longest pause, in seconds, that is made up for, so that no flood follows an outage of the broker.
    static let longestStep = 1.0

    var wave: Wave
    private var last: Double
    private var rest = 0.0

    /// - Parameter time: the seconds since the start of the workload.
    init(_ wave: Wave, at time: Double) {
        self.wave = wave
        last = time
    }

    /// Returns how many messages are due at `time`.
    mutating func due(at time: Double) -> Int {
        let step = min(max(0, time - last), Self.longestStep)
        last = max(last, time)
        // The rate in the middle of the step is used for all of it.
        rest += wave.rate(at: time - step / 2) * step
        let whole = rest.rounded(.down)
        rest -= whole
        return Int(whole)
    }
}

/// A rate that varies with time: a sine around a mean, plus bursts.
struct Wave: Sendable, Hashable {
    /// The mean, per second.
    var mean: Double
    /// How far the sine goes above and below the mean, per second.
    var swing = 0.0
    /// The period of the sine, in seconds.
    var period = 40.0
    /// The phase in which the sine starts, 0 to 1.
    var phase = 0.0
    var burst: Burst?

    /// An increase by `rate` per second for `length` seconds, every `every` seconds.
    struct Burst: Sendable, Hashable {
        var rate: Double
        var length: Double
        var every: Double
    }

    /// Returns the rate per second at `time`, in seconds since the start; never negative.
    func rate(at time: Double) -> Double {
        var rate = mean
        if swing != 0, period > 0 { rate += swing * sin(2 * .pi * (time / period + phase)) }
        if let burst, burst.every > 0, time.truncatingRemainder(dividingBy: burst.every) < burst.length {
            rate += burst.rate
        }
        return max(0, rate)
    }

    /// The long-term rate, as long as the sine does not go below zero.
    var average: Double {
        mean + (burst.map { $0.every > 0 ? $0.rate * $0.length / $0.every : 0 } ?? 0)
    }
}

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
