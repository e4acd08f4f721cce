import Foundation
import Screen
import TopCore

/// The table of a view: the title, the problems of the sources, the headings and the rows.
struct TablePanel<Row: ShownRow> {
    let state: State
    let table: Table<Row>
    /// The text shown when there are no rows.
    let emptyText: [Span]

    /// - Returns: The number of rows that fit.
    func draw(in rect: Rect, on canvas: inout Canvas) -> Int {
        guard rect.height >= 3, rect.width > 4 else { return 0 }
        let body = StatusStrip(state.panelStatus(for: state.view)).draw(in: rect.inset(top: 1), on: &canvas)
        let (headings, rows) = body.splitTop(1)
        let top = top(rows.height)
        let shown = top..<max(top, min(table.order.count, top + rows.height))
        TableTitle(state: state, facts: table, shown: shown).draw(in: rect.row(0), on: &canvas)
        let columns = table.shownColumns
        let identity = Row.identity.filter { !state.isShared(Row.column($0).style) }
        let isChosen = table.columnSetup.shown != nil
        let demands = columns.enumerated().map { index, column in
            let width = table.chosenWidth(column.key)
            // Of columns in an order that was chosen the first are the most important.
            return ColumnLayout.Demand(
                width: width ?? column.width, maximumWidth: width ?? column.maximumWidth,
                priority: isChosen ? index : column.priority ?? .max, pin: identity.firstIndex(of: column.key),
                isRigid: column.isRigid || width != nil,
                need: width == nil ? table.identityWidths[column.key] : nil)
        }
        let room = rect.width - 3
        let layout = ColumnLayout(demands, x: rect.minX + 2, room: room, offset: table.columnOffset)
        canvas.limits.columns = ColumnLayout.lastOffset(demands, room: room)
        drawHeadings(columns, layout, in: headings, on: &canvas)
        guard !table.order.isEmpty else {
            drawEmpty(in: rows, on: &canvas)
            return rows.height
        }
        drawRows(shown, columns, layout, in: rows, on: &canvas)
        return rows.height
    }

    // MARK: Headings

    private func drawHeadings(
        _ columns: [Column<Row>], _ layout: ColumnLayout, in rect: Rect, on canvas: inout Canvas
    ) {
        canvas.fill(rect, .heading)
        for place in layout.places {
            let column = columns[place.column]
            let isSorted = column.key == table.sort
            let role: Role = isSorted ? .headingSorted : .heading
            let area = Rect(x: place.x, y: rect.minY, width: place.width, height: 1)
            canvas.field(
                column.screenTitle, x: place.x, y: rect.minY, width: place.width, role,
                alignment: column.kind.isNumeric ? .trailing : .leading)
            if isSorted {
                let mark = String(table.descending ? canvas.marks.descending : canvas.marks.ascending)
                let length = min(TextWidth.columns(of: column.screenTitle), place.width)
                // In the gap when the title fills the column.
                let x = column.kind.isNumeric ? place.x + place.width - length - 1 : place.x + length
                canvas.write(mark, x: x, y: rect.minY, role, width: 1)
            }
            canvas.target(area, .heading(AnyColumnKey(column.key)))
        }
        // Marks beside the headings for columns that do not fit.
        if layout.hiddenLeft > 0 { canvas.write(String(canvas.marks.less), x: rect.minX, y: rect.minY, .headingSorted) }
        if layout.hiddenRight > 0 {
            canvas.write(String(canvas.marks.more), x: rect.maxX - 1, y: rect.minY, .headingSorted)
        }
    }

    // MARK: Rows

    /// Returns the first row shown: the table's top, adjusted so that the selection is visible.
    private func top(_ room: Int) -> Int {
        guard room > 0 else { return 0 }
        let last = max(0, table.order.count - room)
        var top = min(max(0, table.top), last)
        if table.cursor < top { top = max(0, table.cursor) }
        if table.cursor >= top + room { top = min(table.cursor - room + 1, last) }
        return top
    }

    private func drawRows(
        _ shown: Range<Int>, _ columns: [Column<Row>], _ layout: ColumnLayout, in rect: Rect, on canvas: inout Canvas
    ) {
        var context = LookContext(state, canvas)
        context.showsConnection = layout.places.contains { columns[$0.column].style == .connectionName }
        var above: Row?
        for index in shown {
            let row = table.rows[table.order[index]]
            let line = rect.row(index - shown.lowerBound)
            context.continuesGroup = above.map { row.continues($0) } ?? false
            drawRow(row, columns, layout, context, in: line, on: &canvas)
            if row.rowID == context.ended {
                canvas.write(String(canvas.marks.failed), x: line.minX + 1, y: line.minY, .critical)
            } else if let role = row.mark(context) {
                canvas.write(String(canvas.marks.alert), x: line.minX + 1, y: line.minY, role)
            }
            let isTagged = table.tags.contains(row.rowID)
            if isTagged { canvas.write(String(canvas.marks.tagged), x: line.minX, y: line.minY, .accent) }
            if index == table.cursor {
                let mark = isTagged ? canvas.marks.taggedSelection : canvas.marks.selection
                canvas.write(String(mark), x: line.minX, y: line.minY, .brand)
                let theme = canvas.theme
                canvas.frame.restyle(line) { theme.selected($0) }
            }
            canvas.target(line, .row(index))
            above = row
        }
    }

    private func drawRow(
        _ row: Row, _ columns: [Column<Row>], _ layout: ColumnLayout, _ context: LookContext, in line: Rect,
        on canvas: inout Canvas
    ) {
        for place in layout.places {
            let column = columns[place.column]
            let value = column.value(row, state.now)
            var look = row.look(column, value, context)
            if context.isStale, look.role == .text { look.role = .muted }
            var text: String
            if row.rowID == context.ended {
                // Shows the last known values, and does not look current.
                look.role = .faint
                look.mark = nil
                if column.style == .state { look.text = "ended" }
            }
            if let own = look.text {
                text = own
            } else if case .integer(let count) = value, column.kind == .count {
                text = canvas.count(count, width: place.width)
            } else {
                text = canvas.format.text(value, column.kind, width: place.width, now: state.now)
            }
            text = Row.fitted(column, text, to: place.width, ellipsis: canvas.marks.ellipsis)
            canvas.field(
                text, x: place.x, y: line.minY, width: place.width, look.role,
                alignment: column.kind.isNumeric ? .trailing : .leading)
            if let mark = look.mark {
                canvas.write(String(mark), x: place.x + place.width, y: line.minY, look.markRole, width: 1)
            }
        }
    }

    private func drawEmpty(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        let y = rect.minY + min(2, (rect.height - 1) / 2)
        let width = min(Span.width(emptyText), rect.width - 4)
        canvas.write(emptyText, x: rect.minX + max(2, (rect.width - width) / 2), y: y, width: rect.width - 4)
    }
}
