/// What the whole screen shows: a grid of cells, and where the cursor is.
///
/// Every way to write clips at the edges and at the current clip, keeps the halves of a wide character
/// together, and turns what must not reach a terminal into visible escapes.
public struct Frame: Equatable, Sendable {
    public let size: Size
    /// Row after row, `size.width` cells each.
    public internal(set) var cells: [Cell]
    /// Where the cursor stands; nil hides it.
    public var cursor: Point?
    /// Nothing outside of this is changed.
    public internal(set) var clip: Rect

    /// All blanks.
    public init(size: Size, style: Style = .plain) {
        self.size = size
        cells = Array(repeating: Cell(style: style), count: size.width * size.height)
        clip = Rect(size)
    }

    /// The whole frame.
    public var bounds: Rect { Rect(size) }

    /// The cell at a place; nil outside of the frame.
    public subscript(x: Int, y: Int) -> Cell? {
        guard bounds.contains(Point(x: x, y: y)) else { return nil }
        return cells[y * size.width + x]
    }

    public static func == (left: Frame, right: Frame) -> Bool {
        left.size == right.size && left.cursor == right.cursor && left.cells == right.cells
    }

    /// Runs `body` with writing confined to `rect` as well as to the clip already in force. Coordinates stay
    /// those of the whole frame.
    public mutating func withClip<Result>(_ rect: Rect, _ body: (inout Frame) throws -> Result) rethrows -> Result {
        let outer = clip
        clip = outer.intersection(rect)
        defer { clip = outer }
        return try body(&self)
    }

    /// Writes one line of text from `point` on, cut after `width` columns and at the clip.
    ///
    /// A wide character that does not fit whole is left out, and what follows it too.
    /// - Returns: the columns that the text takes from `point` on, up to where it was cut.
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

    /// Writes text into exactly `width` columns: blanks fill the rest, an ellipsis stands for what does not fit.
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

    /// The first column that text from `point` on may not touch; none, for a row outside of the clip.
    private func endColumn(from point: Point, width: Int?) -> Int {
        guard point.y >= clip.minY, point.y < clip.maxY else { return point.x }
        guard let width else { return clip.maxX }
        // A limit far beyond the frame is no limit; the sum must not overflow.
        return width >= clip.maxX - point.x ? clip.maxX : point.x + max(0, width)
    }

    /// Sets one character. The row is inside the clip, and the character ends inside it.
    mutating func put(_ glyph: Glyph, x: Int, y: Int, style: Style) {
        if x < clip.minX {
            // The left half of a wide character lies outside: its right half is a blank.
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
