import Foundation
import Screen
import TopCore

/// The header of every view: the cluster, the freshness, and the most important figures.
struct HeaderPanel {
    let state: State
    let freshness: Freshness
    private let overview: OverviewRow?
    private let totals: MessageTotals?

    init(_ state: State) {
        self.state = state
        freshness = Freshness(state)
        overview = state.cluster?.overview
        totals = state.totals
    }

    func draw(_ kind: ScreenLayout.Header, in rect: Rect, on canvas: inout Canvas) {
        let rect = rect.inset(x: 1, y: 0)
        switch kind {
        case .line: drawLine(in: rect, on: &canvas)
        case .pair:
            identityLine(canvas, withFigures: false).draw(in: rect.row(0), on: &canvas)
            SegmentLine(segments: messages(canvas, spark: 0) + objects(canvas, from: 4) + resources(canvas, from: 7))
                .draw(in: rect.row(1), on: &canvas)
        case .lines:
            identityLine(canvas, withFigures: false).draw(in: rect.row(0), on: &canvas)
            let spark = min(24, max(0, (rect.width - 64) / 2))
            SegmentLine(segments: messages(canvas, spark: spark)).draw(in: rect.row(1), on: &canvas)
            SegmentLine(segments: objects(canvas, from: 0) + resources(canvas, from: 1))
                .draw(in: rect.row(2), on: &canvas)
        case .grid: drawGrid(in: rect, on: &canvas)
        }
    }

    // MARK: Identity

    private func identityLine(_ canvas: Canvas, withFigures: Bool) -> SegmentLine {
        var segments: [SegmentLine.Segment] = []
        let name = Text.truncated(
            state.cluster?.name ?? (state.options.target.isEmpty ? "rabbittop" : state.options.target), to: 40,
            ellipsis: canvas.marks.ellipsis)
        segments.append(.init([Span(name, .brand)], priority: 0))
        if let version = state.cluster?.version {
            segments.append(.init([Span("RabbitMQ ", .muted), Span(version, .text)], priority: 2))
        }
        if let running = overview?.nodesRunning, let all = overview?.nodes {
            let whole = running == all
            let text = whole ? "\(all) node\(all == 1 ? "" : "s")" : "\(running) of \(all) nodes up"
            segments.append(
                .init([Span(whole ? text : "\(canvas.marks.alert) \(text)", whole ? .muted : .critical)], priority: 3))
        }
        segments.append(.init(FindingCount(state.marks).spans(canvas), priority: 1))
        if withFigures { segments += messages(canvas, spark: 0) }
        if let age = totalsAge {
            segments.append(.init([Span("totals \(canvas.age(age)) old", .muted)], priority: 3))
        }
        var freshness = freshness.spans(canvas)
        if self.freshness.isLive { freshness.append(Span(" every " + interval(canvas), .muted)) }
        segments.append(.init(freshness, priority: 1, isTrailing: true))
        if state.options.readOnly {
            segments.append(.init([Span(" read-only ", .badge)], priority: 2, isTrailing: true))
        }
        segments.append(
            .init([Span(canvas.format.clock(canvas.now, now: canvas.now), .muted)], priority: 4, isTrailing: true))
        return SegmentLine(segments: segments)
    }

    /// The age of the message totals, when they are shown above rows of a different time and may differ from their sum.
    private var totalsAge: Double? {
        guard let totals, !totals.isSumOfRows, freshness.isLive, state.queues.at != nil,
            state.view == .queues || state.view == .overview
        else { return nil }
        return state.now.timeIntervalSince(totals.at)
    }

    private func interval(_ canvas: Canvas) -> String { canvas.format.duration(state.interval) }

    private func drawLine(in rect: Rect, on canvas: inout Canvas) {
        var segments: [SegmentLine.Segment] = []
        let name = Text.truncated(
            state.cluster?.name ?? (state.options.target.isEmpty ? "rabbittop" : state.options.target), to: 14,
            ellipsis: canvas.marks.ellipsis)
        segments.append(.init([Span(name, .brand)], priority: 1))
        segments.append(.init(FindingCount(state.marks).shortSpans(canvas), priority: 1))
        if let alarms = overview?.alarms, !alarms.isEmpty {
            segments.append(
                .init(
                    [Span("\(canvas.marks.alert)\(alarms.count) alarm\(alarms.count == 1 ? "" : "s")", .critical)],
                    priority: 2))
        }
        segments += messages(canvas, spark: 0, from: 3)
        var spans = freshness.spans(canvas)
        // There is room for one short word only.
        switch freshness {
        case .lost(let age):
            spans = [Span("\(canvas.marks.alert) LOST \(canvas.age(age))", .critical)]
        case .frozen: spans = [Span(" FROZEN ", .badgeWarning)]
        case .connecting, .denied, .unreachable, .live, .old: break
        }
        segments.append(.init(spans, priority: 0, isTrailing: true))
        SegmentLine(segments: segments).draw(in: rect.row(0), on: &canvas)
    }

