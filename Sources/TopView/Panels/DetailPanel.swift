import Foundation
import Screen
import TopCore

/// Everything about the selected row: charts, its columns, and further details of the broker.
struct DetailPanel {
    /// A part of the pane, which scrolls as one.
    enum Block {
        case blank
        case heading(String, age: Double? = nil)
        case field(label: String, lines: [String], role: Role)
        case note(String, Role)
        case depth(Figures)
        case rates(Figures)
        case chart(title: String, Chart)
        case comparison(ComparisonChart)
    }

    let state: State
    let id: RowID
    let title: String
    let kind: String
    private var fields: [(label: String, value: String, role: Role)]
    /// When the row ended, if it ended while its details are open.
    private let endedAt: Date?

    init<Row: ShownRow>(_ row: Row, title: String, kind: String, state: State, canvas: Canvas) {
        self.state = state
        self.title = title
        self.kind = kind
        let id = row.rowID
        self.id = id
        endedAt = state.table(of: state.view)?.ended.flatMap { $0.id == id ? $0.at : nil }
        let context = LookContext(state, canvas)
        fields = Row.detailColumns.compactMap { column in
            let value = column.value(row, state.now)
            if value == .none || value == .text("") { return nil }
            let text: String
            if case .time(let time) = value {
                let age = canvas.age(state.now.timeIntervalSince(time))
                text = "\(canvas.format.dateAndTime(time)), \(age) ago"
            } else {
                text = canvas.format.text(value, column.kind, now: state.now) + (column.kind == .rate ? "/s" : "")
            }
            let look = row.look(column, value, context)
            let isJudged = look.role == .warning || look.role == .critical
            return (Self.label(column.key.rawValue), text, isJudged ? look.role : .text)
        }
        fields += row.moreFields.map { ($0.label, $0.value, .text) }
        fields += LagFields(row, state: state, canvas: canvas).fields
        fields = FindingFields(row, state: state, canvas: canvas).fields + fields
        if let endedAt {
            let age = canvas.age(state.now.timeIntervalSince(endedAt))
            var ends: [(label: String, value: String, role: Role)] = [
                ("ended", "\(canvas.format.dateAndTime(endedAt)), \(age) ago: what follows is how it was", .critical)
            ]
            if let why = state.end(of: id) { ends.append(("why", why, .critical)) }
            fields = ends + fields
        }
    }

