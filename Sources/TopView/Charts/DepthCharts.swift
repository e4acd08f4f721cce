import Screen
import TopCore

/// Ready and unacknowledged messages over time, each on its own scale, because one is often a thousand times the other.
struct DepthCharts {
    let title: String
    let figures: Figures

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height >= 3 else { return }
        let window = figures.window
        var top = Chart(curves: [figures.curve(.ready)], kind: .count)
        let (_, body) = rect.splitTop(1)
        if body.height < 6 {
            top.curves.append(figures.curve(.unacked, style: .line))
            top.draw(title: Chart.title(title, window), in: rect, time: window, on: &canvas)
            return
        }
        let bottom = Chart(curves: [figures.curve(.unacked)], kind: .count)
        let legends = [true, false].map { values in
            top.legend(canvas, values: values) + [Span("  ")] + bottom.legend(canvas, values: values)
        }
        canvas.rule(rect, title: Chart.title(title, window), trailing: legends)
        top.showsTime = false
        let upper = (body.height - 1) * 3 / 5
        top.draw(in: body.splitTop(upper).top, time: window, on: &canvas)
        bottom.draw(in: body.inset(top: upper), time: window, on: &canvas)
    }
}

/// Publish, deliver and ack rates on one scale.
struct RateChart {
    let figures: Figures

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height >= 3 else { return }
        let chart = Chart(
            curves: [
                figures.curve(.publishRate), figures.curve(.deliverRate, style: .dashed),
                figures.curve(.ackRate, style: .dotted),
            ], kind: .rate)
        chart.draw(
            title: Chart.title("Rates", unit: "/s", figures.window), in: rect, time: figures.window, on: &canvas)
    }
}
