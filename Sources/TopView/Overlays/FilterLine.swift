import Screen
import TopCore

/// The filter being edited, with the number of rows that pass it, what is wrong with it, or the names it can go on with.
struct FilterLine {
    let prompt: FilterPrompt
    let state: State

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        let trailing = self.trailing(canvas)
        let room = rect.width - 2
        let length = min(Span.width(trailing), prompt.problem == nil ? room / 2 : room * 2 / 3)
        canvas.write("/", x: rect.minX + 1, y: rect.minY, .key)
        EditorField(editor: prompt.editor).draw(
            x: rect.minX + 2, y: rect.minY, width: max(1, room - length - 3), isFocused: true, on: &canvas)
        canvas.write(trailing, x: rect.maxX - 1 - length, y: rect.minY, width: length)
    }

    private func trailing(_ canvas: Canvas) -> [Span] {
        if !prompt.candidates.isEmpty { return [Span(prompt.candidates.joined(separator: " "), .muted)] }
        if let problem = prompt.problem {
            return [Span("\(canvas.marks.alert) \(canvas.marks.plain(problem.description))", .critical)]
        }
        let facts = state.table(of: state.view)
        switch facts?.filter {
        case .invalid(_, let why): return [Span("\(canvas.marks.alert) \(canvas.marks.plain(why))", .critical)]
        case .text, .regex, .condition:
            let count = facts?.count ?? 0
            let words = count == 1 ? "1 match" : "\(canvas.format.count(count)) matches"
            let undecided = facts?.undecidedCount ?? 0
            let more = undecided > 0 ? ", \(canvas.format.count(undecided)) not known" : ""
            return [Span(words, count == 0 ? .warning : .muted), Span(more, .warning)]
        case .some(.none), nil: return []
        }
    }
}
