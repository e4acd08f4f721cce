import Foundation
import Screen
import Testing

@testable import TopCore
@testable import TopView

@Suite("Charts")
struct ChartTests {
    private func text(_ plot: Plot, _ layers: [Plot.Layer]) -> [String] {
        plot.rows(layers).map { runs in
            var line = Array(repeating: Character(" "), count: plot.width)
            for run in runs {
                for (offset, character) in run.text.enumerated() { line[run.x + offset] = character }
            }
            return String(line)
        }
    }

    @Test("Scales end at round numbers and have round marks")
    func scales() {
        #expect(Scale(largest: 0, rows: 8).marks == [0, 1])
        #expect(Scale(largest: 1_240_050, rows: 6).marks == [0, 500_000, 1_000_000, 1_500_000])
        #expect(Scale(largest: 1_240_050, rows: 2).marks == [0, 1_500_000])
        #expect(Scale(largest: 97, rows: 8).maximum == 100)
        #expect(Scale(largest: 100, rows: 8).maximum == 100)
        #expect(Scale(largest: 0.03, rows: 4).maximum == 0.03)
        #expect(Scale(largest: 1, rows: 20, whole: true).marks == [0, 1])
        #expect(Scale(largest: 3, rows: 20, whole: true).marks == [0, 1, 2, 3])
        #expect(Scale(largest: 3_000_000_000, rows: 4, unit: .bytes).maximum == 3 * 1_024 * 1_024 * 1_024)
        #expect(Scale(largest: .infinity, rows: 4).maximum == 1)
    }

    @Test("No value is above its scale, whatever it is")
    func scalesHold() {
        for exponent in stride(from: -3.0, through: 17, by: 0.37) {
            let value = pow(10, exponent)
            for rows in [1, 2, 5, 12, 40] {
                for unit in [Scale.Unit.decimal, .bytes] {
                    let scale = Scale(largest: value, rows: rows, unit: unit)
                    #expect(scale.maximum >= value * (1 - 1e-9), "\(value)")
                    #expect(scale.maximum <= value * 10.01, "\(value)")
                    #expect(scale.marks.count <= max(2, rows / 2 + 1))
                }
            }
        }
    }

