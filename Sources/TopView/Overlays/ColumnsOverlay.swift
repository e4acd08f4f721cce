import Screen
import TopCore

/// The list of a view's columns: which are shown, in which order, and how wide.
struct ColumnsOverlay {
    let chooser: ColumnChooser

    func draw(in rect: Rect, on canvas: inout Canvas) {
        let width = min(64, rect.width - (rect.width >= 60 ? 6 : 4))
        let aboutRows = rect.height >= 14 ? 3 : 0
        let box = OverlayBox(
            "Columns of \(chooser.view.title)",
            content: Size(width: width, height: chooser.items.count + aboutRows), in: rect, on: &canvas)
        let (list, about) = box.inner.splitBottom(box.inner.height > aboutRows + 3 ? aboutRows : 0)
        guard list.height > 0 else { return }
        let top = min(max(0, chooser.selected - list.height + 1), max(0, chooser.items.count - list.height))
        for (offset, item) in chooser.items.dropFirst(top).prefix(list.height).enumerated() {
            draw(item, at: top + offset, in: list.row(offset), on: &canvas)
        }
        ScrollMark(top: top, count: chooser.items.count).draw(in: list, on: &canvas)
        guard about.height > 1, chooser.items.indices.contains(chooser.selected) else { return }
        let help = chooser.items[chooser.selected].help.replacing("`", with: "")
        for (index, line) in Wrap.words(canvas.marks.plain(help), width: about.width).prefix(about.height - 1)
            .enumerated()
        {
            canvas.write([Span(line, .muted)], x: about.minX, y: about.minY + 1 + index, width: about.width)
        }
    }

    private func draw(_ item: ColumnChooser.Item, at index: Int, in row: Rect, on canvas: inout Canvas) {
        let isSelected = index == chooser.selected
        if isSelected { canvas.fill(row, .choiceFocused) }
        let role: Role = isSelected ? .choiceFocused : item.isShown ? .text : .faint
        let mark = isSelected ? String(canvas.marks.selection) : " "
        canvas.write("\(mark) [\(item.isShown ? "x" : " ")]", x: row.minX, y: row.minY, role)
        canvas.field(item.title, x: row.minX + 6, y: row.minY, width: 14, role)
        let width = item.width.map { "\($0) wide" } ?? (item.isFixed ? "always" : "")
        let x = row.minX + 21
        canvas.write(
            item.name, x: x, y: row.minY, isSelected ? .choiceFocused : .muted, width: max(0, row.maxX - x - 10))
        canvas.field(width, x: max(x, row.maxX - 9), y: row.minY, width: 9, role, alignment: .trailing)
        canvas.target(row, .choice(index))
    }
}
