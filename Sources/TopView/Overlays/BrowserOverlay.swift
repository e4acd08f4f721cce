import Foundation
import Names
import Screen
import TopCore

/// The messages of a queue over the view: a table of them, or one that is opened.
struct BrowserOverlay {
    let browser: MessageBrowser
    /// The operation on these messages that runs or has just ended.
    var activity: Activity?
    var notice: State.Notice?

    init(_ browser: MessageBrowser, in state: State) {
        self.browser = browser
        notice = state.notice
        activity = state.activities.last { activity in
            guard case .messages(let operation)? = activity.operation, activity.endedAt == nil else { return false }
            return operation.queue == browser.queue
        }
    }

    func draw(in rect: Rect, on canvas: inout Canvas) {
        if let page = browser.opened {
            draw(page, in: rect, on: &canvas)
        } else {
            drawTable(in: rect, on: &canvas)
        }
    }

    /// The height of a screen, in lines, up to which it has no line for notices.
    private static let lowHeight = 14

    private static func width(in rect: Rect) -> Int { rect.width - (rect.width >= 60 ? 8 : 4) }

    // MARK: One message

    private func draw(_ page: MessagePage, in rect: Rect, on canvas: inout Canvas) {
        let count = browser.shown.count
        let title = "Message \(browser.selected + 1) of \(canvas.format.count(count)) in \(browser.queue.name)"
        let isRoomy = rect.width >= 60 && rect.height >= 16
        let height = min(max(page.lines.count + 1, 16), rect.height - (isRoomy ? 4 : 2))
        let width = MessagePage.width(on: canvas.frame.size)
        let box = OverlayBox(title, content: Size(width: width, height: height), in: rect, on: &canvas)
        let (inner, status) = box.inner.splitBottom(box.inner.height > 3 ? 1 : 0)
        canvas.limits.overlay = max(0, page.lines.count - inner.height)
        let top = min(max(0, page.scroll), canvas.limits.overlay)
        let found = Set(page.found)
        for (row, line) in page.lines.dropFirst(top).prefix(inner.height).enumerated() {
            let isFound = found.contains(top + row)
            canvas.write(
                Self.spans(line, isFound: isFound), x: inner.minX, y: inner.minY + row, width: inner.width)
            if isFound { canvas.write(String(canvas.marks.selection), x: inner.minX - 1, y: inner.minY + row, .brand) }
        }
        ScrollMark(top: top, count: page.lines.count).draw(in: inner, on: &canvas)
        if let editor = page.search {
            drawEditor("/", editor, in: status, on: &canvas)
        } else if !drawStatus(in: status, on: &canvas), !page.sought.isEmpty {
            let sought = Text.visible(page.sought)
            let text =
                page.found.isEmpty
                ? "nothing has '\(sought)'" : "'\(sought)': \(page.place + 1) of \(page.found.count) lines"
            canvas.write(
                [Span(text, page.found.isEmpty ? .warning : .muted)], x: status.minX, y: status.minY,
                width: status.width)
        }
    }

    private static func spans(_ line: MessageLine, isFound: Bool) -> [Span] {
        switch line.kind {
        case .heading: [Span(line.label, .accent), Span("  " + line.text, .muted)]
        case .field: [Span(line.label, .muted), Span("  " + line.text, isFound ? .strong : .text)]
        case .text: [Span(line.text, isFound ? .strong : .text)]
        case .warning: [Span(line.text, .warning)]
        }
    }

    // MARK: The table

