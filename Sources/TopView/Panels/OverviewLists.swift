import Faults
import Foundation
import Names
import Screen
import TopCore

/// The queues with the most messages.
struct QueuesPanel {
    let state: State

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height >= 2 else { return }
        canvas.rule(
            rect, title: [Span("Busiest queues", .panelTitle)],
            trailing: [state.vhost.map { [Span("vhost ", .muted), Span($0.text, .accent)] } ?? []])
        let body = rect.inset(left: 1, top: 1, right: 1)
        let rows = Self.busiest(body.height - 1, of: state.queues, in: state.vhost)
        guard !rows.isEmpty else {
            let text =
                state.queues.at != nil
                ? "no queues" : state.isPresent ? "waiting for the queues" : "not known at this time"
            canvas.write(text, x: body.minX, y: body.minY, .faint, width: body.width)
            return
        }
        let widths = body.width >= 46 ? [9, 9, 5] : [9, 8, 5]
        let barWidth = body.width >= 64 ? min(20, body.width - 54) : 0
        let numbers = widths.reduce(0) { $0 + $1 + 1 } + (barWidth > 0 ? barWidth + 2 : 0)
        let nameWidth = max(6, body.width - numbers)
        var x = body.minX + nameWidth + (barWidth > 0 ? barWidth + 2 : 0)
        canvas.write("queue", x: body.minX, y: body.minY, .faint)
        for (title, width) in zip(["ready", "unacked", "cons"], widths) {
            canvas.field(title, x: x + 1, y: body.minY, width: width, .faint, alignment: .trailing)
            x += width + 1
        }
        let context = LookContext(state, canvas)
        let isOneVhost = state.vhost != nil || state.vhosts.count < 2
        let most = Double(rows.first?.messages ?? 0)
        for (index, row) in rows.enumerated() {
            let y = body.minY + 1 + index
            // A name in the default vhost that could be mistaken for one of another vhost is also shown with its vhost.
            // With little room the vhost is shown only when it is necessary.
            let isAlone = !rows.contains { $0.rowID != row.rowID && $0.name == row.name }
            let isPlain =
                isOneVhost || (row.vhost == "/" && !row.name.contains("/")) || (nameWidth < 20 && isAlone)
            let prefix = isPlain ? "" : "\(row.vhost)/"
            let name = prefix + row.name.text
            if TextWidth.columns(of: name) < nameWidth {
                canvas.write([Span(prefix, .muted), Span(row.name.text)], x: body.minX, y: y, width: nameWidth - 1)
            } else {
                let cut = Text.shortened(name, to: nameWidth - 1, ellipsis: canvas.marks.ellipsis)
                canvas.write(cut, x: body.minX, y: y, width: nameWidth - 1)
            }
            var x = body.minX + nameWidth
            if barWidth > 0 {
                let share = most > 0 ? Double(row.messages ?? 0) / most : 0
                canvas.bar(share, x: x + 1, y: y, width: barWidth, .ready)
                x += barWidth + 2
            }
            let figures: [(QueueColumn, Int?)] = [
                (.ready, row.ready?.value), (.unacked, row.unacked?.value), (.consumers, row.consumers?.value),
            ]
            for ((key, value), width) in zip(figures, widths) {
                let look = row.look(QueueRow.column(key), Value(value), context)
                let text = canvas.count(value, width: width)
                canvas.field(text, x: x + 1, y: y, width: width, look.role, alignment: .trailing)
                if let mark = look.mark { canvas.write(String(mark), x: x + 1 + width, y: y, look.markRole, width: 1) }
                x += width + 1
            }
            canvas.selectable(.queue(row.id), in: body.row(index + 1).expanded, state.overview)
        }
    }

    /// Returns the queues with the most messages, of one vhost or all, found in one pass. The table may have rows of other
    /// vhosts: the whole broker is watched.
    static func busiest(_ count: Int, of table: Table<QueueRow>, in vhost: Name?) -> [QueueRow] {
        guard count > 0 else { return [] }
        let rows = table.rows
        var best: [(place: Int, messages: Int)] = []
        for place in rows.indices where vhost == nil || rows[place].vhost == vhost {
            let messages = rows[place].messages ?? 0
            if best.count == count, let last = best.last, messages <= last.messages { continue }
            let position = best.firstIndex { $0.messages < messages } ?? best.endIndex
            best.insert((place, messages), at: position)
            if best.count > count { best.removeLast() }
        }
        return best.map { rows[$0.place] }
    }
}

/// The nodes with their memory and disk.
struct NodesPanel {
    let state: State

