import Foundation

/// A rate that goes up and down with time: a sine around a mean, and bursts on top of it.
struct Wave: Sendable, Hashable {
    /// Per second.
    var mean: Double
    /// How far the sine goes above and below the mean, per second.
    var swing = 0.0
    /// Seconds from crest to crest.
    var period = 40.0
    /// Where in its period the sine starts, 0 to 1.
    var phase = 0.0
    var burst: Burst?

    /// Every `every` seconds, `rate` more per second for `length` seconds.
    struct Burst: Sendable, Hashable {
        var rate: Double
        var length: Double
        var every: Double
    }

    /// The rate per second at `time`, in seconds since the start; never negative.
    func rate(at time: Double) -> Double {
        var rate = mean
        if swing != 0, period > 0 { rate += swing * sin(2 * .pi * (time / period + phase)) }
        if let burst, burst.every > 0, time.truncatingRemainder(dividingBy: burst.every) < burst.length {
            rate += burst.rate
        }
        return max(0, rate)
    }

    /// The rate in the long run, as long as the sine does not go below zero.
    var average: Double {
        mean + (burst.map { $0.every > 0 ? $0.rate * $0.length / $0.every : 0 } ?? 0)
    }
}
