import Foundation

/// Whether a figure changes along a straight line, from a few samples: three at least half a minute apart, and the
/// latest.
struct SteadyTrend: Sendable {
    private struct Sample: Sendable {
        /// Seconds since 2001.
        var at: Double
        var value: Double
    }

    /// Seconds between the samples that are kept.
    private static let distance = 30.0
    /// How much the slopes of the earlier and the later part may differ, as a part of the greater one.
    private static let tolerance = 0.3

    private var first: Sample?
    private var second: Sample?
    private var third: Sample?
    private var last: Sample

    /// Creates a trend of one sample.
    init(_ value: Double, at: Date) {
        last = Sample(at: at.timeIntervalSinceReferenceDate, value: value)
        third = last
    }

    /// Adds a sample. One that is not later than the last is ignored: a clock may be set back.
    mutating func add(_ value: Double, at: Date) {
        let sample = Sample(at: at.timeIntervalSinceReferenceDate, value: value)
        guard sample.at > last.at else {
            // Set far back, the clock would stop the trend for hours.
            if last.at - sample.at > 60 { self = SteadyTrend(value, at: at) }
            return
        }
        last = sample
        guard let third, sample.at - third.at >= Self.distance else { return }
        first = second
        second = third
        self.third = sample
    }

    /// The change per second; `nil` while it is not known for a minute, and when it is not steady.
    var slope: Double? {
        guard let first, let second, second.at > first.at, last.at > second.at else { return nil }
        let early = (second.value - first.value) / (second.at - first.at)
        let late = (last.value - second.value) / (last.at - second.at)
        guard early * late > 0, abs(early - late) <= Self.tolerance * max(abs(early), abs(late)) else { return nil }
        return (last.value - first.value) / (last.at - first.at)
    }
}