    private func drawTable(in rect: Rect, on canvas: inout Canvas) {
        let notes = browser.page.notes.flatMap {
            Wrap.words(Text.visible(canvas.marks.plain($0)), width: Self.width(in: rect))
        }
        let height = rect.height - (rect.height >= 16 ? 4 : 2)
        let box = OverlayBox(
            "Messages of \(browser.queue.name)", content: Size(width: Self.width(in: rect), height: height), in: rect,
            on: &canvas)
        let (above, status) = box.inner.splitBottom(box.inner.height > 4 ? 1 : 0)
        let (summary, below) = above.splitTop(1)
        canvas.write(self.summary(canvas), x: summary.minX, y: summary.minY, width: summary.width)
        let (words, table) = below.splitTop(min(notes.count, max(0, (below.height - 4) / 3)))
        for (row, note) in notes.prefix(words.height).enumerated() {
            canvas.write([Span(note, .warning)], x: words.minX, y: words.minY + row, width: words.width)
        }
        let (heading, rows) = table.splitTop(1)
        let columns = MessageColumns(browser.page.messages, width: rows.width)
        columns.drawHeading(in: heading, on: &canvas)
        drawRows(columns, in: rows, on: &canvas)
        if let editor = browser.editor {
            drawEditor("/", editor, in: status, on: &canvas)
            if let problem = browser.problem {
                let x = status.minX + 2 + max(12, min(40, editor.characters.count + 2))
                canvas.write(
                    [Span("\(canvas.marks.alert) " + canvas.marks.plain(Text.visible(problem)), .critical)], x: x,
                    y: status.minY, width: max(0, status.maxX - x))
            }
        } else if !drawStatus(in: status, on: &canvas), !browser.filter.isEmpty {
            canvas.write(
                [Span("/", .key), Span(" " + Text.visible(browser.filter), .text)], x: status.minX, y: status.minY,
                width: status.width)
        }
    }

    private func summary(_ canvas: Canvas) -> [Span] {
        let format = canvas.format
        let page = browser.page
        var words: [String] = []
        if page.isStream {
            words.append("\(format.count(page.messages.count)) of a stream")
        } else {
            words.append("\(format.count(page.messages.count)) of \(format.count(page.ready)) ready")
        }
        words.append("read \(canvas.age(canvas.now.timeIntervalSince(browser.readAt))) ago")
        if !browser.filter.isEmpty { words.append("\(format.count(browser.shown.count)) match") }
        if !browser.tagged.isEmpty { words.append("\(format.count(browser.tagged.count)) tagged") }
        var spans = [Span(words.joined(separator: canvas.marks.separator), .muted)]
        if browser.isOld { spans.append(Span(canvas.marks.separator + "r reads them again: some have left", .warning)) }
        return spans
    }

    private func drawRows(_ columns: MessageColumns, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        let shown = browser.shown
        guard !shown.isEmpty else {
            canvas.write(
                "no message read so far matches; Esc clears the filter", x: rect.minX + 2, y: rect.minY, .muted,
                width: rect.width - 2)
            return
        }
        let top = min(max(0, browser.selected - rect.height / 2), max(0, shown.count - rect.height))
        for (offset, index) in shown.dropFirst(top).prefix(rect.height).enumerated() {
            let row = rect.row(offset)
            let isSelected = top + offset == browser.selected
            if isSelected { canvas.fill(row, .choiceFocused) }
            let role: Role = isSelected ? .choiceFocused : .text
            let tag = browser.tagged.contains(index) ? "*" : " "
            canvas.write("\(isSelected ? canvas.marks.selection : " ")\(tag)", x: row.minX, y: row.minY, role)
            columns.draw(browser.page.messages[index], in: row, role, isSelected: isSelected, on: &canvas)
            canvas.target(row, .choice(top + offset))
        }
        ScrollMark(top: top, count: shown.count).draw(in: rect, on: &canvas)
    }

    // MARK: The line below

    private func drawEditor(_ mark: String, _ editor: LineEditor, in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        canvas.write(mark, x: rect.minX, y: rect.minY, .key)
        EditorField(editor: editor).draw(
            x: rect.minX + 2, y: rect.minY, width: max(1, rect.width - 2), isFocused: true, on: &canvas)
    }

    /// Draws how far an operation is, or what the last key came to.
    private func drawStatus(in rect: Rect, on canvas: inout Canvas) -> Bool {
        guard rect.height > 0 else { return false }
        if let activity {
            let words = activity.phase == .cancelling ? "stopping" : "Esc stops"
            let text = "\(activity.title): \(activity.progress.isEmpty ? "running" : activity.progress)"
            canvas.write(
                [Span(Text.visible(canvas.marks.plain(text)), .accent), Span("  (\(words))", .muted)], x: rect.minX,
                y: rect.minY, width: rect.width)
            return true
        }
        // On a higher screen the line of notices is seen below the box.
        guard let notice, canvas.frame.size.height < Self.lowHeight else { return false }
        let role: Role =
            switch notice.severity {
            case .info: .accent
            case .success: .good
            case .warning: .warning
            case .failure: .critical
            }
        canvas.write(
            [Span(Text.visible(canvas.marks.plain(notice.text)), role)], x: rect.minX, y: rect.minY, width: rect.width)
        return true
    }
}