    // MARK: Figures

    /// Whether connections and channels are counted only for this user.
    private var showsOwnOnly: Bool { state.cluster?.gaps.contains(.otherConnections) ?? false }

    /// The role of figures: those that are not current are muted.
    private var figureRole: Role { freshness.isLive ? .strong : .muted }

    private func role(_ value: Int?) -> Role { (value ?? 0) == 0 ? .muted : figureRole }
    private func role(_ value: Double?) -> Role { (value ?? 0) < 0.05 ? .muted : figureRole }

    private func sparkline(_ metric: History.Metric, width: Int, _ canvas: Canvas) -> String {
        guard width > 0 else { return "" }
        let axis = TimeAxis(now: canvas.now, span: Double(width) * 5, bins: width)
        return Sparkline.text(axis.values(state.history[.cluster, metric]), repertoire: canvas.repertoire)
    }

    private func messages(_ canvas: Canvas, spark: Int, from priority: Int = 0) -> [SegmentLine.Segment] {
        func figure(_ label: String, _ text: String, _ role: Role, width: Int, _ priority: Int) -> SegmentLine.Segment {
            .init([Span(label + " ", .muted), Span(text, role)], width: label.count + 1 + width, priority: priority)
        }
        func flow(
            _ label: String, _ value: Double?, _ metric: History.Metric, _ color: Role, _ priority: Int
        ) -> SegmentLine.Segment {
            let text = canvas.rate(value, width: 6) + "/s"
            var spans = [Span(label + " ", .muted), Span(Text.padded(text, to: 8), role(value))]
            if spark > 2 {
                spans.append(Span(" " + sparkline(metric, width: spark, canvas), freshness.isLive ? color : .faint))
            }
            return .init(spans, width: label.count + 9 + (spark > 2 ? spark + 1 : 0), priority: priority)
        }
        return [
            figure("ready", canvas.count(totals?.ready, width: 9), role(totals?.ready), width: 9, priority),
            figure(
                "unacked", canvas.count(totals?.unacked, width: 7), role(totals?.unacked), width: 7, priority + 1),
            flow("pub", overview?.publishRate, .publishRate, .publish, priority + 2),
            flow("dlv", overview?.deliverRate, .deliverRate, .deliver, priority + 3),
        ]
    }

    private func objects(_ canvas: Canvas, from priority: Int) -> [SegmentLine.Segment] {
        func figure(_ label: String, _ value: Int?, _ offset: Int) -> SegmentLine.Segment {
            .init(
                [Span(label + " ", .muted), Span(canvas.count(value, width: 6), role(value))],
                width: label.count + 1 + 6, priority: priority + offset)
        }
        return [
            figure(showsOwnOnly ? "own conn" : "conn", state.count(of: .connections), 0),
            figure(showsOwnOnly ? "own chan" : "chan", state.count(of: .channels), 1),
            figure("cons", state.count(of: .consumers), 2),
        ]
    }

    private func resources(_ canvas: Canvas, from priority: Int) -> [SegmentLine.Segment] {
        var segments: [SegmentLine.Segment] = []
        let worst = WorstNode(state.cluster?.nodes ?? [])
        if let memory = worst.memory {
            segments.append(
                .init(
                    [
                        Span("mem ", .muted), Span(Self.bar(memory.fraction, 5, canvas), memory.role),
                        Span(" \(memory.percent)%", memory.role == .good ? figureRole : memory.role),
                    ], width: 14, priority: priority + 1))
        }
        if let disk = worst.disk {
            segments.append(
                .init(
                    [
                        Span("disk ", .muted),
                        Span(canvas.format.bytes(disk.free, width: 5), disk.role == .good ? figureRole : disk.role),
                    ], width: 10, priority: priority + 2))
        }
        segments.append(.init(alarms(canvas, short: true), priority: priority, isTrailing: true))
        return segments
    }

    private static func bar(_ fraction: Double, _ width: Int, _ canvas: Canvas) -> String {
        let full = Bar.filled(fraction, of: width)
        return String(repeating: canvas.marks.barFull, count: full)
            + String(repeating: canvas.marks.barEmpty, count: width - full)
    }

