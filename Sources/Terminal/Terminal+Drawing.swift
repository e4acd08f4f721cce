import CTerminal
import Screen

extension Terminal {
    /// Shows a frame. Only the differences to the previous frame are written, in one write; nothing when there are
    /// none.
    ///
    /// A frame of a different size than the terminal is clipped, or leaves the rest blank.
    public func draw(_ frame: Frame) {
        if let shown, shown == frame { return }
        let before = shown?.size == frame.size ? shown : nil
        if before == nil { CTerminal_forget() }
        shown = frame
        for y in 0..<min(frame.size.height, size.height) { put(row: y, of: frame, before: before) }
        if let cursor = frame.cursor, Rect(size).contains(cursor) {
            CTerminal_show(Int32(cursor.y), Int32(cursor.x))
        } else {
            CTerminal_show(-1, -1)
        }
    }

    /// Redraws the last frame, whatever is on the screen.
    func redraw() {
        guard let frame = shown else { return }
        shown = nil
        draw(frame)
    }

    /// Passes the changed part of a row to ncurses.
    private func put(row y: Int, of frame: Frame, before: Frame?) {
        let start = y * frame.size.width
        let width = min(frame.size.width, size.width)
        var first = 0
        var end = width
        if let before {
            let new = frame.cells[start..<(start + width)]
            let old = before.cells[start..<(start + width)]
            guard let changed = zip(new.indices, old.indices).first(where: { new[$0] != old[$1] })?.0 else { return }
            first = changed - start
            while end > first + 1, new[start + end - 1] == old[start + end - 1] { end -= 1 }
            // A wide character is always written completely.
            if first > 0, new[start + first].isContinuation { first -= 1 }
            if end < width, new[start + end].isContinuation { end += 1 }
        }
        buffer.removeAll(keepingCapacity: true)
        var style = Style.plain
        var entry = styles.entry(for: style)
        for x in first..<end {
            let cell = frame.cells[start + x]
            if cell.isContinuation { continue }
            if cell.style != style {
                style = cell.style
                entry = styles.entry(for: style)
            }
            // The terminal may end in the middle of a wide character of a larger frame.
            let isCut = cell.width == 2 && x + 1 >= width
            append(cell, isCut: isCut, entry: entry)
        }
        buffer.withUnsafeBufferPointer { cells in
            CTerminal_put(Int32(y), Int32(first), cells.baseAddress, Int32(cells.count))
        }
    }

    private func append(_ cell: Cell, isCut: Bool, entry: StyleTable.Entry) {
        var drawn = CTerminal_Cell()
        drawn.attributes = entry.attributes
        drawn.pair = entry.pair
        drawn.count = 1
        drawn.width = 1
        if isCut {
            drawn.text.0 = 0x20
            buffer.append(drawn)
            return
        }
        if cell.base >= 0x80, !isUTF8 {
            drawn.text.0 = UInt32(UInt8(ascii: "?"))
            for _ in 0..<cell.width { buffer.append(drawn) }
            return
        }
        drawn.width = UInt8(cell.width)
        drawn.text.0 = cell.base
        let marks = isUTF8 ? cell.combiningMarks : 0
        if marks != 0 {
            let bits: UInt64 = 0x1F_FFFF
            drawn.text.1 = UInt32(truncatingIfNeeded: marks & bits)
            drawn.text.2 = UInt32(truncatingIfNeeded: marks >> 21 & bits)
            drawn.text.3 = UInt32(truncatingIfNeeded: marks >> 42 & bits)
            drawn.count = 4
        }
        buffer.append(drawn)
    }
}
