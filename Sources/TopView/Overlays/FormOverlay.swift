import Screen
import TopCore

/// A form with fields to fill in.
struct FormOverlay {
    let form: Form
    var notes: [FormNote] = []

    func draw(in rect: Rect, on canvas: inout Canvas) {
        let most = min(96, rect.width - (rect.width >= 60 ? 6 : 4))
        let labelWidth = min(form.fields.map { TextWidth.columns(of: $0.label) }.max() ?? 0, most / 3)
        // Hints are beside the fields if they fit, otherwise below the one with the focus.
        let isWide = most >= 70
        let width = isWide ? most : min(most, 64)
        let lines = form.lines.flatMap { Wrap.words(Text.visible(canvas.marks.plain($0)), width: width) }
        let problems = isWide ? 0 : form.fields.count { $0.problem != nil }
        let formNotes = FormNotes(notes, width: width, canvas.marks)
        let noteRows = notes.isEmpty ? 0 : formNotes.rows + 1
        let wanted = lines.count + (lines.isEmpty ? 0 : 1) + form.fields.count + problems + (isWide ? 2 : 3) + noteRows
        let inner = OverlayBox(form.title, content: Size(width: width, height: wanted), in: rect, on: &canvas).inner
        guard inner.height > 0 else { return }
        let (above, buttonRow) = inner.splitBottom(1)
        drawButtons(in: buttonRow, on: &canvas)
        if isWide, !notes.isEmpty { drawWords(beside: labelWidth, in: buttonRow, on: &canvas) }
        let hintRows = !isWide && above.height > 3 ? 1 : 0
        let (aboveHint, hint) = above.splitBottom(hintRows)
        let content = drawNotes(formNotes, in: aboveHint, problems, on: &canvas)
        if hintRows > 0, form.fields.indices.contains(form.focus) {
            canvas.write(
                [Span(Self.hint(form.fields[form.focus], canvas), .muted)], x: hint.minX, y: hint.minY,
                width: hint.width)
        }
        // Warnings may use half of the room, the fields need the rest.
        let textRows = min(
            lines.count, max(0, content.height - min(form.fields.count + problems, content.height / 2 + 1)))
        for (index, line) in lines.prefix(textRows).enumerated() {
            canvas.write(line, x: content.minX, y: content.minY + index, .warning, width: content.width)
        }
        let hasGap = textRows > 0 && content.height >= textRows + 1 + form.fields.count + problems
        drawFields(in: content.inset(top: textRows + (hasGap ? 1 : 0)), labelWidth, isWide: isWide, on: &canvas)
    }

    /// Draws the hint or problem of the field with the focus on the line of the buttons, when it does not fit beside
    /// the field.
    private func drawWords(beside labelWidth: Int, in row: Rect, on canvas: inout Canvas) {
        guard form.fields.indices.contains(form.focus) else { return }
        let field = form.fields[form.focus]
        let text = field.problem.map { "\(canvas.marks.alert) " + canvas.marks.plain($0) } ?? Self.hint(field, canvas)
        guard TextWidth.columns(of: text) > row.width - labelWidth - Self.fieldWidth - 4 else { return }
        let buttons = form.submitLabel.count + "Cancel".count + 16
        canvas.write(
            [Span(text, field.problem == nil ? .muted : .critical)], x: row.minX, y: row.minY,
            width: max(0, row.width - buttons))
    }

    private static let fieldWidth = 36

    /// - Returns: The area left for the fields.
    private func drawNotes(_ notes: FormNotes, in rect: Rect, _ problems: Int, on canvas: inout Canvas) -> Rect {
        guard notes.rows > 0 else { return rect }
        // On a low screen notes and fields alternate: notes are shown while a button has the focus.
        guard rect.height >= 8 else {
            guard !form.fields.indices.contains(form.focus) else { return rect }
            notes.draw(in: rect, on: &canvas)
            return rect.splitTop(0).top
        }
        let fields = form.fields.count + problems
        let room = max(rect.height - fields - 1, min(notes.rows, (rect.height - 1) / 2 - 1))
        let (content, area) = rect.splitBottom(min(notes.rows, room) + (rect.height > fields + notes.rows + 1 ? 1 : 0))
        notes.draw(in: area, on: &canvas)
        return content.splitBottom(1).rest
    }