    private var nodes: [NodeRow] { state.cluster?.nodes ?? [] }
    /// The number of rows wanted.
    var rows: Int { max(1, nodes.count) + 1 }

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height >= 2 else { return }
        canvas.rule(rect, title: [Span("Nodes", .panelTitle)])
        let body = rect.inset(left: 1, top: 1, right: 1)
        guard !nodes.isEmpty else {
            let words = state.isPresent ? "not known yet" : "not known at this time"
            canvas.write(words, x: body.minX, y: body.minY, .faint, width: body.width)
            return
        }
        // Nodes with problems first: there may not be room for all.
        let sorted = nodes.enumerated().sorted { left, right in
            let ranks = [left, right].map { $0.element.alert(LookContext(state, canvas)) == nil ? 1 : 0 }
            return (ranks[0], left.offset) < (ranks[1], right.offset)
        }.map(\.element)
        for (index, node) in sorted.prefix(body.height).enumerated() {
            let more = index == body.height - 1 ? sorted.count - body.height : 0
            drawNode(node, in: body.row(index), on: &canvas)
            if more > 0 {
                let text = " +\(more)"
                canvas.write(text, x: body.maxX - text.count, y: body.row(index).minY, .muted)
            }
            canvas.selectable(.node(node.name), in: body.row(index).expanded, state.overview)
        }
    }

    private func drawNode(_ node: NodeRow, in line: Rect, on canvas: inout Canvas) {
        let isNarrow = line.width < 50
        let figures = isNarrow ? 28 : 36
        let nameWidth = max(8, line.width - figures)
        let full = node.name.text
        let short = WorstNode.short(full, among: state.cluster?.nodes ?? [])
        let name = TextWidth.columns(of: full) < nameWidth ? full : short
        canvas.field(name, x: line.minX, y: line.minY, width: nameWidth - 1, node.running ? .text : .critical)
        let x = line.minX + nameWidth
        guard node.running else {
            canvas.write("\(canvas.marks.alert) DOWN", x: x, y: line.minY, .critical, width: line.maxX - x)
            return
        }
        var spans: [Span] = []
        if node.maintenance == true {
            let memory = WorstNode.memory(node).map { "  mem \($0.percent)%" } ?? ""
            spans = [Span("\(canvas.marks.alert) maintenance", .warning), Span(memory, .muted)]
            canvas.write(spans, x: x, y: line.minY, width: line.maxX - x)
            return
        }
        let barWidth = isNarrow ? 4 : 6
        if let memory = WorstNode.memory(node) {
            canvas.write("mem", x: x, y: line.minY, .muted)
            canvas.bar(memory.fraction, x: x + 4, y: line.minY, width: barWidth, memory.role)
            let role: Role = memory.role == .good ? .text : memory.role
            spans = [Span(Text.padded("\(memory.percent)%", to: 5, alignment: .trailing), role)]
            if memory.isAlarm { spans.append(Span(" \(canvas.marks.alert) ALARM", .critical)) }
        }
        if let disk = WorstNode.disk(node), node.memoryAlarm != true {
            let role: Role = disk.role == .good ? .text : disk.role
            let free =
                isNarrow ? canvas.format.bytes(disk.free, width: 5) : canvas.format.bytes(disk.free, width: 8) + " free"
            spans += [Span("  disk ", .muted), Span(free, role)]
            if disk.isAlarm { spans.append(Span(" \(canvas.marks.alert) ALARM", .critical)) }
        }
        canvas.write(spans, x: x + 4 + barWidth, y: line.minY, width: max(0, line.maxX - x - 4 - barWidth))
    }
}

/// Churn of connections and channels.
struct ChurnPanel {
    static let rows = 5
    let overview: OverviewRow

    func draw(in rect: Rect, on canvas: inout Canvas) {
        canvas.rule(rect, title: [Span("Churn", .panelTitle), Span(" /s", .muted)])
        let body = rect.inset(left: 1, top: 1, right: 1)
        let lines: [(String, Double?, String, Double?, String)] = [
            ("Connections", overview.connectionOpenRate, "opened", overview.connectionCloseRate, "closed"),
            ("Channels", overview.channelOpenRate, "opened", overview.channelCloseRate, "closed"),
            ("Unroutable", overview.unroutableRate, "", nil, ""),
        ]
        for (index, line) in lines.enumerated() where index < body.height {
            let y = body.row(index).minY
            func figure(_ value: Double?, isBad: Bool) -> Span {
                let text = canvas.rate(value, width: 7)
                let isQuiet = (value ?? 0) < 0.05
                return Span(Text.padded(text, to: 8, alignment: .trailing), isQuiet ? .faint : isBad ? .warning : .text)
            }
            var spans = [Span(Text.padded(line.0, to: 12), .muted), figure(line.1, isBad: index == 2)]
            if !line.2.isEmpty {
                spans += [Span(" \(line.2) ", .muted), figure(line.3, isBad: false), Span(" \(line.4)", .muted)]
            } else if (line.1 ?? 0) >= 0.05 {
                spans.append(Span(" \(canvas.marks.alert) no queue takes them", .warning))
            }
            canvas.write(spans, x: body.minX, y: y, width: body.width)
        }
    }
}
