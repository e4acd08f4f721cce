import Foundation
import Names
import Screen
import TopCore

/// The lines at the foot: what runs, what just happened, how old the sources are, and the keys.
struct FooterPanel {
    let state: State

    /// The keys that apply, as many as there is room for; those for help and leaving always.
    func drawKeys(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        let keys = Bindings.footer(for: state)
        // A key that is named for what it does is named once.
        let labels = keys.map { $0.label == $0.keyLabel ? "" : " " + $0.label }
        let widths = zip(keys, labels).map { TextWidth.columns(of: $0.keyLabel) + $1.count + 2 }
        // Where there is no room for all, these are worth more than the others.
        let essential = keys.indices.filter { Self.isEssential(keys[$0].command) }
        var room = rect.width
        var shown: Set<Int> = []
        let undo = keys.indices.filter { keys[$0].command == .undoFaults }
        let others = keys.indices.filter { !essential.contains($0) && !undo.contains($0) }
        for index in essential + undo + others {
            guard widths[index] <= room else { break }
            room -= widths[index]
            shown.insert(index)
        }
        var x = rect.minX + 1
        for index in keys.indices where shown.contains(index) {
            let key = keys[index]
            let area = Rect(x: x, y: rect.minY, width: widths[index] - 2, height: 1)
            canvas.write(
                [Span(key.keyLabel, .key), Span(labels[index], .keyText)], x: x, y: rect.minY,
                width: max(0, rect.maxX - x))
            canvas.target(area, .command(key.command))
            x += widths[index]
        }
    }

    private static func isEssential(_ command: Command) -> Bool {
        switch command {
        case .help, .quit, .back, .open, .filter, .accept: true
        default: false
        }
    }

    /// One line for each operation that runs or has just ended, the newest last.
    ///
    /// - Parameter besideNotice: whether the notice is on the screen: what it tells is not told here, too.
    func drawActivities(in rect: Rect, besideNotice: Bool, on canvas: inout Canvas) {
        let shown = state.activities.suffix(rect.height)
        for (index, activity) in shown.enumerated() {
            let line = rect.row(index).inset(x: 1, y: 0)
            let mark: String
            let role: Role
            switch activity.phase {
            case .running: (mark, role) = (String(canvas.marks.live), .accent)
            case .cancelling: (mark, role) = (String(canvas.marks.notLive), .warning)
            case .finished: (mark, role) = (String(canvas.marks.done), .good)
            case .failed: (mark, role) = (String(canvas.marks.failed), .critical)
            }
            var spans = [Span("\(mark) ", role), Span(activity.title, .strong)]
            if activity.phase == .cancelling { spans.append(Span("  stopping", .warning)) }
            let end = activity.endedAt ?? state.now
            let took = canvas.age(end.timeIntervalSince(activity.startedAt))
            var trailing: [Span] = []
            if activity.phase == .running || activity.phase == .cancelling {
                if let fraction = activity.fraction, fraction.isFinite {
                    let width = line.width >= 100 ? 20 : 10
                    let full = Bar.filled(fraction, of: width)
                    let percent = Int((min(max(fraction, 0), 1) * 100).rounded(.down))
                    trailing += [
                        Span(String(repeating: canvas.marks.barFull, count: full), .accent),
                        Span(String(repeating: canvas.marks.barEmpty, count: width - full), .barEmpty),
                        Span(Text.padded("\(percent)%", to: 5, alignment: .trailing), .text),
                    ]
                }
                trailing.append(Span(Text.padded(took, to: 7, alignment: .trailing), .muted))
                if line.width >= 60 { trailing += [Span("  Esc", .key), Span(" stop", .keyText)] }
            }
            let reserved = Span.width(trailing)
            let isTold =
                besideNotice && activity.endedAt != nil && state.notice?.text.hasSameBytes(as: activity.outcome) == true
            if !activity.progress.isEmpty, !isTold {
                spans.append(Span("  " + activity.progress, activity.phase == .failed ? .critical : .muted))
            }
            canvas.write(spans, x: line.minX, y: line.minY, width: max(0, line.width - reserved - 1))
            canvas.write(trailing, x: line.maxX - reserved, y: line.minY, width: reserved)
        }
    }

