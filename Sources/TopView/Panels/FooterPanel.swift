import Foundation
import Names
import Screen
import TopCore

/// The lines at the bottom: running operations, the last notice, the ages of the sources, and the keys.
struct FooterPanel {
    let state: State

    /// Draws the keys that apply, as many as fit; those for help and quit always.
    func drawKeys(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        let keys = Bindings.footer(for: state)
        // A key whose name equals its action is shown once.
        let labels = keys.map { $0.label == $0.keyLabel ? "" : " " + $0.label }
        let widths = zip(keys, labels).map { TextWidth.columns(of: $0.keyLabel) + $1.count + 2 }
        // When not all keys fit, these are more important than the others.
        let essential = keys.indices.filter { isEssential(keys[$0].command) }
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

    private func isEssential(_ command: Command) -> Bool {
        switch command {
        case .help, .quit, .back, .open, .filter, .accept: true
        case .earlier, .later, .playOrPause: !state.isPresent
        default: false
        }
    }

    /// Draws one line for each operation that runs or has just ended, the newest last.
    ///
    /// - Parameter besideNotice: Whether the notice is on the screen: its text is not repeated here.
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
            let end = activity.endedAt ?? state.clock
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

    /// Draws the notice of a key, otherwise the sources of the figures with their ages.
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

    /// - Returns: Whether there was a notice.
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

    /// Returns each source with its age; the sources of several nodes are shown as one, as old as the oldest.
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

    /// The rank of a source; lower is worse.
    private static func rank(_ source: SourceStatus, _ now: Date) -> Double {
        (source.isFresh(at: now) ? 0 : -1e12) - (source.age(at: now) ?? 1e9)
    }

    private func age(_ source: SourceStatus, _ canvas: Canvas) -> [Span] {
        let age = source.age(at: state.now)
        let text = age.map { canvas.age($0) } ?? "?"
        switch source.state {
        case .live:
            guard source.isFresh(at: state.now) else { return [Span("\(canvas.marks.old)\(text)", .warning)] }
            // An age under a second is shown as "live", which does not move.
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
        var parts = ["\(format.rate(cost.httpRequestRate, width: 5)) req/s \(busy)% busy"]
        if let pace = cost.slowestLimited {
            // How seldom the rules hear of a dear list matters more than what else polling costs.
            let every = format.duration(pace.seconds.rounded())
            parts.append("\(pace.list.words) every \(every) (budget \(PollingPace.budgetPercent)%)")
        } else {
            parts.append("\(format.rate(cost.declareRate, width: 5)) declares/s")
            parts.append("\(format.bytes(cost.bytesPerSecond, width: 8))/s")
        }
        return [Span("asks ", .faint), Span(parts.joined(separator: canvas.marks.separator), .muted)]
    }
}
