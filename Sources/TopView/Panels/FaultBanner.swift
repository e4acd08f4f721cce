import Faults
import Screen
import TopCore

/// The faults in force, on every view: their number, names, targets and end times.
struct FaultBanner {
    private let faults: [FaultRecord]

    init(_ state: State) {
        faults = state.faultsInForce
    }

    /// The lines it takes: 0 without faults in force.
    var rows: Int { faults.isEmpty ? 0 : 1 }

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 0, !faults.isEmpty else { return }
        let line = rect.inset(x: 1, y: 0)
        let isFailing = faults.contains { $0.state == .undoFailed }
        let badge = Span(" FAULTS \(faults.count) ", isFailing ? .badgeCritical : .badgeWarning)
        let used = canvas.write([badge, Span(" ")], x: line.minX, y: line.minY, width: line.width)
        let room = max(0, line.width - used)
        var entries = faults.map { entry($0, canvas) }
        // When only one fault fits, its end time is more important than its target.
        if let first = faults.first, Span.width(entry(first, canvas, isQuiet: true)) > room {
            entries = faults.map { entry($0, canvas, isShort: true) }
        }
        // Faults that do not fit are counted.
        var shown = entries.count
        while shown > 1, Span.width(joined(entries, shown, canvas)) > room { shown -= 1 }
        canvas.write(joined(entries, shown, canvas), x: line.minX + used, y: line.minY, width: room)
    }

    private func joined(_ entries: [[Span]], _ count: Int, _ canvas: Canvas) -> [Span] {
        let shown = entries.prefix(count).enumerated().flatMap { index, spans in
            (index == 0 ? [] : [Span(canvas.marks.separator, .faint)]) + spans
        }
        return shown
            + (count < entries.count
                ? [
                    Span(
                        canvas.frame.size.width < 60
                            ? " +\(entries.count - count)" : "  +\(entries.count - count) more", .muted)
                ] : [])
    }

    private func entry(_ record: FaultRecord, _ canvas: Canvas, isShort: Bool = false, isQuiet: Bool = false) -> [Span]
    {
        let aim = isShort ? "" : record.fault.aim.map { " on \(Text.visible($0))" } ?? ""
        switch record.state {
        case .undoFailed:
            let why = isQuiet ? nil : record.note.map { ": \(Text.visible(canvas.marks.plain($0)))" }
            return [Span("\(canvas.marks.alert) \(record.label)\(aim), undoing it failed\(why ?? "")", .critical)]
        case .undoing: return [Span(record.label, .strong), Span("\(aim), being undone", .muted)]
        case .inForce, .undone, .done, .failed:
            let left = record.secondsLeft(at: canvas.now)
            let end = left.map { "\(canvas.format.duration($0)) left" } ?? "until undone"
            return [Span(record.label, .strong), Span("\(aim), ", .muted), Span(end, .warning)]
        }
    }
}
