import Foundation
import TopCore

/// The time axis of a chart: a range up to now, in bins that keep their position as time passes.
struct TimeAxis: Equatable, Sendable {
    /// The end of the last bin, in seconds since 1970.
    let end: Double
    /// The range in seconds, from the left edge to the right.
    let span: Double
    let bins: Int

    private static let spans: [Double] = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400]
    private static let steps: [Double] = [
        10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200,
    ]

    init(now: Date, span: Double, bins: Int) {
        self.bins = max(1, bins)
        self.span = span
        let width = span / Double(self.bins)
        // Bins begin at whole multiples of their width: a point stays in its bin, and the picture moves by whole bins.
        end = ((now.timeIntervalSince1970 / width).rounded(.down) + 1) * width
    }

    /// Creates an axis of the shortest standard range that shows all points.
    init(now: Date, fitting series: [History.Series], bins: Int) {
        let first = series.compactMap { $0.points.first?.at }.min()
        let age = first.map { now.timeIntervalSince($0) } ?? 0
        self.init(now: now, span: Self.spans.first { $0 >= age } ?? 86_400, bins: bins)
    }

    var binWidth: Double { span / Double(bins) }

    /// Returns the largest value in each bin; `nil` when nothing is known. Gaps between points at the usual interval
    /// are filled with the value; longer gaps stay empty.
    func values(_ series: History.Series) -> [Double?] {
        var values = [Double?](repeating: nil, count: bins)
        let start = end - span
        let points = series.points
        let usual = Self.usualInterval(points)
        let patience = max(3 * usual, 2 * binWidth)
        var previous: (bin: Int, at: Double, value: Double)?
        for point in points {
            let at = point.at.timeIntervalSince1970
            guard point.value.isFinite, at < end else { continue }
            let bin = Int(((at - start) / binWidth).rounded(.down).clamped(-1_000_000, 1_000_000))
            if let previous, bin > previous.bin + 1, bin >= 0, at - previous.at <= patience {
                let width = Double(bin - previous.bin)
                for between in max(0, previous.bin + 1)..<max(bin, max(0, previous.bin + 1)) {
                    let share = Double(between - previous.bin) / width
                    values[between] = previous.value + (point.value - previous.value) * share
                }
            }
            if bin >= 0, bin < bins { values[bin] = max(values[bin] ?? point.value, point.value) }
            previous = (bin, at, point.value)
        }
        // The newest point is extended until the next one is due.
        if let previous, previous.bin >= 0, previous.bin < bins - 1, end - previous.at <= patience {
            for bin in (previous.bin + 1)..<bins { values[bin] = previous.value }
        }
        return values
    }

    /// Returns the usual interval between two points, in seconds.
    private static func usualInterval(_ points: [History.Series.Point]) -> Double {
        guard points.count > 1 else { return 5 }
        // Use the newest points, because the interval may have changed.
        let newest = points.suffix(16)
        let gaps = zip(newest.dropFirst(), newest).map { $0.at.timeIntervalSince($1.at) }.sorted()
        return max(0.1, gaps[gaps.count / 2])
    }

    /// Returns marks with their bins, at least `spacing` bins apart, the right edge first.
    func ticks(spacing: Int) -> [(bin: Int, label: String)] {
        let room = Double(max(1, spacing)) * binWidth
        let step = Self.steps.first { $0 >= room && span / $0 == (span / $0).rounded() } ?? span
        return stride(from: 0, through: span, by: step).map { age in
            (bin: Int(((span - age) / binWidth).rounded()), label: Self.label(age))
        }
    }

    private static func label(_ age: Double) -> String {
        if age == 0 { return "now" }
        let seconds = Int(age)
        if seconds.isMultiple(of: 3_600) { return "-\(seconds / 3_600)h" }
        if seconds.isMultiple(of: 60) { return "-\(seconds / 60)m" }
        return seconds < 60 ? "-\(seconds)s" : "-\(seconds / 60)m\(seconds % 60)s"
    }
}

extension Double {
    fileprivate func clamped(_ low: Double, _ high: Double) -> Double {
        isNaN ? low : Swift.min(Swift.max(self, low), high)
    }
}