    private func alarms(_ canvas: Canvas, short: Bool) -> [Span] {
        guard let alarms = overview?.alarms else { return [Span(short ? "alarms ?" : canvas.marks.unknown, .muted)] }
        if alarms.isEmpty { return [Span(short ? "no alarms" : "none", .muted)] }
        let text = short ? "\(alarms.count) alarm\(alarms.count == 1 ? "" : "s")" : alarms.joined(separator: ", ")
        return [Span(" \(canvas.marks.alert) \(text) ", .badgeCritical)]
    }

    // MARK: The large form

    private func drawGrid(in rect: Rect, on canvas: inout Canvas) {
        identityLine(canvas, withFigures: false).draw(in: rect.row(0), on: &canvas)
        let spark = min(48, max(12, (rect.width - 88) / 2))
        let widths = [21, 19 + spark, 20]
        let rows = rect.inset(top: 1)
        var x = rows.minX
        for (label, value, row) in [
            ("Ready", totals?.ready, 0), ("Unacked", totals?.unacked, 1), ("Total", totals?.messages, 2),
        ] {
            figure(label, canvas.count(value, width: 11), role(value), x: x, y: rows.minY + row, 9, 11, &canvas)
        }
        x += widths[0] + 3
        let flows: [(String, Double?, History.Metric, Role)] = [
            ("Publish", overview?.publishRate, .publishRate, .publish),
            ("Deliver", overview?.deliverRate, .deliverRate, .deliver),
            ("Ack", overview?.ackRate, .ackRate, .ack),
        ]
        for (row, flow) in flows.enumerated() {
            let text = canvas.rate(flow.1, width: 7) + "/s"
            figure(flow.0, text, role(flow.1), x: x, y: rows.minY + row, 8, 9, &canvas)
            canvas.write(
                sparkline(flow.2, width: spark, canvas), x: x + 18, y: rows.minY + row,
                freshness.isLive ? flow.3 : .faint)
        }
        x += widths[1] + 3
        for (label, value, row) in [
            (showsOwnOnly ? "Own conns" : "Connections", state.count(of: .connections), 0),
            (showsOwnOnly ? "Own chans" : "Channels", state.count(of: .channels), 1),
            ("Consumers", state.count(of: .consumers), 2),
        ] {
            figure(label, canvas.count(value, width: 7), role(value), x: x, y: rows.minY + row, 12, 7, &canvas)
        }
        x += widths[2] + 3
        drawResources(x: x, rows: rows, on: &canvas)
    }

    private func figure(
        _ label: String, _ text: String, _ role: Role, x: Int, y: Int, _ labelWidth: Int, _ width: Int,
        _ canvas: inout Canvas
    ) {
        canvas.write(label, x: x, y: y, .muted)
        canvas.field(text, x: x + labelWidth, y: y, width: width, role, alignment: .trailing)
    }

    private func drawResources(x: Int, rows: Rect, on canvas: inout Canvas) {
        let room = rows.maxX - x
        guard room > 8 else { return }
        let nodes = state.cluster?.nodes ?? []
        let worst = WorstNode(nodes)
        canvas.write("Memory", x: x, y: rows.minY, .muted)
        canvas.write("Disk", x: x, y: rows.minY + 1, .muted)
        canvas.write("Alarms", x: x, y: rows.minY + 2, .muted)
        let left = x + 8
        if worst.memory == nil { canvas.write(canvas.marks.unknown, x: left, y: rows.minY, .muted) }
        if worst.disk == nil { canvas.write(canvas.marks.unknown, x: left, y: rows.minY + 1, .muted) }
        if let memory = worst.memory {
            canvas.bar(memory.fraction, x: left, y: rows.minY, width: 6, memory.role)
            canvas.write(
                [
                    Span(
                        Text.padded("\(memory.percent)%", to: 4, alignment: .trailing) + " ",
                        memory.role == .good ? figureRole : memory.role),
                    Span(WorstNode.short(memory.node, among: nodes), .muted),
                ], x: left + 7, y: rows.minY, width: max(0, room - 15))
        }
        if let disk = worst.disk {
            canvas.bar(disk.fraction, x: left, y: rows.minY + 1, width: 6, disk.role)
            let host = " " + WorstNode.short(disk.node, among: nodes)
            let free = canvas.format.bytes(disk.free, width: 8) + " free"
            let isRoomy = free.count + TextWidth.columns(of: host) <= room - 15
            let text = isRoomy ? free : canvas.format.bytes(disk.free, width: 8)
            canvas.write(
                [Span(text, disk.role == .good ? figureRole : disk.role), Span(host, .muted)], x: left + 7,
                y: rows.minY + 1, width: max(0, room - 15))
        }
        canvas.write(alarms(canvas, short: false), x: left, y: rows.minY + 2, width: max(0, room - 8))
    }
}