    private func drawFields(in rect: Rect, _ labelWidth: Int, isWide: Bool, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        let heights = form.fields.map { $0.problem != nil && !isWide ? 2 : 1 }
        // The field with the focus is always visible.
        var top = 0
        let focus = min(form.focus, form.fields.count - 1)
        if focus >= 0 { while heights[top...focus].reduce(0, +) > rect.height, top < focus { top += 1 } }
        var y = rect.minY
        var shown = top
        for index in top..<form.fields.count where y < rect.maxY {
            shown = index + 1
            let field = form.fields[index]
            drawField(
                field, index, in: Rect(x: rect.minX, y: y, width: rect.width, height: 1), labelWidth, isWide, &canvas)
            if heights[index] == 2, y + 1 < rect.maxY, let problem = field.problem {
                canvas.write(
                    [Span("\(canvas.marks.alert) " + canvas.marks.plain(problem), .critical)],
                    x: rect.minX + labelWidth + 2, y: y + 1, width: max(0, rect.width - labelWidth - 2))
            }
            y += heights[index]
        }
        if top > 0 { canvas.write(String(canvas.marks.up), x: rect.maxX, y: rect.minY, .muted) }
        if shown < form.fields.count {
            canvas.write(String(canvas.marks.down), x: rect.maxX, y: rect.maxY - 1, .muted)
        }
    }

    private func drawField(
        _ field: Form.Field, _ index: Int, in row: Rect, _ labelWidth: Int, _ isWide: Bool, _ canvas: inout Canvas
    ) {
        let isFocused = index == form.focus
        canvas.field(field.label, x: row.minX, y: row.minY, width: labelWidth, isFocused ? .strong : .muted)
        if isFocused { canvas.write(String(canvas.marks.selection), x: row.minX - 1, y: row.minY, .brand) }
        let x = row.minX + labelWidth + 2
        let room = max(4, row.maxX - x)
        let width = isWide ? min(Self.fieldWidth, room) : room
        switch field.kind {
        case .text, .count, .number:
            EditorField(editor: field.editor).draw(x: x, y: row.minY, width: width, isFocused: isFocused, on: &canvas)
        case .toggle:
            let isOn = Self.isOn(field.editor.text)
            canvas.write(isOn ? "[x] yes" : "[ ] no", x: x, y: row.minY, isFocused ? .fieldFocused : .text)
        case .choice:
            let text = "\(canvas.marks.less) \(field.editor.text) \(canvas.marks.more)"
            canvas.write(text, x: x, y: row.minY, isFocused ? .fieldFocused : .text, width: width)
        }
        canvas.target(row, .choice(index))
        guard isWide else { return }
        let beside = x + width + 2
        let left = max(0, row.maxX - beside)
        if let problem = field.problem {
            canvas.write(
                [Span("\(canvas.marks.alert) " + canvas.marks.plain(problem), .critical)], x: beside, y: row.minY,
                width: left)
        } else {
            canvas.write([Span(Self.hint(field, canvas), .faint)], x: beside, y: row.minY, width: left)
        }
    }

    private static func isOn(_ text: String) -> Bool { ["yes", "true", "on", "1"].contains(text.lowercased()) }

    private static func hint(_ field: Form.Field, _ canvas: Canvas) -> String {
        if !field.hint.isEmpty { return canvas.marks.plain(field.hint) }
        if case .choice(let choices) = field.kind { return choices.joined(separator: ", ") }
        return ""
    }

    private func drawButtons(in row: Rect, on canvas: inout Canvas) {
        let count = form.fields.count
        let submit = Button(label: form.submitLabel, isFocused: form.focus == count)
        let cancel = Button(label: "Cancel", isFocused: form.focus == count + 1)
        let x = max(row.minX, row.maxX - submit.width - cancel.width - 2)
        submit.draw(x: x, y: row.minY, pointer: .choice(count), on: &canvas)
        cancel.draw(x: x + submit.width + 2, y: row.minY, pointer: .choice(count + 1), on: &canvas)
    }
}

/// The notes below the fields of a form, updated as the user types.
struct FormNotes {
    private let notes: [(label: String, lines: [String])]

    init(_ notes: [FormNote], width: Int, _ marks: Marks) {
        self.notes = notes.map { note in
            (note.label, Wrap.words(Text.visible(marks.plain("\(note.label): \(note.text)")), width: width))
        }
    }

    /// The number of lines needed to show all notes.
    var rows: Int { notes.reduce(0) { $0 + $1.lines.count } }

    /// Draws the lines that fit: the first line of every note before any second line.
    func draw(in rect: Rect, on canvas: inout Canvas) {
        var given = notes.map { _ in 0 }
        var left = rect.height
        var isGiving = true
        while left > 0, isGiving {
            isGiving = false
            for index in notes.indices where left > 0 && given[index] < notes[index].lines.count {
                given[index] += 1
                left -= 1
                isGiving = true
            }
        }
        var y = rect.minY
        for (note, count) in zip(notes, given) {
            for (index, line) in note.lines.prefix(count).enumerated() {
                let rest = index == count - 1 ? note.lines.dropFirst(count).joined(separator: " ") : ""
                let text = rest.isEmpty ? line : "\(line) \(rest)"
                let label = note.label + ":"
                let spans =
                    index == 0 && text.hasPrefix(label)
                    ? [Span(label, .accent), Span(String(text.dropFirst(label.count)))] : [Span(text)]
                canvas.write(spans, x: rect.minX, y: y, width: rect.width)
                y += 1
            }
        }
    }
}
