import Screen
import TopCore

/// The filter being edited, with the number of rows that pass it.
struct FilterLine {
    let editor: LineEditor
    let state: State

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        let facts = state.table(of: state.view)
        var trailing: [Span] = []
        switch facts?.filter {
        case .invalid(_, let why): trailing = [Span("\(canvas.marks.alert) \(canvas.marks.plain(why))", .critical)]
        case .text, .regex:
            let count = facts?.count ?? 0
            let words = count == 1 ? "1 match" : "\(canvas.format.count(count)) matches"
            trailing = [Span(words, count == 0 ? .warning : .muted)]
        case .some(.none), nil: break
        }
        let room = rect.width - 2
        let length = min(Span.width(trailing), room / 2)
        canvas.write("/", x: rect.minX + 1, y: rect.minY, .key)
        EditorField(editor: editor).draw(
            x: rect.minX + 2, y: rect.minY, width: max(1, room - length - 3), isFocused: true, on: &canvas)
        canvas.write(trailing, x: rect.maxX - 1 - length, y: rect.minY, width: length)
    }
}
