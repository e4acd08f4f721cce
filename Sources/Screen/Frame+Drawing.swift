extension Frame {
    /// Returns the text of a row without trailing blanks; empty for a row outside of the frame.
    public func text(ofRow y: Int) -> String {
        guard y >= 0, y < size.height else { return "" }
        let row = cells[(y * size.width)..<((y + 1) * size.width)]
        let end = row.lastIndex { !$0.isBlank } ?? row.startIndex - 1
        var text = ""
        for cell in row[row.startIndex..<(end + 1)] { cell.append(to: &text) }
        return text
    }

    /// All rows without trailing blanks, each ended by a line feed.
    public var text: String {
        (0..<size.height).map { text(ofRow: $0) + "\n" }.joined()
    }

    /// `text`, followed by the styles unless the frame is plain: `row: first...last style; …`, for tests of styles.
    public var styledText: String {
        var result = text + "---\n"
        if let cursor { result += "cursor: \(cursor.x),\(cursor.y)\n" }
        for y in 0..<size.height {
            var runs: [String] = []
            var start = 0
            while start < size.width {
                let style = cells[y * size.width + start].style
                var end = start
                while end + 1 < size.width, cells[y * size.width + end + 1].style == style { end += 1 }
                if style != .plain { runs.append("\(start)...\(end) \(style)") }
                start = end + 1
            }
            if !runs.isEmpty { result += "\(y): " + runs.joined(separator: "; ") + "\n" }
        }
        return result
    }
}

extension Frame {
    /// Fills an area with one character of one column, by default a blank.
    public mutating func fill(_ rect: Rect, with character: Character = " ", style: Style = .plain) {
        let area = rect.intersection(clip)
        guard !area.isEmpty, let glyph = Glyph(character), glyph.width == 1 else { return }
        let cell = Cell(glyph, style: style)
        for y in area.minY..<area.maxY {
            // The edges may cut a wide character in half; the cells in between are replaced directly.
            replace(area.minX, y, cell)
            replace(area.maxX - 1, y, cell)
            let start = y * size.width
            for index in (start + area.minX)..<(start + area.maxX) { cells[index] = cell }
        }
    }

    /// Draws a horizontal line from `point` to the right.
    public mutating func horizontalLine(
        at point: Point, length: Int, style: Style = .plain, repertoire: Repertoire = .unicode
    ) {
        fill(Rect(x: point.x, y: point.y, width: length, height: 1), with: repertoire.horizontal, style: style)
    }

    /// Draws a vertical line from `point` down.
    public mutating func verticalLine(
        at point: Point, length: Int, style: Style = .plain, repertoire: Repertoire = .unicode
    ) {
        fill(Rect(x: point.x, y: point.y, width: 1, height: length), with: repertoire.vertical, style: style)
    }

    /// Draws a border along the inside of `rect`, with a title in its upper edge. The inside is left unchanged.
    ///
    /// Nothing is drawn when there is no room for the corners.
    public mutating func box(
        _ rect: Rect, title: String = "", style: Style = .plain, titleStyle: Style? = nil,
        repertoire: Repertoire = .unicode
    ) {
        guard rect.width >= 2, rect.height >= 2 else { return }
        let right = rect.maxX - 1
        let bottom = rect.maxY - 1
        let corner = { (x: Int, y: Int) in Rect(x: x, y: y, width: 1, height: 1) }
        horizontalLine(
            at: Point(x: rect.minX + 1, y: rect.minY), length: rect.width - 2, style: style, repertoire: repertoire)
        horizontalLine(
            at: Point(x: rect.minX + 1, y: bottom), length: rect.width - 2, style: style, repertoire: repertoire)
        verticalLine(
            at: Point(x: rect.minX, y: rect.minY + 1), length: rect.height - 2, style: style, repertoire: repertoire)
        verticalLine(
            at: Point(x: right, y: rect.minY + 1), length: rect.height - 2, style: style, repertoire: repertoire)
        fill(corner(rect.minX, rect.minY), with: repertoire.topLeft, style: style)
        fill(corner(right, rect.minY), with: repertoire.topRight, style: style)
        fill(corner(rect.minX, bottom), with: repertoire.bottomLeft, style: style)
        fill(corner(right, bottom), with: repertoire.bottomRight, style: style)
        if !title.isEmpty, rect.width >= 6 {
            let shown = Text.truncated(title, to: rect.width - 6, ellipsis: repertoire.ellipsis)
            if !shown.isEmpty {
                write(" \(shown) ", at: Point(x: rect.minX + 2, y: rect.minY), style: titleStyle ?? style)
            }
        }
    }

