import Faults
import Foundation
import Screen
import TopCore

/// The newest entries of the ledger, and below them what to do about the selected or the newest of them.
struct EventsPanel {
    let state: State

    /// The fewest lines with which the last one is for the advice.
    private static let roomForAdvice = 5

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height >= 2 else { return }
        let ledger = state.ledger
        let trailing =
            ledger.total > 0 ? [Span("\(canvas.format.count(Int(clamping: ledger.total))) in all", .muted)] : []
        canvas.rule(rect, title: [Span("Events", .panelTitle)], trailing: [trailing])
        let body = rect.inset(left: 1, top: 1, right: 1)
        guard ledger.count > 0 else {
            canvas.write("nothing has gone wrong", x: body.minX, y: body.minY, .faint, width: body.width)
            return
        }
        let (list, last) = body.splitBottom(body.height >= Self.roomForAdvice ? 1 : 0)
        var entries = self.entries(list.height)
        // Where no entry has advice its line is for one more of them; it does not come and go with the selection.
        if last.height > 0, !entries.contains(where: { $0.advice != nil }) { entries = self.entries(body.height) }
        let context = LookContext(state, canvas)
        for (index, entry) in entries.enumerated() { draw(entry, context, in: body.row(index), on: &canvas) }
        guard entries.count <= list.height, last.height > 0, let advice = advice(entries) else { return }
        canvas.write(
            [
                Span(canvas.marks.plain("→ "), .faint), Span("\(advice.subject): ", .accent),
                Span(Text.visible(advice.words), .muted),
            ],
            x: last.minX, y: last.minY, width: last.width)
    }

    /// The entries that are shown: the newest, or those up to the selected one when that is older.
    private func entries(_ count: Int) -> [LedgerEntry] {
        guard count > 0 else { return [] }
        guard case .event(let id)? = state.overview.item,
            let place = state.latestPlace(of: id), place >= count
        else { return state.latestEvents(count) }
        return state.latestEvents(count, after: place - count + 1)
    }

    /// What to do about the selected finding or entry; when none is selected, about the newest entry that has advice.
    private func advice(_ entries: [LedgerEntry]) -> (subject: String, words: String)? {
        if case .finding(let id)? = state.overview.item,
            let finding = state.marks.findings.first(where: { $0.id == id })
        {
            return (finding.rule.rawValue, finding.advice)
        }
        let selected = entries.first { state.overview.item == .event($0.id) }
        guard let entry = selected ?? entries.first(where: { $0.advice != nil }), let advice = entry.advice else {
            return nil
        }
        return (entry.code.map(String.init) ?? entry.word, advice.words)
    }

    private func draw(_ entry: LedgerEntry, _ context: LookContext, in line: Rect, on canvas: inout Canvas) {
        let isAlert = entry.alert(context) != nil
        var spans = [
            Span(Text.padded(entry.time(canvas.format, now: state.now), to: 9), .faint),
            Span(isAlert ? "\(canvas.marks.alert) " : "  ", entry.role),
        ]
        if let code = entry.code {
            spans.append(Span("\(code) ", entry.role))
        } else {
            spans.append(Span("\(entry.word) ", entry.role))
        }
        if let who = entry.clientName ?? entry.peer ?? entry.queue { spans.append(Span("\(who) ", .text)) }
        spans.append(Span(entry.message, .muted))
        canvas.write(spans, x: line.minX, y: line.minY, width: line.width)
        canvas.selectable(.event(entry.id), in: line.expanded, state.overview)
    }
}

extension Rect {
    /// The line with the column on each side that its panel leaves free, where the mark of the selection stands.
    var expanded: Rect { Rect(x: minX - 1, y: minY, width: width + 2, height: height) }
}
