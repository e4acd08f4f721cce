import Screen
import TopCore

/// One figure of two objects on one scale.
struct ComparisonChart {
    let metric: History.Metric
    let figures: Figures
    let name: String
    let others: Figures
    let otherName: String

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height >= 3 else { return }
        var other = others.curve(metric, name: short(otherName, canvas), style: .dashed)
        other.role = .strong
        // An area would hide the other curve below it.
        let own = figures.curve(metric, name: short(name, canvas), style: .line)
        let chart = Chart(curves: [own, other], kind: metric.kind)
        chart.draw(
            title: Chart.title(metric.title, unit: metric.unit, figures.window), in: rect, time: figures.window,
            on: &canvas)
    }

    private func short(_ name: String, _ canvas: Canvas) -> String {
        Text.truncated(Text.visible(name), to: 18, ellipsis: canvas.marks.ellipsis)
    }
}
