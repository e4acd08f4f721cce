import Screen
import TopCore

/// All keys that apply, from the key table, and the meaning of the marks on the screen.
struct HelpOverlay {
    let groups: [HelpGroup]
    let scroll: Int

    func draw(in rect: Rect, on canvas: inout Canvas) {
        let most = rect.width - (rect.width >= 60 ? 6 : 4)
        let count = most >= 168 ? 3 : most >= 96 ? 2 : 1
        let gap = 4
        let columnWidth = min(72, (most - gap * (count - 1)) / count)
        let marks = canvas.marks
        var blocks = groups.map { Self.lines($0.title, Self.entries($0, marks), width: columnWidth) }
        blocks.append(Self.lines("Marks", Self.marks(marks), width: columnWidth))
        let columns = Self.distribute(blocks, over: count)
        let height = columns.map(\.count).max() ?? 0
        let width = columnWidth * count + gap * (count - 1)
        let inner = OverlayBox("Keys", content: Size(width: width, height: height), in: rect, on: &canvas).inner
        canvas.limits.overlay = max(0, height - inner.height)
        let top = min(max(0, scroll), canvas.limits.overlay)
        for (index, column) in columns.enumerated() {
            let x = inner.minX + index * (columnWidth + gap)
            for (row, line) in column.dropFirst(top).prefix(inner.height).enumerated() {
                canvas.write(line, x: x, y: inner.minY + row, width: min(columnWidth, inner.maxX - x))
            }
        }
        ScrollMark(top: top, count: height).draw(in: inner, on: &canvas)
    }

    /// A key or mark, and its meaning.
    private struct Entry {
        var keys: String
        var text: String
    }

    private static func marks(_ marks: Marks) -> [Entry] {
        [
            Entry(keys: String(marks.alert), text: "Needs a look"),
            Entry(keys: String(marks.growing), text: "Beside a number: it grows"),
            Entry(keys: String(marks.old), text: "Older than it should be"),
            Entry(keys: "\(marks.tagged) \(marks.taggedSelection)", text: "Tagged, and tagged and selected"),
            Entry(keys: String(marks.failed), text: "Ended while its details are open"),
            Entry(keys: "\(marks.less) \(marks.more)", text: "More columns to the left or right"),
            Entry(keys: marks.unknown, text: "Not known"),
        ]
    }

    private static func entries(_ group: HelpGroup, _ marks: Marks) -> [Entry] {
        group.items.map { item in
            let asks = item.isDangerous ? " (asks first)" : ""
            return Entry(keys: item.keys, text: "\(marks.plain(item.help))\(asks) :\(item.name)")
        }
    }

    private static func lines(_ title: String, _ entries: [Entry], width: Int) -> [[Span]] {
        var lines: [[Span]] = [[Span(title, .accent)]]
        let keyWidth = min(14, max(8, width / 4))
        for entry in entries {
            let isLong = TextWidth.columns(of: entry.keys) > keyWidth
            if isLong { lines.append([Span(entry.keys, .key)]) }
            for (index, part) in Wrap.words(entry.text, width: max(8, width - keyWidth - 2)).enumerated() {
                let key = index == 0 && !isLong ? entry.keys : ""
                lines.append([Span(Text.padded(key, to: keyWidth) + "  ", .key), Span(part)])
            }
        }
        return lines
    }

    /// Distributes the blocks in order to columns so that the tallest column is as low as possible.
    static func distribute(_ blocks: [[[Span]]], over count: Int) -> [[[Span]]] {
        var limit = blocks.map(\.count).max() ?? 0
        while true {
            var columns: [[[Span]]] = [[]]
            for block in blocks {
                let here = columns[columns.count - 1]
                if !here.isEmpty, here.count + 1 + block.count > limit { columns.append([]) }
                if !columns[columns.count - 1].isEmpty { columns[columns.count - 1].append([]) }
                columns[columns.count - 1] += block
            }
            if columns.count <= max(1, count) { return columns }
            limit += 1
        }
    }
}
