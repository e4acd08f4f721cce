import Screen
import TopCore

/// The channel pools of the clients: the channels that each has checked out, and the checkouts that wait.
struct ClientPools {
    private struct Entry {
        var pool: ClientPool
        /// The client that the connection belongs to.
        var owner: String
        /// Whether the attached process reported it long ago: it must not look current.
        var isOld: Bool
    }

    private enum Column: Int {
        case name, inUse, idle, waiting, discarded, timeouts, longestWait, owner

        /// On a narrow screen the last ones are omitted.
        static let byPriority: [Self] = [.name, .inUse, .waiting, .discarded, .timeouts, .idle, .owner, .longestWait]

        var alignment: Text.Alignment {
            switch self {
            case .name, .owner: .leading
            case .inUse, .idle, .waiting, .discarded, .timeouts, .longestWait: .trailing
            }
        }
    }

    private static let longestName = 24
    private static let gap = 2

    private let entries: [Entry]

    init(state: State) {
        entries = state.client.rows.flatMap { row in
            row.pools.map { pool in
                Entry(
                    pool: pool, owner: (row.process.map { "\($0): " } ?? "") + (row.name ?? row.connection).text,
                    isOld: row.isOld(in: state))
            }
        }
    }

    /// Returns the rows wanted below a table of this height; none on a low screen.
    func rows(of height: Int) -> Int {
        entries.isEmpty || height < 14 ? 0 : min(entries.count + 1, height / 4)
    }

    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 1 else { return }
        let body = rect.inset(left: 1, top: 1, right: 1)
        let shown = entries.prefix(body.height)
        let count = shown.count < entries.count ? "\(shown.count) of \(entries.count)" : "\(entries.count)"
        canvas.rule(rect, title: [Span("Channel pools", .panelTitle)], trailing: [[Span(count, .muted)]])
        var widths: [Column: Int] = [:]
        var used = 0
        for column in Column.byPriority {
            let widest = shown.map { TextWidth.columns(of: span(column, of: $0, canvas).text) }.max() ?? 0
            let width = column == .name ? min(widest, Self.longestName) : widest
            let needed = width + (widths.isEmpty ? 0 : Self.gap)
            // The name is always shown, and cut on the narrowest screens.
            guard used + needed <= body.width || widths.isEmpty else { continue }
            widths[column] = min(width, body.width)
            used += needed
        }
        let columns = widths.sorted { $0.key.rawValue < $1.key.rawValue }
        for (index, entry) in shown.enumerated() {
            var x = body.minX
            for (column, width) in columns {
                let span = span(column, of: entry, canvas)
                canvas.field(
                    span.text, x: x, y: body.minY + index, width: width, span.role, alignment: column.alignment)
                x += width + Self.gap
            }
        }
    }

    private func span(_ column: Column, of entry: Entry, _ canvas: Canvas) -> Span {
        let pool = entry.pool
        func figure(_ value: Int, _ what: String, _ role: Role) -> Span {
            Span("\(canvas.format.count(value)) \(what)", value == 0 || entry.isOld ? .faint : role)
        }
        switch column {
        case .name: return Span(pool.name, .strong)
        case .inUse:
            let figures = "\(canvas.format.count(pool.inUse)) of \(canvas.format.count(pool.size)) in use"
            return entry.isOld ? Span("\(canvas.marks.old)\(figures)", .faint) : Span(figures)
        case .idle: return figure(pool.idle, "idle", .text)
        case .waiting: return figure(pool.waiting, "waiting", .warning)
        case .discarded: return figure(pool.discarded, "discarded", .text)
        case .timeouts: return figure(pool.timeouts, "timed out", .warning)
        case .longestWait:
            return Span(
                "longest wait \(canvas.format.duration(pool.longestWait))",
                pool.longestWait < 0.05 || entry.isOld ? .faint : .text)
        case .owner: return Span(entry.owner, .muted)
        }
    }
}
