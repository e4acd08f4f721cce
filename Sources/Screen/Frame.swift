/// The content of the whole screen: a grid of cells, and the position of the cursor.
///
/// All drawing functions clip at the edges and at the current clip, keep the halves of a wide character together, and
/// convert characters that must not reach a terminal into visible escapes.
public struct Frame: Equatable, Sendable {
    /// The size of the frame.
    public let size: Size
    /// The cells, row by row, `size.width` cells each.
    public internal(set) var cells: [Cell]
    /// The position of the cursor; `nil` hides it.
    public var cursor: Point?
    /// The area that drawing is restricted to.
    public internal(set) var clip: Rect

    /// Creates a frame of blanks.
    public init(size: Size, style: Style = .plain) {
        self.size = size
        cells = Array(repeating: Cell(style: style), count: size.width * size.height)
        clip = Rect(size)
    }

    /// The whole frame.
    public var bounds: Rect { Rect(size) }

    /// The cell at a position; `nil` outside of the frame.
    public subscript(x: Int, y: Int) -> Cell? {
        guard bounds.contains(Point(x: x, y: y)) else { return nil }
        return cells[y * size.width + x]
    }

    public static func == (left: Frame, right: Frame) -> Bool {
        left.size == right.size && left.cursor == right.cursor && left.cells == right.cells
    }

    /// Runs `body` with drawing restricted to the intersection of `rect` and the current clip. Coordinates remain those
    /// of the whole frame.
    public mutating func withClip<Result>(_ rect: Rect, _ body: (inout Frame) throws -> Result) rethrows -> Result {
        let outer = clip
        clip = outer.intersection(rect)
        defer { clip = outer }
        return try body(&self)
    }

    /// Writes one line of text from `point` on, cut after `width` columns and at the clip.
    ///
    /// A wide character that does not fit completely is omitted, with everything after it.
    /// - Returns: The columns that the text takes from `point` on, up to where it was cut.
    @discardableResult
    public mutating func write(_ text: String, at point: Point, style: Style = .plain, width: Int? = nil) -> Int {
        let end = endColumn(from: point, width: width)
        var text = text
        return text.withUTF8 { bytes in
            var glyphs = GlyphIterator(bytes)
            var x = point.x
            while let glyph = glyphs.next(), x + Int(glyph.width) <= end {
                put(glyph, x: x, y: point.y, style: style)
                x += Int(glyph.width)
            }
            return x - point.x
        }
    }

    /// Writes text into exactly `width` columns: filled with blanks, or cut with an ellipsis.
    public mutating func writeField(
        _ text: String, at point: Point, width: Int, alignment: Text.Alignment = .leading, style: Style = .plain,
        ellipsis: Character = "…"
    ) {
        guard width > 0 else { return }
        let needed = TextWidth.columns(of: text)
        guard needed <= width else {
            let cut = write(text, at: point, style: style, width: width - TextWidth.columns(of: ellipsis))
            let mark = write(String(ellipsis), at: point.offset(x: cut), style: style, width: width - cut)
            fill(Rect(x: point.x + cut + mark, y: point.y, width: width - cut - mark, height: 1), style: style)
            return
        }
        let before =
            switch alignment {
            case .leading: 0
            case .trailing: width - needed
            case .center: (width - needed) / 2
            }
        fill(Rect(x: point.x, y: point.y, width: before, height: 1), style: style)
        write(text, at: point.offset(x: before), style: style)
        fill(
            Rect(x: point.x + before + needed, y: point.y, width: width - before - needed, height: 1), style: style)
    }

    /// Returns the first column that text from `point` on must not use; that of `point` for a row outside of the clip.
    private func endColumn(from point: Point, width: Int?) -> Int {
        guard point.y >= clip.minY, point.y < clip.maxY else { return point.x }
        guard let width else { return clip.maxX }
        // A limit far beyond the frame has no effect; the sum must not overflow.
        return width >= clip.maxX - point.x ? clip.maxX : point.x + max(0, width)
    }

    /// Sets one character. The row is inside the clip, and the character ends inside it.
    mutating func put(_ glyph: Glyph, x: Int, y: Int, style: Style) {
        if x < clip.minX {
            // The left half of a wide character is outside: its right half becomes a blank.
            if x + Int(glyph.width) > clip.minX { replace(clip.minX, y, Cell(style: style)) }
            return
        }
        if glyph.width == 1 {
            replace(x, y, Cell(glyph, style: style))
        } else {
            replace(x, y, Cell(style: style))
            replace(x + 1, y, .continuation(style: style))
            cells[y * size.width + x] = Cell(glyph, style: style)
        }
    }

    /// Sets one cell; the other half of a wide character that was there becomes a blank.
    mutating func replace(_ x: Int, _ y: Int, _ cell: Cell) {
        let index = y * size.width + x
        let old = cells[index].width
        if old == 0, x > 0 {
            cells[index - 1] = Cell(style: cells[index - 1].style)
        } else if old == 2, x + 1 < size.width {
            cells[index + 1] = Cell(style: cells[index + 1].style)
        }
        cells[index] = cell
    }
}
