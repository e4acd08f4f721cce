import Screen
import TopCore

/// The lines above a table that say what is wrong with its sources, and what to do.
struct StatusStrip {
    let lines: [StatusLine]

    init(_ lines: [StatusLine]) {
        // The worst first: the last ones may have no room.
        self.lines = lines.enumerated().sorted {
            ($0.element.severity.rank, $0.offset) < ($1.element.severity.rank, $1.offset)
        }.map(\.element)
    }

    /// - Returns: what is left below.
    func draw(in rect: Rect, on canvas: inout Canvas) -> Rect {
        // Of a low screen most is for the rows.
        let room = min(lines.count, rect.height < 8 ? 1 : rect.height < 20 ? 2 : 4)
        let (area, rest) = rect.splitTop(room)
        for (index, line) in lines.prefix(area.height).enumerated() {
            let more = index == area.height - 1 ? lines.count - area.height : 0
            let role = line.severity.role
            let suffix = more > 0 ? "  +\(more) more" : ""
            let mark = line.severity == .info ? " " : String(canvas.marks.alert)
            let row = area.row(index).inset(x: 1, y: 0)
            canvas.write(
                [Span("\(mark) ", role), Span(canvas.marks.plain(line.text), line.severity == .info ? .muted : role)],
                x: row.minX, y: row.minY, width: max(0, row.width - suffix.count))
            canvas.write(suffix, x: row.maxX - suffix.count, y: row.minY, .muted)
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
