import TopCore

/// The figures of one object, for its charts.
struct Figures {
    let history: History
    let subject: History.Subject
    let window: ChartWindow

    subscript(_ metric: History.Metric) -> History.Series { history.series(subject, metric, in: window) }

    /// Returns a figure as a curve of a chart.
    func curve(_ metric: History.Metric, name: String? = nil, style: Plot.Curve? = nil) -> Chart.Curve {
        .init(name: name ?? metric.name, series: self[metric], role: metric.role, style: style ?? metric.style)
    }
}
