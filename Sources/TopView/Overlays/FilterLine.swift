import Screen
import TopCore

/// The filter being edited, with the number of rows that pass it, what is wrong with it, or the names it can go on with.
struct FilterLine {
    let prompt: FilterPrompt
    let state: State

    func draw(in rect: Rect, on canvas: inout Canvas) {
        let line = PromptLine(sign: "/", editor: prompt.editor, trailing: trailing(canvas))
        line.draw(in: rect, isTrailingImportant: prompt.problem != nil, on: &canvas)
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

/// The command being typed, with why it cannot be carried out, or the names it can go on with.
struct CommandPromptLine {
    let prompt: CommandPrompt
    let state: State

    func draw(in rect: Rect, on canvas: inout Canvas) {
        let trailing =
            prompt.problem.map { Span("\(canvas.marks.alert) \(canvas.marks.plain($0))", .critical) }
            ?? Span(canvas.marks.plain(state.commandHint(for: prompt)), .muted)
        let line = PromptLine(sign: ":", editor: prompt.editor, trailing: [trailing])
        line.draw(in: rect, isTrailingImportant: prompt.editor.text.utf8.count < rect.width / 3, on: &canvas)
    }
}

/// A line of text being edited at the bottom of the screen, with something about it at its end.
private struct PromptLine {
    let sign: String
    let editor: LineEditor
    let trailing: [Span]

    /// - Parameter isTrailingImportant: Whether the end may take more than half of the line.
    func draw(in rect: Rect, isTrailingImportant: Bool, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        let room = rect.width - 2
        let length = min(Span.width(trailing), isTrailingImportant ? room * 2 / 3 : room / 2)
        canvas.write(sign, x: rect.minX + 1, y: rect.minY, .key)
        EditorField(editor: editor).draw(
            x: rect.minX + 2, y: rect.minY, width: max(1, room - length - 3), isFocused: true, on: &canvas)
        canvas.write(trailing, x: rect.maxX - 1 - length, y: rect.minY, width: length)
    }
}
