import Screen
import TopCore

/// The lines above a table that describe problems of its sources, and what to do.
struct StatusStrip {
    let lines: [StatusLine]
    /// The selection of the overview, in which the lines can be selected.
    private let selection: OverviewSelection?

    init(_ lines: [StatusLine], selection: OverviewSelection? = nil) {
        self.selection = selection
        // The most severe first: the last ones may not fit.
        self.lines = lines.enumerated().sorted {
            ($0.element.severity.rank, $0.offset) < ($1.element.severity.rank, $1.offset)
        }.map(\.element)
    }

    /// - Returns: The area left below.
    func draw(in rect: Rect, on canvas: inout Canvas) -> Rect {
        // On a low screen most rows are for the table; with more room a line may be continued.
        let isRoomy = rect.height >= 12
        let most = rect.height < 8 ? 1 : rect.height < 20 ? 3 : 5
        var texts: [(line: StatusLine, text: String, isFirst: Bool)] = []
        for line in lines {
            let words = canvas.marks.plain(line.text)
            let parts = isRoomy ? Wrap.words(words, width: rect.width - 4) : [words]
            for (index, part) in parts.enumerated() { texts.append((line, part, index == 0)) }
        }
        let (area, rest) = rect.splitTop(min(texts.count, most))
        let left = texts.dropFirst(area.height).count { $0.isFirst }
        for (index, entry) in texts.prefix(area.height).enumerated() {
            let suffix = left > 0 && index == area.height - 1 ? "  +\(left) more" : ""
            let role = entry.line.severity.role
            let mark = entry.isFirst && entry.line.severity != .info ? String(canvas.marks.alert) : " "
            let row = area.row(index).inset(x: 1, y: 0)
            canvas.write(
                [Span("\(mark) ", role), Span(entry.text, role)], x: row.minX, y: row.minY,
                width: max(0, row.width - suffix.count))
            canvas.write(suffix, x: row.maxX - suffix.count, y: row.minY, .muted)
            if let selection, entry.isFirst, let item = entry.line.item {
                canvas.selectable(item, in: area.row(index), selection)
            }
        }
        return rest
    }
}

extension StatusLine.Severity {
    var rank: Int {
        switch self {
        case .failure: 0
        case .warning: 1
        case .info: 2
        }
    }

    var role: Role {
        switch self {
        case .failure: .critical
        case .warning: .warning
        case .info: .muted
        }
    }
}