    @Test("Marks are as short as they get")
    func labels() {
        let scale = Scale(largest: 1, rows: 1)
        #expect(
            [0, 0.25, 750, 1_000, 1_500, 2_000_000, 12_500_000].map(scale.label)
                == ["0", "0.25", "750", "1k", "1.5k", "2M", "12.5M"])
        #expect(Scale(largest: 1, rows: 1, unit: .bytes).label(1_536 * 1_024) == "1.5M")
    }

    private static let start = Date(timeIntervalSince1970: 1_000_000)

    private func series(_ points: [(Double, Double)]) -> History.Series {
        // The library's own way to make one is by events.
        var state = State(size: .zero, now: Self.start)
        for (at, value) in points {
            var part = ClusterPart(at: Self.start.addingTimeInterval(at))
            part.overview.publishRate = value
            _ = update(&state, .snapshot(.cluster(part)), at: part.at)
        }
        return state.history[.cluster, .publishRate]
    }

    @Test("Points that follow one another as usual are joined; a silence stays empty")
    func gaps() {
        let now = Self.start.addingTimeInterval(59)
        let axis = TimeAxis(now: now, span: 60, bins: 60)
        let points = [0, 5, 10, 15, 40, 45, 50, 55].map { (Double($0), 10.0) }
        let values = axis.values(series(points))
        #expect(values[0...14].allSatisfy { $0 == 10 })
        #expect(values[16...39].allSatisfy { $0 == nil })
        #expect(values[40...59].allSatisfy { $0 == 10 })
    }

    @Test("Between two points lies what lies between them; of many in a bin their mean and their range are shown")
    func bins() {
        let axis = TimeAxis(now: Self.start.addingTimeInterval(59), span: 60, bins: 60)
        let values = axis.values(series([(0, 0), (4, 8), (8, 0)]))
        #expect(values[2] == 5)
        let coarse = TimeAxis(now: Self.start.addingTimeInterval(59), span: 60, bins: 6)
        let bin = coarse.binned(series([(0, 1), (3, 9), (6, 2)]))[0]
        #expect(bin?.range == 1...9)
        #expect(bin?.highest == 9)
        // From 1 to 9 in 3 s, to 2 in 3 s, and then 2 for 4 s.
        #expect(abs((bin?.value ?? 0) - (15 + 16.5 + 8) / 10) < 0.001)
    }

    @Test("A steady growth is a straight line, whatever the times of the samples", arguments: [1.0, 5, 7.3, 10])
    func growth(_ pace: Double) {
        let axis = TimeAxis(now: Self.start.addingTimeInterval(299), span: 300, bins: 117)
        let irregular = stride(from: 0.0, through: 298, by: pace).map { time in
            let at = time + (time.truncatingRemainder(dividingBy: 3) - 1.5) * pace / 10
            return (max(at, 0), max(at, 0) * 20)
        }
        let values = axis.values(series(irregular)).compactMap { $0 }
        let steps = zip(values.dropFirst(), values).map { $0 - $1 }.dropFirst().dropLast(8)
        #expect(values.count > 110)
        let even = 300.0 / 117 * 20
        #expect(steps.allSatisfy { abs($0 - even) < even / 100 }, "\(steps)")
    }

    @Test("A value that does not change holds, and changes where it changed")
    func held() {
        let axis = TimeAxis(now: Self.start.addingTimeInterval(3_599), span: 3_600, bins: 60)
        let quiet = series((0...718).map { (Double($0) * 5, $0 < 600 ? 7 : 9) })
        #expect(quiet.points.count == 4)
        let values = axis.values(quiet)
        #expect(values[0...48].allSatisfy { abs(($0 ?? 0) - 7) < 1e-6 })
        #expect(values[51...59].allSatisfy { abs(($0 ?? 0) - 9) < 1e-6 })
    }

    @Test("Ticks have round labels, for days too")
    func ticks() {
        func labels(_ seconds: Double, _ spacing: Int = 30) -> [String] {
            TimeAxis(now: Self.start, span: seconds, bins: 120).ticks(spacing: spacing).map(\.label)
        }
        #expect(labels(604_800) == ["now", "-7d"])
        #expect(labels(604_800, 10) == ["now", "-1d", "-2d", "-3d", "-4d", "-5d", "-6d", "-7d"])
        #expect(labels(259_200) == ["now", "-1d", "-2d", "-3d"])
        #expect(labels(86_400, 20) == ["now", "-4h", "-8h", "-12h", "-16h", "-20h", "-1d"])
        #expect(labels(259_200, 20) == ["now", "-12h", "-1d", "-1d12h", "-2d", "-2d12h", "-3d"])
        #expect(labels(300) == ["now", "-5m"])
    }

    @Test("What stops being told stops being drawn")
    func silence() {
        let axis = TimeAxis(now: Self.start.addingTimeInterval(119), span: 120, bins: 120)
        let values = axis.values(series((0...10).map { (Double($0) * 5, 3) }))
        #expect(values[50] == 3)
        #expect(values[80...119].allSatisfy { $0 == nil })
    }

    @Test("A bin keeps its points as time goes on")
    func steadiness() {
        let points = series((0...50).map { (Double($0), Double($0 % 7)) })
        let first = TimeAxis(now: Self.start.addingTimeInterval(51), span: 60, bins: 30)
        let second = TimeAxis(now: Self.start.addingTimeInterval(53), span: 60, bins: 30)
        #expect(first.binned(points).dropFirst().prefix(24).elementsEqual(second.binned(points).prefix(24), by: ==))
    }

    @Test("The range of several samples lies behind the curve, except where a slope explains it")
    func ranges() {
        let flat = [Double?](repeating: 0.5, count: 8)
        let wide = [ClosedRange<Double>?](repeating: 0...1, count: 8)
        let plot = Plot(width: 4, height: 3, style: .braille)
        let rows = plot.rows([.init(values: flat, ranges: wide, curve: .line)])
        let areRanges = rows.map { runs in runs.map(\.isRange) }
        #expect(areRanges == [[true], [false], [true]])
        #expect(rows[0][0].text == "⡪⡪⡪⡪")
        let ramp = (0..<8).map { Double($0) / 7 as Double? }
        let slope = ramp.map { value in value.map { max(0, $0 - 0.07)...min(1, $0 + 0.07) } }
        #expect(
            plot.rows([.init(values: ramp, ranges: slope, curve: .line)])
                == plot.rows([.init(values: ramp, curve: .line)]))
        let ascii = Plot(width: 3, height: 3, style: .ascii)
        let layer = Plot.Layer(values: [0.5, 0.5, 0.5], ranges: [0...1, nil, 0...1], curve: .area)
        #expect(text(ascii, [layer]) == ["' '", "***", "':'"])
    }

    @Test("Braille: an area, a line without holes, a gap")
    func braille() {
        let plot = Plot(width: 4, height: 2, style: .braille)
        let ramp = (0..<8).map { Double($0) / 7 as Double? }
        #expect(text(plot, [.init(values: ramp, curve: .area)]) == ["  ⣠⣾", "⣠⣾⣿⣿"])
        #expect(text(plot, [.init(values: [0, 0, 0, 0, 1, 1, 1, 1], curve: .line)]) == ["  ⡏⠉", "⣀⣀⠇ "])
        #expect(text(plot, [.init(values: [1, 1, nil, nil, nil, nil, 1, 1], curve: .area)]) == ["⣿  ⣿", "⣿  ⣿"])
    }

    @Test("Where curves meet the first one has the character")
    func owners() {
        let plot = Plot(width: 3, height: 1, style: .braille)
        let flat: [Double?] = [1, 1, 1, 1, 1, 1]
        let rows = plot.rows([.init(values: flat, curve: .line), .init(values: flat, curve: .line)])
        #expect(rows == [[Plot.Run(x: 0, text: "⠉⠉⠉", layer: 0)]])
    }

    @Test("Blocks and ASCII")
    func others() {
        let ramp: [Double?] = [0, 0.25, 0.5, nil, 1]
        #expect(
            text(Plot(width: 5, height: 2, style: .block), [.init(values: ramp, curve: .area)]) == ["  ▁ █", "▁▅█ █"])
        #expect(
            text(Plot(width: 5, height: 3, style: .ascii), [.init(values: ramp, curve: .area)]) == [
                "    *", " ** :", "*:: :",
            ])
        let line = text(
            Plot(width: 2, height: 2, style: .ascii),
            [.init(values: [1, 1], curve: .line), .init(values: [0, 1], curve: .line)])
        #expect(line == ["**", "o "])
    }

    @Test("Nothing traps on numbers that are none")
    func strange() {
        for style in [Plot.Style.braille, .block, .ascii] {
            let values: [Double?] = [.nan, .infinity, -.infinity, -1, 2, 1e300, nil, 0.5]
            #expect(Plot(width: 4, height: 2, style: style).rows([.init(values: values, curve: .line)]).count == 2)
            #expect(Plot(width: 0, height: 0, style: style).rows([.init(values: values, curve: .area)]).isEmpty)
        }
        #expect(Sparkline.text([.nan, .infinity, nil, 1]).count == 4)
        #expect(Bar.filled(.nan, of: 5) == 0)
    }

    @Test("A sparkline shows change, not noise")
    func sparklines() {
        #expect(Sparkline.text([0, 0, 0]) == "▁▁▁")
        #expect(Sparkline.text([0, 5, 10]) == "▁▅█")
        #expect(Sparkline.text([nil, 10]) == " █")
        let noise = Sparkline.text([100, 99, 100, 101])
        #expect(Set(noise).isSubset(of: ["▇", "█"]))
        #expect(Sparkline.text([0, 1], repertoire: .ascii) == "_#")
    }

    @Test("A bar is never full before it is, and never empty when it is not")
    func bars() {
        #expect(Bar.filled(0, of: 10) == 0)
        #expect(Bar.filled(0.001, of: 10) == 1)
        #expect(Bar.filled(0.5, of: 10) == 5)
        #expect(Bar.filled(0.999, of: 10) == 9)
        #expect(Bar.filled(1, of: 10) == 10)
        #expect(Bar.filled(7, of: 10) == 10)
        #expect(Bar.filled(0.5, of: 1) == 1)
    }
}
