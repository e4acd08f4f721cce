import Foundation
import Screen
import TopCore

/// A piece of text with its role.
struct Span: Equatable, Sendable {
    var text: String
    var role: Role

    init(_ text: String, _ role: Role = .text) {
        self.text = text
        self.role = role
    }
}

/// The drawing surface of panels: the frame, the theme, the marks, and the list of mouse targets.
struct Canvas {
    var frame: Frame
    var targets: [Rendering.Target] = []
    var limits = ScrollLimits(detail: 0, overlay: 0, columns: 0)
    let theme: Theme
    let marks: Marks
    let format: ValueFormat
    let now: Date

    init(size: Size, theme: Theme, repertoire: Repertoire, zone: ValueFormat.Zone, now: Date) {
        frame = Frame(size: size, style: theme[.text])
        self.theme = theme
        self.now = now
        marks = Marks(repertoire: repertoire)
        format = ValueFormat(zone: zone, unknown: marks.unknown)
    }

    var repertoire: Repertoire { marks.repertoire }

    /// Writes text, cut without an ellipsis.
    @discardableResult
    mutating func write(_ text: String, x: Int, y: Int, _ role: Role = .text, width: Int? = nil) -> Int {
        frame.write(text, at: Point(x: x, y: y), style: theme[role], width: width)
    }

    /// Writes text into exactly `width` columns.
    mutating func field(
        _ text: String, x: Int, y: Int, width: Int, _ role: Role = .text, alignment: Text.Alignment = .leading
    ) {
        frame.writeField(
            text, at: Point(x: x, y: y), width: width, alignment: alignment, style: theme[role],
            ellipsis: marks.ellipsis)
    }

    /// Writes spans one after the other, at most `width` columns; an ellipsis replaces what does not fit.
    /// - Returns: The number of columns used.
    @discardableResult
    mutating func write(_ spans: [Span], x: Int, y: Int, width: Int) -> Int {
        var used = 0
        for span in spans where used < width {
            let needed = TextWidth.columns(of: span.text)
            if used + needed <= width {
                write(span.text, x: x + used, y: y, span.role)
                used += needed
            } else {
                let cut = Text.truncated(span.text, to: width - used, ellipsis: marks.ellipsis)
                used += write(cut, x: x + used, y: y, span.role)
                break
            }
        }
        return used
    }

    mutating func fill(_ rect: Rect, with character: Character = " ", _ role: Role = .text) {
        frame.fill(rect, with: character, style: theme[role])
    }

    /// Makes an area of the screen a mouse target, as far as it is inside the frame.
    mutating func target(_ rect: Rect, _ pointer: Pointer) {
        let area = rect.intersection(frame.clip)
        if !area.isEmpty { targets.append(.init(area: area, pointer: pointer)) }
    }

    /// Draws with everything outside of `rect` left unchanged.
    mutating func clipped(to rect: Rect, _ body: (inout Canvas) -> Void) {
        var frame = self.frame
        // There is no other reference to the cells meanwhile, so that writing does not copy them.
        self.frame = Frame(size: .zero)
        frame.withClip(rect) { clipped in
            swap(&self.frame, &clipped)
            body(&self)
            swap(&self.frame, &clipped)
        }
        self.frame = frame
    }

    /// Draws a thin line with a title in it: the top edge of a panel.
    ///
    /// - Parameter trailing: The alternatives for the right end: the first one that fits is drawn.
    mutating func rule(_ rect: Rect, title: [Span], trailing: [[Span]] = []) {
        guard rect.width > 0, rect.height > 0 else { return }
        fill(rect.row(0), with: repertoire.horizontal, .rule)
        var left = rect.minX + 1
        if !title.isEmpty {
            let room = max(0, rect.width - 4)
            write(" ", x: left, y: rect.minY)
            let used = write(title, x: left + 1, y: rect.minY, width: room)
            write(" ", x: left + 1 + used, y: rect.minY)
            left += used + 2
        }
        let fitting = trailing.first { !$0.isEmpty && rect.maxX - Span.width($0) - 3 > left }
        guard let trailing = fitting else { return }
        let length = Span.width(trailing)
        let start = rect.maxX - length - 3
        write(" ", x: start, y: rect.minY)
        write(trailing, x: start + 1, y: rect.minY, width: length)
        write(" ", x: start + 1 + length, y: rect.minY)
        // Blanks reserved for longer figures are drawn as part of the line.
        let blanks = (trailing.last?.text.reversed().prefix { $0 == " " }.count ?? 0) - 1
        if blanks >= 0 {
            let rest = Rect(x: start + 2 + length - blanks - 1, y: rect.minY, width: blanks + 1, height: 1)
            fill(rest, with: repertoire.horizontal, .rule)
        }
    }

    /// Formats a whole number with commas, or with a letter when those do not fit.
    func count(_ value: Int?, width: Int) -> String {
        guard let value else { return marks.unknown }
        let full = format.count(value)
        return full.count <= width ? full : format.count(value, width: min(width, 6))
    }

    func rate(_ value: Double?, width: Int) -> String {
        value.map { format.rate($0, width: width) } ?? marks.unknown
    }

    /// Formats whole seconds: fractions would change faster than they can be read.
    func age(_ seconds: Double) -> String { format.duration(max(0, seconds).rounded(.down)) }

    /// Draws a fraction as a bar of `width` columns.
    mutating func bar(_ fraction: Double?, x: Int, y: Int, width: Int, _ role: Role = .barFull) {
        guard width > 0 else { return }
        let full = Bar.filled(fraction ?? 0, of: width)
        fill(Rect(x: x + full, y: y, width: width - full, height: 1), with: marks.barEmpty, .barEmpty)
        fill(Rect(x: x, y: y, width: full, height: 1), with: marks.barFull, role)
    }
}

extension Span {
    static func width(_ spans: [Span]) -> Int { spans.reduce(0) { $0 + TextWidth.columns(of: $1.text) } }
}
