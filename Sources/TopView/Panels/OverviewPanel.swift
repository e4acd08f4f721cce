import Faults
import Foundation
import Screen
import TopCore

/// The first view: charts over time, the longest queues, the nodes, and the last events.
struct OverviewPanel {
    let state: State

    private var overview: OverviewRow { state.cluster?.overview ?? OverviewRow() }

    func draw(in rect: Rect, on canvas: inout Canvas) {
        let area = StatusStrip(state.panelStatus(for: .overview), selection: state.overview).draw(
            in: rect, on: &canvas)
        if area.height < 12 || area.width < 60 {
            drawSmall(in: area.inset(x: 1, y: 0), on: &canvas)
            return
        }
        let chartRows = min(22, max(8, area.height * 2 / 5))
        let (charts, below) = area.splitTop(chartRows)
        drawCharts(in: charts, on: &canvas)
        let gap = 2
        if area.width >= 160 {
            let columns = below.columns(3, gap: gap)
            QueuesPanel(state: state).draw(in: columns[0], on: &canvas)
            drawNodes(in: columns[1], on: &canvas)
            drawEvents(in: columns[2], on: &canvas)
        } else {
            let columns = below.columns(2, gap: gap)
            QueuesPanel(state: state).draw(in: columns[0], on: &canvas)
            let room = columns[1].height
            let wanted = NodesPanel(state: state).rows + (room >= 16 ? ChurnPanel.rows : 0)
            let (top, bottom) = columns[1].splitTop(min(wanted, room * 3 / 5))
            drawNodes(in: top, on: &canvas)
            drawEvents(in: bottom, on: &canvas)
        }
    }

    /// Draws the current findings, if any, and the last events.
    private func drawEvents(in rect: Rect, on canvas: inout Canvas) {
        let diagnosis = DiagnosisPanel(state: state)
        let (findings, events) = rect.splitTop(min(diagnosis.rows, rect.height / 2))
        diagnosis.draw(in: findings, on: &canvas)
        EventsPanel(state: state).draw(in: events, on: &canvas)
    }

    private func drawNodes(in rect: Rect, on canvas: inout Canvas) {
        let churn = rect.height >= NodesPanel(state: state).rows + ChurnPanel.rows ? ChurnPanel.rows : 0
        let wanted = min(NodesPanel(state: state).rows, rect.height - churn)
        let (nodes, rest) = rect.splitTop(wanted)
        NodesPanel(state: state).draw(in: nodes, on: &canvas)
        if churn > 0 { ChurnPanel(overview: overview).draw(in: rest.splitTop(churn).top, on: &canvas) }
    }

    // MARK: Charts

    private var figures: Figures { Figures(history: state.history, subject: .cluster, window: state.chartWindow) }

    private func drawCharts(in rect: Rect, on canvas: inout Canvas) {
        let halves = rect.columns(2, gap: 2)
        DepthCharts(title: "Messages", figures: figures).draw(in: halves[0], on: &canvas)
        RateChart(figures: figures).draw(in: halves[1], on: &canvas)
    }

    // MARK: Small screens

    /// Draws the figures in two columns, and a chart if it fits.
    private func drawSmall(in rect: Rect, on canvas: inout Canvas) {
        let isStale = state.isStale(.overview)
        let showsOwnOnly = state.cluster?.gaps.contains(.otherConnections) ?? false
        let unknown = canvas.marks.unknown
        func count(_ value: Int?) -> (String, Role) {
            (canvas.count(value, width: 9), (value ?? 0) == 0 || isStale ? .muted : .strong)
        }
        func rate(_ value: Double?) -> (String, Role) {
            let isQuiet = (value ?? 0) < 0.05 || isStale
            return (canvas.rate(value, width: 7) + "/s", isQuiet ? .muted : .strong)
        }
        let left: [(String, (String, Role))] = [
            ("Ready", count(state.totals?.ready)), ("Unacked", count(state.totals?.unacked)),
            ("Queues", count(overview.queues)),
            (showsOwnOnly ? "Own connections" : "Connections", count(overview.connections)),
            (showsOwnOnly ? "Own channels" : "Channels", count(overview.channels)),
            ("Consumers", count(overview.consumers)),
        ]
        let right: [(String, (String, Role))] = [
            ("Publish", rate(overview.publishRate)), ("Deliver", rate(overview.deliverRate)),
            ("Ack", rate(overview.ackRate)), ("Unroutable", rate(overview.unroutableRate)),
            (
                "Nodes up",
                (
                    "\(overview.nodesRunning.map(String.init) ?? unknown)/\(overview.nodes.map(String.init) ?? unknown)",
                    overview.nodesRunning == overview.nodes ? .muted : .critical
                )
            ),
            (
                "Alarms",
                (
                    overview.alarms.map { $0.isEmpty ? "none" : "\(canvas.marks.alert) \($0.count)" } ?? unknown,
                    overview.alarms?.isEmpty == false ? .critical : .muted
                )
            ),
        ]
        let columns = rect.columns(2, gap: 2)
        for (column, figures) in zip(columns, [left, right]) {
            let column = column.splitLeft(min(column.width, 28)).left
            for (index, figure) in figures.enumerated() where index < column.height {
                canvas.write(figure.0, x: column.minX, y: column.minY + index, .muted)
                let room = column.width - figure.0.count - 1
                canvas.field(
                    figure.1.0, x: column.maxX - room, y: column.minY + index, width: room, figure.1.1,
                    alignment: .trailing)
            }
        }
        let rest = rect.inset(top: min(left.count + 1, rect.height))
        if rest.height >= 1, rest.height < 4 {
            let width = max(0, rest.width - 9)
            let axis = TimeAxis(state.chartWindow, bins: width)
            let lines: [(String, History.Metric, Role)] = [
                ("publish", .publishRate, .publish), ("deliver", .deliverRate, .deliver), ("ready", .ready, .ready),
            ]
            for (index, line) in lines.prefix(rest.height).enumerated() {
                canvas.write(line.0, x: rest.minX, y: rest.minY + index, .muted)
                let text = Sparkline.text(axis.values(figures[line.1]), repertoire: canvas.repertoire)
                canvas.write(text, x: rest.minX + 9, y: rest.minY + index, isStale ? .faint : line.2, width: width)
            }
        } else if rest.height >= 4 {
            DepthCharts(title: "Messages", figures: figures).draw(in: rest, on: &canvas)
        }
    }
}
