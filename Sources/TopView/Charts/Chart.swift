import Foundation
import Screen
import TopCore

/// Curves over time with their axes.
struct Chart {
    struct Curve {
        var name: String
        var series: History.Series
        var role: Role
        var style: Plot.Curve
    }

    var curves: [Curve]
    var kind: ColumnKind
    /// The width of the value axis labels, in columns.
    var labelWidth = 6
    /// Whether time labels are drawn below; a chart directly below may have them for both.
    var showsTime = true

    /// Draws below a line with a title and the legend.
    func draw(title: [Span], in rect: Rect, time window: ChartWindow, on canvas: inout Canvas) {
        canvas.rule(rect, title: title, trailing: [legend(canvas), legend(canvas, values: false)])
        draw(in: rect.inset(top: 1), time: window, on: &canvas)
    }

    /// Draws into `rect`. Charts above each other share the window.
    func draw(in rect: Rect, time window: ChartWindow, on canvas: inout Canvas) {
        let axisRows = showsTime && rect.height >= 3 ? 1 : 0
        let plotArea = rect.inset(left: min(labelWidth + 1, rect.width), bottom: axisRows)
        guard plotArea.width > 1, plotArea.height > 0 else { return }
        let style: Plot.Style = canvas.repertoire == .ascii ? .ascii : plotArea.height == 1 ? .block : .braille
        let plot = Plot(width: plotArea.width, height: plotArea.height, style: style)
        let axis = TimeAxis(window, bins: plot.bins)
        let values = curves.map { axis.binned($0.series) }
        // One scale for all curves, so that they can be compared.
        let largest = values.joined().lazy.compactMap { $0?.highest }.max()
        let scale = Scale(
            largest: largest ?? 0, rows: plotArea.height, unit: isBytes ? .bytes : .decimal, whole: kind == .count)

        drawScale(scale, in: rect, plot: plotArea, known: largest != nil, on: &canvas)
        guard largest != nil else {
            canvas.field(
                "no data yet", x: plotArea.minX, y: plotArea.minY + (plotArea.height - 1) / 2, width: plotArea.width,
                .faint, alignment: .center)
            return
        }
        let layers = zip(values, curves).map { values, curve in
            Plot.Layer(
                values: values.map { $0.map { scale.fraction($0.value) } },
                ranges: values.map { $0?.range.map { scale.fraction($0.lowerBound)...scale.fraction($0.upperBound) } },
                curve: curve.style)
        }
        for (row, runs) in plot.rows(layers).enumerated() {
            for run in runs {
                canvas.write(
                    run.text, x: plotArea.minX + run.x, y: plotArea.minY + row,
                    run.isRange ? .faint : curves[run.layer].role)
            }
        }
        if axisRows > 0 { drawTime(axis, window, plot: plot, in: plotArea, y: rect.maxY - 1, on: &canvas) }
    }

    private var isBytes: Bool { kind == .bytes || kind == .bytesPerSecond }

    private func drawScale(_ scale: Scale, in rect: Rect, plot: Rect, known: Bool, on canvas: inout Canvas) {
        guard plot.minX > rect.minX else { return }
        let line = plot.minX - 1
        canvas.frame.verticalLine(
            at: Point(x: line, y: plot.minY), length: plot.height, style: canvas.theme[.rule],
            repertoire: canvas.repertoire)
        guard known else { return }
        var taken: Set<Int> = []
        // The ends first: they must have their labels.
        let marks = scale.marks
        for mark in [marks.first, marks.last].compactMap({ $0 }) + marks.dropFirst().dropLast() {
            let tall = plot.height * 4
            let dot = Int((scale.fraction(mark) * Double(tall - 1)).rounded())
            let y = plot.minY + (tall - 1 - dot) / 4
            guard taken.insert(y).inserted else { continue }
            canvas.field(
                scale.label(mark), x: rect.minX, y: y, width: labelWidth - 1, .axis, alignment: .trailing)
            let tick: Character = canvas.repertoire == .unicode ? "┤" : "|"
            canvas.fill(Rect(x: line, y: y, width: 1, height: 1), with: tick, .rule)
        }
    }

    private func drawTime(
        _ axis: TimeAxis, _ window: ChartWindow, plot: Plot, in area: Rect, y: Int, on canvas: inout Canvas
    ) {
        let binsPerColumn = plot.bins / max(1, plot.width)
        let last = window.isLive ? "now" : canvas.format.clock(window.end, now: canvas.now)
        for tick in axis.ticks(spacing: 11 * binsPerColumn, last: last) {
            let center = area.minX + tick.bin / binsPerColumn
            let width = tick.label.count
            // A label at the right edge is moved inside; one at the left edge is dropped when it would extend beyond
            // it.
            let x = min(center - width / 2, area.maxX - width)
            if x >= area.minX - labelWidth { canvas.write(tick.label, x: x, y: y, .axis) }
        }
    }

    /// Returns a title with the length of time that the chart shows.
    static func title(_ text: String, unit: String = "", _ window: ChartWindow) -> [Span] {
        [Span(text, .panelTitle), Span("\(unit.isEmpty ? "" : " " + unit) \(window.shortLabel)", .muted)]
    }

    /// Returns the names of the curves with their line styles, for the title.
    func legend(_ canvas: Canvas, values: Bool = true) -> [Span] {
        var spans: [Span] = []
        for (number, curve) in curves.enumerated() {
            if number > 0 { spans.append(Span("  ")) }
            let mark: String
            if canvas.repertoire == .ascii {
                mark = String(Plot.asciiMark(number))
            } else {
                mark =
                    switch curve.style {
                    case .area: "■"
                    case .line: "━"
                    case .dashed: "╍"
                    case .dotted: "┈"
                    }
            }
            spans.append(Span(mark + " ", curve.role))
            spans.append(Span(curve.name, .muted))
            if values {
                let last = curve.series.last
                let width = kind == .rate ? 6 : 9
                let text =
                    kind == .count
                    ? canvas.count(last.map { ValueFormat.whole(max($0, 0)) }, width: width)
                    : canvas.format.text(Value(last), kind, width: width, now: canvas.now)
                spans.append(Span(" " + Text.padded(text, to: width), .text))
            }
        }
        return spans
    }
}
