import Foundation
import GoldenSupport
import Screen
import Testing

@testable import TopCore
@testable import TopView

/// Charts as text, of figures that users judge by their shape.
@Suite("Golden charts")
struct ChartGoldenTests {
    static let now = Sample.now

    static func ago(_ seconds: Double) -> Date { now.addingTimeInterval(-seconds) }

    /// Points at the given ages, in seconds, oldest first.
    static func series(_ ages: [Double], _ value: (Double) -> Double) -> History.Series {
        var series = History.Series()
        for age in ages { series.append(value(age), at: ago(age)) }
        return series
    }

    /// Points as the store answers them for a long time.
    static func answered(_ seconds: Double, points: Int, _ value: (Double) -> ClosedRange<Double>) -> History.Series {
        let points = (0..<points).map { number -> Curve.Point in
            let age = seconds * (1 - Double(number + 1) / Double(points))
            let range = value(age)
            return Curve.Point(at: ago(age), low: range.lowerBound, high: range.upperBound, value: range.upperBound)
        }
        return History.Series(points: points, knownUntil: now)
    }

    static func every(_ pace: Double, from first: Double, to last: Double = 0) -> [Double] {
        Array(stride(from: first, through: last, by: -pace))
    }

    static func text(
        _ curves: [(History.Series, Plot.Curve)], _ size: Size, seconds: Double, ascii: Bool = false
    ) -> String {
        var canvas = Canvas(
            size: size, theme: .mono, repertoire: ascii ? .ascii : .unicode, zone: .utc, now: now)
        let names = ["orders", "billing", "shipping"]
        let chart = Chart(
            curves: curves.enumerated().map {
                .init(name: names[$0 % 3], series: $1.0, role: .ready, style: $1.1)
            }, kind: .count)
        let window = ChartWindow(end: now, seconds: seconds)
        chart.draw(
            title: Chart.title("Ready", window), in: Rect(size), time: window, on: &canvas)
        return canvas.frame.text
    }

    static func expect(
        _ name: String, _ curves: [(History.Series, Plot.Curve)], seconds: Double,
        sizes: [Size] = [Size(width: 60, height: 8)]
    ) {
        var all = ""
        for size in sizes {
            for ascii in [false, true] { all += text(curves, size, seconds: seconds, ascii: ascii) + "\n" }
        }
        Golden.expect(all, matches: "chart-\(name)", filePath: #filePath)
    }

    @Test("Steady growth is a steady line, measured each second, every 5 s, and irregularly")
    func growth() {
        let sizes = [Size(width: 20, height: 3), Size(width: 60, height: 8), Size(width: 200, height: 20)]
        let live = Self.series(Self.every(1, from: 300)) { 6_000 - $0 * 20 }
        Self.expect("growth-live", [(live, .line)], seconds: 300, sizes: sizes)
        let mixed = Self.series(Self.every(5, from: 300, to: 120) + Self.every(1, from: 119)) { 6_000 - $0 * 20 }
        Self.expect("growth-mixed", [(mixed, .area)], seconds: 300, sizes: sizes)
    }

    @Test("A sawtooth: each tooth while there is room, then the range it moves in")
    func sawtooth() {
        let ages = Self.every(1, from: 900)
        let teeth = Self.series(ages.suffix(590)) { 1_000 - $0.truncatingRemainder(dividingBy: 60) * 15 }
        Self.expect("sawtooth", [(teeth, .line)], seconds: 300)
        Self.expect("sawtooth-dense", [(teeth, .line)], seconds: 900, sizes: [Size(width: 20, height: 6)])
        let long = Self.answered(86_400, points: 120) { 400...1_000 + $0 / 200 }
        Self.expect("ranges-line", [(long, .line)], seconds: 86_400)
        Self.expect("ranges-area", [(long, .area)], seconds: 86_400)
    }

    @Test("A gap while the broker was away, a single point, and nothing")
    func gaps() {
        let away = Self.series(Self.every(5, from: 300, to: 200) + Self.every(5, from: 100)) { 500 + $0 }
        Self.expect("gap", [(away, .area)], seconds: 300)
        Self.expect("gap-line", [(away, .line)], seconds: 300)
        Self.expect("single", [(Self.series([100]) { _ in 70 }, .line)], seconds: 300)
        Self.expect("nothing", [(History.Series(), .line)], seconds: 300)
    }

    @Test("A value that did not change for an hour, and then did")
    func unchanged() {
        let quiet = Self.series(Self.every(5, from: 4_000)) { $0 > 200 ? 40 : 90 }
        Self.expect("unchanged", [(quiet, .area)], seconds: 3_600)
    }

    @Test("Seven days")
    func week() {
        let days = Self.answered(604_800, points: 400) { age in
            let load = 500 + 400 * sin(age / 86_400 * 2 * .pi)
            return load * 0.8...load
        }
        Self.expect(
            "week", [(days, .area)], seconds: 604_800,
            sizes: [Size(width: 30, height: 5), Size(width: 100, height: 10)])
    }

    @Test("Two objects on one scale, told apart without colours")
    func overlay() {
        let ages = Self.every(2, from: 300)
        let first = Self.series(ages) { 900 - $0 }
        let second = Self.series(ages) { 200 + 150 * sin($0 / 30) }
        Self.expect(
            "overlay", [(first, .line), (second, .dashed)], seconds: 300,
            sizes: [Size(width: 40, height: 6), Size(width: 90, height: 12)])
    }

    @Test("The details of a row beside those of a marked one, in one chart for each figure")
    func compared() {
        for ascii in [false, true] {
            let size = Size(width: 120, height: 40)
            var state = Sample.state(.queues, size: size)
            state.press("=")
            state.press(.down)
            state.isDetailOpen = true
            state.options.ascii = ascii
            GoldenTests.expect(state, size, ascii ? "detail-compared-ascii" : "detail-compared")
        }
    }

    @Test("A chosen span holds for all charts and sparklines")
    func spans() {
        let size = Size(width: 120, height: 40)
        var state = Sample.state(.overview, size: size)
        state.press("]")
        GoldenTests.expect(state, size, "span-15m-overview")
        for _ in 0..<3 { state.press("]") }
        GoldenTests.expect(state, size, "span-24h-overview")
    }

    @Test("A steady growth never turns back, at any width and height", arguments: [20, 37, 60, 113, 200])
    func monotonous(_ width: Int) {
        let mixed = Self.series(Self.every(5, from: 300, to: 120) + Self.every(1, from: 119)) { 6_000 - $0 * 20 }
        let axis = TimeAxis(ChartWindow(end: Self.now, seconds: 300), bins: 2 * width)
        let values = axis.values(mixed).compactMap { $0 }
        #expect(values.count >= 2 * width - 2)
        #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 || $1 > 5_980 })
        for height in [3, 7, 20] {
            let drawn = Self.text([(mixed, .line)], Size(width: width, height: height), seconds: 300)
            #expect(drawn.split(separator: "\n").count <= height)
        }
    }
}
