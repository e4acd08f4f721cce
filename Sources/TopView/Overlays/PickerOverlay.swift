import Screen
import TopCore

/// A list to choose one item from, with optional headings and an optional filter.
struct PickerOverlay {
    let picker: Picker

    private enum Line {
        case heading(String)
        case choice(Int)
    }

    func draw(in rect: Rect, on canvas: inout Canvas) {
        let most = min(78, rect.width - (rect.width >= 60 ? 6 : 4))
        let labels = picker.choices.map { TextWidth.columns(of: $0.label) }.max() ?? 0
        let hints = picker.choices.map { TextWidth.columns(of: $0.disabled ?? $0.hint) }.max() ?? 0
        let longest = picker.lines.map { TextWidth.columns(of: $0) }.max() ?? 0
        let width = min(most, max(36, longest, labels + hints + 5, TextWidth.columns(of: picker.title) + 4))
        let lines = picker.lines.flatMap { Wrap.words(Text.visible(canvas.marks.plain($0)), width: width) }
        let gap = lines.isEmpty ? 0 : 1
        let filterRows = picker.filter == nil ? 0 : 1
        let aboutRows = rect.height >= 16 && picker.choices.contains { $0.about != nil } ? 3 : 0
        let all = max(1, Self.lines(picker, picker.choices.indices.map(\.self)).count)
        let box = OverlayBox(
            picker.title, content: Size(width: width, height: lines.count + gap + filterRows + all + aboutRows),
            in: rect.inset(x: 0, y: rect.height >= 16 ? 1 : 0), on: &canvas)
        let (inner, about) = box.inner.splitBottom(box.inner.height >= 10 ? aboutRows : 0)
        // The choices keep at least half of the room.
        let textRows = min(lines.count, max(0, inner.height - filterRows - min(all, (inner.height + 1) / 2)))
        for (index, line) in lines.prefix(textRows).enumerated() {
            canvas.write(line, x: inner.minX, y: inner.minY + index, .muted, width: inner.width)
        }
        let below = inner.inset(top: textRows + (textRows > 0 && textRows + gap < inner.height ? gap : 0))
        let (filterLine, list) = below.splitTop(filterRows)
        drawFilter(in: filterLine, on: &canvas)
        drawList(in: list, labels, on: &canvas)
        drawAbout(in: about, on: &canvas)
    }

    private static func lines(_ picker: Picker, _ shown: [Int]) -> [Line] {
        var lines: [Line] = []
        var group: String?
        for index in shown {
            if let next = picker.choices[index].group, next != group {
                lines.append(.heading(next))
                group = next
            }
            lines.append(.choice(index))
        }
        return lines
    }

    private func drawFilter(in rect: Rect, on canvas: inout Canvas) {
        guard let editor = picker.filter, rect.height > 0 else { return }
        canvas.write("/", x: rect.minX, y: rect.minY, .key)
        EditorField(editor: editor).draw(
            x: rect.minX + 2, y: rect.minY, width: max(1, rect.width - 2), isFocused: true, on: &canvas)
        if editor.text.isEmpty {
            canvas.write("type to narrow", x: rect.minX + 4, y: rect.minY, .fieldFocused, width: rect.width - 4)
        }
    }

    private func drawList(in list: Rect, _ labels: Int, on canvas: inout Canvas) {
        guard list.height > 0 else { return }
        let lines = Self.lines(picker, picker.shown)
        guard !lines.isEmpty else {
            canvas.write("nothing matches", x: list.minX + 2, y: list.minY, .muted, width: list.width)
            return
        }
        let place =
            lines.firstIndex { if case .choice(picker.selected) = $0 { true } else { false } } ?? 0
        let top = min(max(0, place - list.height + 1), max(0, lines.count - list.height))
        let labelWidth = min(labels, max(8, list.width - 4))
        for (offset, line) in lines.dropFirst(top).prefix(list.height).enumerated() {
            let row = list.row(offset)
            switch line {
            case .heading(let text): canvas.write(text, x: row.minX, y: row.minY, .accent, width: row.width)
            case .choice(let index): draw(index, in: row, labelWidth, on: &canvas)
            }
        }
        if top > 0 { canvas.write(String(canvas.marks.up), x: list.maxX, y: list.minY, .muted) }
        if top + list.height < lines.count {
            canvas.write(String(canvas.marks.down), x: list.maxX, y: list.maxY - 1, .muted)
        }
    }

    private func draw(_ index: Int, in row: Rect, _ labelWidth: Int, on canvas: inout Canvas) {
        let choice = picker.choices[index]
        let isSelected = index == picker.selected
        if isSelected { canvas.fill(row, .choiceFocused) }
        let role: Role = choice.disabled != nil ? .faint : isSelected ? .choiceFocused : .text
        let mark = isSelected ? "\(canvas.marks.selection) " : "  "
        canvas.write(mark, x: row.minX, y: row.minY, isSelected ? .choiceFocused : .text)
        canvas.field(choice.label, x: row.minX + 2, y: row.minY, width: labelWidth, role)
        let hint = choice.disabled.map { "(\($0))" } ?? choice.hint
        let x = row.minX + labelWidth + 4
        canvas.write(
            [Span(canvas.marks.plain(hint), isSelected && choice.disabled == nil ? .choiceFocused : .muted)], x: x,
            y: row.minY, width: max(0, row.maxX - x))
        canvas.target(row, .choice(index))
    }

    /// Draws the description of the selected choice, below a blank line.
    private func drawAbout(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1, picker.shown.contains(picker.selected),
            let about = picker.choices[picker.selected].about
        else { return }
        let lines = Wrap.words(canvas.marks.plain(about), width: rect.width)
        for (index, line) in lines.prefix(rect.height - 1).enumerated() {
            let isCut = index == rect.height - 2 && lines.count > rect.height - 1
            canvas.write(
                [Span(isCut ? line + " " + lines[index + 1] : line, .muted)], x: rect.minX, y: rect.minY + 1 + index,
                width: rect.width)
        }
    }
}