    /// Formats a key such as `dead_letter_exchange` with blanks; the unit is part of the value.
    private static func label(_ key: String) -> String {
        let name = key.hasSuffix("_s") ? String(key.dropLast(2)) : key
        return name.replacingOccurrences(of: "_", with: " ")
    }

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height >= 2, rect.width >= 8 else { return }
        canvas.target(rect, .detail)
        let body = rect.inset(left: 1, top: 1, right: 1)
        let blocks = self.blocks(width: body.width, height: body.height)
        let heights = blocks.map { height($0, pane: body.height) }
        let total = heights.reduce(0, +)
        canvas.limits.detail = max(0, total - body.height)
        let scroll = min(max(0, state.detailScroll), canvas.limits.detail)
        let trailing: [Span]
        if total > body.height {
            let arrows =
                (scroll > 0 ? String(canvas.marks.up) : " ")
                + (scroll + body.height < total ? String(canvas.marks.down) : " ")
            let last = min(total, scroll + body.height)
            trailing = [Span("\(arrows) \(scroll + 1)\(canvas.marks.range)\(last)/\(total)", .muted)]
        } else {
            trailing = []
        }
        let room = max(4, rect.width - kind.count - Span.width(trailing) - 10)
        canvas.rule(
            rect, title: [Span(kind + " ", .muted), Span(Text.truncated(title, to: room), .panelTitle)],
            trailing: [trailing])
        var y = body.minY - scroll
        // Blocks extend over the pane's edges while it scrolls.
        canvas.clipped(to: body) { canvas in
            for (block, height) in zip(blocks, heights) {
                defer { y += height }
                guard y < body.maxY, y + height > body.minY else { continue }
                draw(block, in: Rect(x: body.minX, y: y, width: body.width, height: height), on: &canvas)
            }
        }
    }

    // MARK: Blocks

    private func height(_ block: Block, pane: Int) -> Int {
        switch block {
        case .blank, .heading, .note: 1
        case .field(_, let lines, _): lines.count
        case .depth: pane >= 30 ? 11 : 9
        case .rates, .chart, .comparison: pane >= 30 ? 9 : 7
        }
    }

    private func blocks(width: Int, height: Int) -> [Block] {
        var blocks: [Block] = []
        let charts = charts()
        let isTall = height >= 20
        if isTall { for chart in charts { blocks += [chart, .blank] } }
        blocks += lines(fields, width: width)
        for section in story where !section.fields.isEmpty {
            blocks += [.blank, .heading(section.title)]
            blocks += lines(section.fields.map { ($0.label, $0.value, .text) }, width: width)
        }
        if let detail = state.detail, detail.row == id {
            // The row's values are newer, and are not repeated.
            let said = Set(fields.map(\.label)).union(Self.saidOtherwise(id))
            var age: Double? = state.now.timeIntervalSince(detail.at)
            for section in detail.sections {
                let fields = section.fields.filter { !said.contains($0.label) }
                guard !fields.isEmpty else { continue }
                blocks += [.blank, .heading(section.title, age: age)]
                blocks += lines(fields.map { ($0.label, $0.value, .text) }, width: width)
                age = nil
            }
        } else if asksForMore, !state.isPresent {
            blocks += [.blank, .note("further details are not recorded", .faint)]
        } else if asksForMore, endedAt == nil {
            blocks += [.blank, .note("asking the broker for more", .faint)]
        }
        if !isTall { for chart in charts { blocks += [.blank, chart] } }
        for chart in lesserCharts() { blocks += [.blank, chart] }
        return blocks
    }

    /// Returns the fields of the broker's details that the row has under another name with newer values.
    private static func saidOtherwise(_ id: RowID) -> [String] {
        switch id {
        case .queue: ["total", "process memory"]
        case .consumer: ["acknowledges", "activity", "channel"]
        case .connection: ["name", "client name"]
        case .channel: ["name", "confirms"]
        case .node: ["disk limit", "file descriptors", "file descriptor limit", "Erlang processes", "being drained"]
        case .overview, .exchange, .event, .client, .lab, .named: []
        }
    }

    /// What an event is related to, or the progress of an experiment.
    private var story: [DetailSection] {
        switch id {
        case .event: state.events.row(id).map(state.story(of:)) ?? []
        case .lab: state.lab.row(id).map(state.story(of:)) ?? []
        case .overview, .queue, .connection, .channel, .consumer, .exchange, .node, .client, .named: []
        }
    }

    /// Whether the broker has further details of such a row.
    private var asksForMore: Bool {
        switch id {
        case .queue, .connection, .channel, .exchange, .node: true
        case .overview, .consumer, .event, .client, .lab, .named: false
        }
    }

    private func lines(_ fields: [(label: String, value: String, role: Role)], width: Int) -> [Block] {
        let labelWidth = Self.labelWidth(width)
        return fields.map { field in
            .field(
                label: field.label, lines: Wrap.words(Text.visible(field.value), width: max(8, width - labelWidth - 1)),
                role: field.role)
        }
    }

    private static func labelWidth(_ width: Int) -> Int { width >= 56 ? 22 : width >= 36 ? 16 : 12 }

    /// Returns the charts of the row; while another row is compared, one chart of each figure with both.
    private func charts() -> [Block] {
        guard let subject = state.chartSubject(of: id) else { return [] }
        let figures = figures(of: subject)
        if let other = state.overlaid(on: id), let otherSubject = state.chartSubject(of: other) {
            let names = [ownName, other.comparedName?.text ?? ""]
            return State.chartMetrics(of: id).map { metric in
                .comparison(
                    ComparisonChart(
                        metric: metric, figures: figures, name: names[0], others: self.figures(of: otherSubject),
                        otherName: names[1]))
            }
        }
        switch id {
        case .queue: return [.depth(figures), .rates(figures)]
        case .consumer: return [.depth(figures)]
        case .connection:
            let chart = Chart(
                curves: [figures.curve(.receiveRate), figures.curve(.sendRate, style: .dashed)], kind: .bytesPerSecond)
            return [.chart(title: "Bytes", chart)]
        case .channel: return [figures.chart(.unacked), .rates(figures)]
        case .node: return [figures.chart(.memory)]
        case .lab:
            let depth = Chart(curves: [figures.curve(.ready)], kind: .count)
            let rates = Chart(
                curves: [
                    figures.curve(.publishRate), figures.curve(.deliverRate, name: "consume", style: .dashed),
                ], kind: .rate)
            return [.chart(title: "Messages in its queues", depth), .chart(title: "Rates /s", rates)]
        case .overview, .exchange, .event, .client, .named: return []
        }
    }

    /// Returns the charts that stand below everything else.
    private func lesserCharts() -> [Block] {
        guard state.overlaid(on: id) == nil, let subject = state.chartSubject(of: id) else { return [] }
        let figures = figures(of: subject)
        switch id {
        case .queue:
            let isRedelivered = figures[.redeliverRate].points.contains { $0.high > 0 }
            return [figures.chart(.consumers)] + (isRedelivered ? [figures.chart(.redeliverRate)] : [])
        case .node: return [figures.chart(.diskFree)]
        case .consumer, .connection, .channel, .lab, .overview, .exchange, .event, .client, .named: return []
        }
    }

    private func figures(of subject: History.Subject) -> Figures {
        Figures(history: state.history, subject: subject, window: state.chartWindow(of: id))
    }

    /// The name in the legend of charts.
    private var ownName: String {
        if case .consumer(let consumer) = id { return consumer.queue.name.text }
        return id.comparedName?.text ?? title
    }

    private func draw(_ block: Block, in rect: Rect, on canvas: inout Canvas) {
        switch block {
        case .blank: break
        case .heading(let text, let age):
            let spans = [Span(text, .accent)] + (age.map { [Span("  \(canvas.age($0)) old", .faint)] } ?? [])
            canvas.write(spans, x: rect.minX, y: rect.minY, width: rect.width)
        case .note(let text, let role): canvas.write(text, x: rect.minX, y: rect.minY, role, width: rect.width)
        case .field(let label, let lines, let role):
            let labelWidth = Self.labelWidth(rect.width)
            canvas.field(label, x: rect.minX, y: rect.minY, width: labelWidth, .muted)
            for (index, line) in lines.enumerated() {
                canvas.write(
                    line, x: rect.minX + labelWidth + 1, y: rect.minY + index, role,
                    width: rect.width - labelWidth - 1)
            }
        case .depth(let figures): DepthCharts(title: "Depth", figures: figures).draw(in: rect, on: &canvas)
        case .rates(let figures): RateChart(figures: figures).draw(in: rect, on: &canvas)
        case .chart(let title, let chart):
            let window = state.chartWindow(of: id)
            chart.draw(title: Chart.title(title, window), in: rect, time: window, on: &canvas)
        case .comparison(let chart): chart.draw(in: rect, on: &canvas)
        }
    }
}

extension Figures {
    /// Returns a chart of one figure.
    fileprivate func chart(_ metric: History.Metric) -> DetailPanel.Block {
        let unit = metric.unit.isEmpty ? "" : " " + metric.unit
        return .chart(title: metric.title + unit, Chart(curves: [curve(metric)], kind: metric.kind))
    }
}
