import Foundation

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