    /// News of a key, else where the figures come from and how old they are.
    func drawStatus(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        let line = rect.inset(x: 1, y: 0)
        if drawNotice(in: line, on: &canvas) { return }
        let trailing = cost(canvas)
        let length = Span.width(trailing)
        let isRoomy = line.width >= 100
        let room = isRoomy && length > 0 ? line.width - length - 2 : line.width
        canvas.write(sources(canvas), x: line.minX, y: line.minY, width: max(0, room))
        if isRoomy { canvas.write(trailing, x: line.maxX - length, y: line.minY, width: length) }
    }

    /// - Returns: whether there was any.
    func drawNotice(in line: Rect, on canvas: inout Canvas) -> Bool {
        guard let notice = state.notice, line.height > 0 else { return false }
        let mark: String
        let role: Role
        switch notice.severity {
        case .info: (mark, role) = (String(canvas.marks.live), .accent)
        case .success: (mark, role) = (String(canvas.marks.done), .good)
        case .warning: (mark, role) = (String(canvas.marks.alert), .warning)
        case .failure: (mark, role) = (String(canvas.marks.failed), .critical)
        }
        canvas.write(
            [Span("\(mark) ", role), Span(canvas.marks.plain(notice.text), role == .accent ? .text : role)],
            x: line.minX, y: line.minY, width: line.width)
        return true
    }

    // MARK: Sources

    /// Each source with its age; those of which there is one for each node are one, as old as the oldest.
    private func sources(_ canvas: Canvas) -> [Span] {
        var spans: [Span] = []
        for name in state.view.sources {
            let group = state.sources.filter { $0.name == name }
            guard let oldest = group.min(by: { Self.rank($0, state.now) < Self.rank($1, state.now) }) else { continue }
            if !spans.isEmpty { spans.append(Span(canvas.marks.separator, .faint)) }
            spans.append(Span(name.rawValue + " ", .muted))
            spans += age(oldest, canvas)
            let fresh = group.count { $0.isFresh(at: state.now) }
            if group.count > 1, fresh < group.count {
                spans.append(Span(" (\(fresh) of \(group.count) nodes)", .warning))
            }
        }
        guard !spans.isEmpty else { return [] }
        return [Span("from ", .faint)] + spans
    }

    /// Lower is worse.
    private static func rank(_ source: SourceStatus, _ now: Date) -> Double {
        (source.isFresh(at: now) ? 0 : -1e12) - (source.age(at: now) ?? 1e9)
    }

    private func age(_ source: SourceStatus, _ canvas: Canvas) -> [Span] {
        let age = source.age(at: state.now)
        let text = age.map { canvas.age($0) } ?? "?"
        switch source.state {
        case .live:
            guard source.isFresh(at: state.now) else { return [Span("\(canvas.marks.old)\(text)", .warning)] }
            // Under a second is live: a word that does not move.
            return (age ?? 0) < 1 ? [Span("live", .good)] : [Span(Text.padded(text, to: 3), .text)]
        case .connecting: return [Span("connecting", .warning)]
        case .stale: return [Span("\(canvas.marks.alert) lost \(text) ago", .critical)]
        case .unreachable: return [Span("\(canvas.marks.alert) unreachable", .critical)]
        case .denied: return [Span("denied", .warning)]
        case .notEnabled: return [Span("not enabled", .muted)]
        case .off: return [Span("off", .faint)]
        }
    }

    private func cost(_ canvas: Canvas) -> [Span] {
        guard let cost = state.cost else { return [] }
        let format = canvas.format
        let busy = format.rate(cost.httpBusy * 100, width: 4)
        return [
            Span("asks ", .faint),
            Span(
                "\(format.rate(cost.httpRequestRate, width: 5)) req/s \(busy)% busy"
                    + "\(canvas.marks.separator)\(format.rate(cost.declareRate, width: 5)) declares/s"
                    + "\(canvas.marks.separator)\(format.bytes(cost.bytesPerSecond, width: 8))/s", .muted),
        ]
    }
}