    /// Changes the style of an area and leaves its text unchanged.
    public mutating func restyle(_ rect: Rect, _ change: (Style) -> Style) {
        let area = rect.intersection(clip)
        guard !area.isEmpty else { return }
        for y in area.minY..<area.maxY {
            let start = y * size.width
            for index in (start + area.minX)..<(start + area.maxX) { cells[index].style = change(cells[index].style) }
            // Both halves of a wide character have the same style: that of the left half.
            if cells[start + area.minX].isContinuation, area.minX > 0 {
                cells[start + area.minX].style = cells[start + area.minX - 1].style
            }
            if area.maxX < size.width, cells[start + area.maxX].isContinuation {
                cells[start + area.maxX].style = cells[start + area.maxX - 1].style
            }
        }
    }

    /// Adds attributes to an area, such as reverse video for the selected row.
    public mutating func restyle(_ rect: Rect, adding attributes: Attributes) {
        restyle(rect) { $0.adding(attributes) }
    }

    /// Copies another frame with its top left corner at `point`.
    public mutating func draw(_ other: Frame, at point: Point) {
        let area = Rect(origin: point, size: other.size).intersection(clip)
        guard !area.isEmpty else { return }
        for y in area.minY..<area.maxY {
            for x in area.minX..<area.maxX {
                let cell = other.cells[(y - point.y) * other.size.width + x - point.x]
                let cutLeft = cell.isContinuation && x == area.minX
                let cutRight = cell.width == 2 && x + 1 == area.maxX
                if cutLeft || cutRight {
                    replace(x, y, Cell(style: cell.style))
                } else if cell.isContinuation {
                    let index = y * size.width + x
                    // The previous cell may be the left half of a wide character that extends to the right.
                    if cells[index].width == 2, x + 1 < size.width {
                        cells[index + 1] = Cell(style: cells[index + 1].style)
                    }
                    cells[index] = cell
                } else {
                    replace(x, y, cell)
                }
            }
        }
    }
}

extension Glyph {
    /// Creates the first glyph of a character.
    init?(_ character: Character) {
        var text = String(character)
        let first = text.withUTF8 { bytes in
            var glyphs = GlyphIterator(bytes)
            return glyphs.next()
        }
        guard let first else { return nil }
        self = first
    }
}

/// The characters that lines and marks are drawn with.
public enum Repertoire: Sendable, Hashable {
    case unicode
    /// For `--ascii` and for terminals whose locale is not UTF-8.
    case ascii

    /// Replaces text that was cut off.
    public var ellipsis: Character { self == .unicode ? "…" : "~" }
    /// A horizontal line.
    public var horizontal: Character { self == .unicode ? "─" : "-" }
    /// A vertical line.
    public var vertical: Character { self == .unicode ? "│" : "|" }
    /// The top left corner of a box.
    public var topLeft: Character { self == .unicode ? "┌" : "+" }
    /// The top right corner of a box.
    public var topRight: Character { self == .unicode ? "┐" : "+" }
    /// The bottom left corner of a box.
    public var bottomLeft: Character { self == .unicode ? "└" : "+" }
    /// The bottom right corner of a box.
    public var bottomRight: Character { self == .unicode ? "┘" : "+" }
}
