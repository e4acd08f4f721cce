import Screen
import TopCore

/// One choice out of a list.
struct PickerOverlay {
    let picker: Picker

    func draw(in rect: Rect, on canvas: inout Canvas) {
        let most = min(78, rect.width - (rect.width >= 60 ? 6 : 4))
        let labels = picker.choices.map { TextWidth.columns(of: $0.label) }.max() ?? 0
        let hints = picker.choices.map { TextWidth.columns(of: $0.disabled ?? $0.hint) }.max() ?? 0
        let longest = picker.lines.map { TextWidth.columns(of: $0) }.max() ?? 0
        let width = min(most, max(36, longest, labels + hints + 5, TextWidth.columns(of: picker.title) + 4))
        let lines = picker.lines.flatMap { Wrap.words(Text.visible(canvas.marks.plain($0)), width: width) }
        let gap = lines.isEmpty ? 0 : 1
        let box = OverlayBox(
            picker.title, content: Size(width: width, height: lines.count + gap + max(1, picker.choices.count)),
            in: rect.inset(x: 0, y: rect.height >= 16 ? 1 : 0), on: &canvas)
        let inner = box.inner
        // The choices keep at least half of the room.
        let textRows = min(lines.count, max(0, inner.height - min(picker.choices.count, (inner.height + 1) / 2)))
        for (index, line) in lines.prefix(textRows).enumerated() {
            canvas.write(line, x: inner.minX, y: inner.minY + index, .muted, width: inner.width)
        }
        let list = inner.inset(top: textRows + (textRows > 0 && textRows + gap < inner.height ? gap : 0))
        guard list.height > 0 else { return }
        let top = min(max(0, picker.selected - list.height + 1), max(0, picker.choices.count - list.height))
        let labelWidth = min(labels, max(8, inner.width - 4))
        for index in top..<min(picker.choices.count, top + list.height) {
            let choice = picker.choices[index]
            let row = list.row(index - top)
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
        if top > 0 { canvas.write(String(canvas.marks.up), x: list.maxX, y: list.minY, .muted) }
        if top + list.height < picker.choices.count {
            canvas.write(String(canvas.marks.down), x: list.maxX, y: list.maxY - 1, .muted)
        }
    }
}
