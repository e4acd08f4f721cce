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
        case depth(ready: History.Series, unacked: History.Series)
        case rates(publish: History.Series, deliver: History.Series, ack: History.Series)
        case chart(title: String, Chart)
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
        let span = TimeSpan(fitting: allSeries(blocks), now: state.now)
        // Blocks extend over the pane's edges while it scrolls.
        canvas.clipped(to: body) { canvas in
            for (block, height) in zip(blocks, heights) {
                defer { y += height }
                guard y < body.maxY, y + height > body.minY else { continue }
                draw(
                    block, in: Rect(x: body.minX, y: y, width: body.width, height: height), time: span, on: &canvas)
            }
        }
    }

    // MARK: Blocks

    private func height(_ block: Block, pane: Int) -> Int {
        switch block {
        case .blank, .heading, .note: 1
        case .field(_, let lines, _): lines.count
        case .depth: pane >= 30 ? 11 : 9
        case .rates, .chart: pane >= 30 ? 9 : 7
        }
    }

    private func allSeries(_ blocks: [Block]) -> [History.Series] {
        blocks.flatMap { block -> [History.Series] in
            switch block {
            case .blank, .heading, .field, .note: []
            case .depth(let ready, let unacked): [ready, unacked]
            case .rates(let publish, let deliver, let ack): [publish, deliver, ack]
            case .chart(_, let chart): chart.curves.map(\.series)
            }
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
        } else if asksForMore, endedAt == nil {
            blocks += [.blank, .note("asking the broker for more", .faint)]
        }
        if !isTall { for chart in charts { blocks += [.blank, chart] } }
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
        case .overview, .exchange, .event, .client, .lab: []
        }
    }

    /// What an event is related to, or the progress of an experiment.
    private var story: [DetailSection] {
        switch id {
        case .event: state.events.row(id).map(state.story(of:)) ?? []
        case .lab: state.lab.row(id).map(state.story(of:)) ?? []
        case .overview, .queue, .connection, .channel, .consumer, .exchange, .node, .client: []
        }
    }

    /// Whether the broker has further details of such a row.
    private var asksForMore: Bool {
        switch id {
        case .queue, .connection, .channel, .exchange, .node: true
        case .overview, .consumer, .event, .client, .lab: false
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

    private func charts() -> [Block] {
        func series(_ subject: History.Subject, _ metric: History.Metric) -> History.Series {
            state.history[subject, metric]
        }
        func flows(_ subject: History.Subject) -> Block {
            .rates(
                publish: series(subject, .publishRate), deliver: series(subject, .deliverRate),
                ack: series(subject, .ackRate))
        }
        switch id {
        case .queue(let queue):
            return [
                .depth(ready: series(.queue(queue), .ready), unacked: series(.queue(queue), .unacked)),
                flows(.queue(queue)),
            ]
        case .consumer(let consumer):
            let queue = History.Subject.queue(consumer.queue)
            return [.depth(ready: series(queue, .ready), unacked: series(queue, .unacked))]
        case .connection(let name):
            let chart = Chart(
                curves: [
                    .init(
                        name: "received", series: series(.connection(name), .receiveRate), role: .publish, style: .line),
                    .init(name: "sent", series: series(.connection(name), .sendRate), role: .deliver, style: .dashed),
                ], kind: .bytesPerSecond)
            return [.chart(title: "Bytes", chart)]
        case .channel(let channel):
            let unacked = Chart(
                curves: [
                    .init(name: "unacked", series: series(.channel(channel), .unacked), role: .unacked, style: .area)
                ],
                kind: .count)
            return [.chart(title: "Unacked", unacked), flows(.channel(channel))]
        case .node(let name):
            let memory = Chart(
                curves: [.init(name: "memory", series: series(.node(name), .memory), role: .ready, style: .area)],
                kind: .bytes)
            return [.chart(title: "Memory", memory)]
        case .lab(let lab):
            guard let run = state.lab.row(id)?.run else { return [] }
            let subject = History.Subject.lab(lab, startedAt: run.startedAt)
            let depth = Chart(
                curves: [.init(name: "ready", series: series(subject, .ready), role: .ready, style: .area)],
                kind: .count)
            let rates = Chart(
                curves: [
                    .init(name: "publish", series: series(subject, .publishRate), role: .publish, style: .line),
                    .init(name: "consume", series: series(subject, .deliverRate), role: .deliver, style: .dashed),
                ], kind: .rate)
            return [.chart(title: "Messages in its queues", depth), .chart(title: "Rates /s", rates)]
        case .overview, .exchange, .event, .client: return []
        }
    }

    private func draw(_ block: Block, in rect: Rect, time: TimeSpan, on canvas: inout Canvas) {
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
        case .depth(let ready, let unacked):
            DepthCharts(title: "Depth", ready: ready, unacked: unacked).draw(in: rect, time: time, on: &canvas)
        case .rates(let publish, let deliver, let ack):
            RateChart(publish: publish, deliver: deliver, ack: ack).draw(in: rect, time: time, on: &canvas)
        case .chart(let title, let chart):
            canvas.rule(
                rect, title: [Span(title, .panelTitle)],
                trailing: [chart.legend(canvas), chart.legend(canvas, values: false)])
            chart.draw(in: rect.inset(top: 1), time: time, on: &canvas)
        }
    }
}
