import Foundation
import TopCore

/// The time axis of a chart, in bins that keep their position as time passes.
struct TimeAxis: Equatable, Sendable {
    /// The values in one bin.
    struct Bin: Equatable, Sendable {
        /// The mean over the part of the bin for which the value is known.
        var value: Double
        /// The lowest and the highest sample; `nil` with fewer than two samples.
        var range: ClosedRange<Double>?

        /// The highest value to be drawn.
        var highest: Double { max(value, range?.upperBound ?? value) }
    }

    /// The end of the last bin, in seconds since 1970.
    let end: Double
    /// The range in seconds, from the left edge to the right.
    let span: Double
    let bins: Int

    private static let steps: [Double] = [
        10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400, 172_800,
    ]

    init(now: Date, span: Double, bins: Int) {
        self.bins = max(1, bins)
        self.span = max(span, 1)
        let width = self.span / Double(self.bins)
        // Bins begin at whole multiples of their width: a point stays in its bin, and the picture moves by whole bins.
        end = ((now.timeIntervalSince1970 / width).rounded(.down) + 1) * width
    }

    init(_ window: ChartWindow, bins: Int) {
        self.init(now: window.end, span: window.seconds, bins: bins)
    }

    var binWidth: Double { span / Double(bins) }

    /// Returns the mean value of each bin; `nil` where nothing is known.
    func values(_ series: History.Series) -> [Double?] { binned(series).map { $0?.value } }

    /// Returns the values of each bin; `nil` where nothing is known. Between two samples the value changes evenly,
    /// wherever in their bins they are, so that figures measured at any pace give an even line.
    func binned(_ series: History.Series) -> [Bin?] {
        var sums = [Sum](repeating: Sum(), count: bins)
        let start = end - span
        let finite = series.points.lazy.filter { $0.value.isFinite && $0.low.isFinite && $0.high.isFinite }
        var previous: (at: Double, value: Double)?
        for point in finite {
            let at = point.at.timeIntervalSince1970
            if let previous, !point.followsGap, at > previous.at, at > start, previous.at < end {
                add(from: previous, to: (at, point.value), to: &sums)
            }
            previous = (at, point.value)
            guard at >= start, at < end else { continue }
            sums[bin(at)].add(point)
        }
        // The newest value holds until the next one is due.
        if let previous, let until = series.knownUntil?.timeIntervalSince1970, min(until, end) > previous.at {
            add(from: previous, to: (min(until, end), previous.value), to: &sums)
        }
        return sums.map(\.bin)
    }

    /// The samples and the time of a bin.
    private struct Sum {
        /// The sum of value times seconds, and the seconds.
        var area = 0.0
        var seconds = 0.0
        var low = Double.infinity
        var high = -Double.infinity
        var samples = 0
        var last = 0.0

        mutating func add(_ point: History.Series.Point) {
            low = min(low, point.low)
            high = max(high, point.high)
            // A point with a lowest and a highest value stands for several samples.
            samples += point.low < point.high ? 2 : 1
            last = point.value
        }

        var bin: Bin? {
            guard seconds > 0 || samples > 0 else { return nil }
            let value = seconds > 0 ? area / seconds : last
            return Bin(value: value.isFinite ? value : last, range: samples > 1 ? low...high : nil)
        }
    }

    private func bin(_ at: Double) -> Int {
        let place = ((at - (end - span)) / binWidth).rounded(.down)
        return place.isFinite ? Int(min(max(place, 0), Double(bins - 1))) : 0
    }

    /// Adds a straight part of the curve to the bins that it passes through.
    private func add(
        from first: (at: Double, value: Double), to last: (at: Double, value: Double), to sums: inout [Sum]
    ) {
        let start = end - span
        let (begin, finish) = (max(first.at, start), min(last.at, end))
        guard begin < finish else { return }
        func value(_ at: Double) -> Double {
            first.value + (last.value - first.value) * ((at - first.at) / (last.at - first.at))
        }
        for place in bin(begin)...bin(finish) {
            let left = max(begin, start + Double(place) * binWidth)
            let right = min(finish, start + Double(place + 1) * binWidth)
            guard left < right else { continue }
            sums[place].area += (value(left) + value(right)) / 2 * (right - left)
            sums[place].seconds += right - left
        }
    }

    /// Returns marks with their bins, at least `spacing` bins apart, the right edge first.
    ///
    /// - Parameter last: The label of the right edge.
    func ticks(spacing: Int, last: String = "now") -> [(bin: Int, label: String)] {
        let room = Double(max(1, spacing)) * binWidth
        let step = Self.steps.first { $0 >= room && span / $0 == (span / $0).rounded() } ?? span
        return stride(from: 0, through: span, by: step).map { age in
            (bin: Int(((span - age) / binWidth).rounded()), label: age == 0 ? last : Self.label(age))
        }
    }

    private static func label(_ age: Double) -> String {
        let seconds = ValueFormat.whole(age)
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"),
        ]
        return "-" + parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
    }
}
