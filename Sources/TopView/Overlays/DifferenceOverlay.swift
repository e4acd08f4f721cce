import Screen
import TopCore

/// What changed between two times, as a page over the view.
struct DifferenceOverlay {
    let page: DifferenceView

    func draw(in rect: Rect, on canvas: inout Canvas) {
        let isRoomy = rect.width >= 60 && rect.height >= 16
        let width = min(160, rect.width - (isRoomy ? 8 : 4))
        let lines = lines(width: width, canvas)
        let height = min(max(lines.count, 8), rect.height - (isRoomy ? 4 : 2))
        let inner = OverlayBox(title, content: Size(width: width, height: height), in: rect, on: &canvas).inner
        canvas.limits.overlay = max(0, lines.count - inner.height)
        let top = min(max(0, page.scroll), canvas.limits.overlay)
        for (row, line) in lines.dropFirst(top).prefix(inner.height).enumerated() {
            canvas.write(line, x: inner.minX, y: inner.minY + row, width: inner.width)
        }
        ScrollMark(top: top, count: lines.count).draw(in: inner, on: &canvas)
    }

    private var title: String {
        switch page.course {
        case .toPresent: "What changed since the mark, live"
        case .toLater: "What changed since the mark"
        case .fromEarlier: "What changed until the mark"
        }
    }

    private func lines(width: Int, _ canvas: Canvas) -> [[Span]] {
        page.difference.lines(canvas.format).flatMap { line -> [[Span]] in
            let text = canvas.marks.plain(Text.visible(line.text))
            switch line.kind {
            case .title: return Wrap.words(text, width: width).map { [Span($0, .strong)] }
            case .heading: return [[], [Span(text, .accent)]]
            case .gone: return [[Span("- ", .critical), Span(text)]]
            case .new: return [[Span("+ ", .good), Span(text)]]
            case .changed: return [[Span("~ ", .warning), Span(text)]]
            case .note: return Wrap.words(text, width: width - 2).map { [Span("  "), Span($0, .muted)] }
            }
        }
    }
}

/// The lines that are shown of a page that is longer, in the frame below it.
struct ScrollMark {
    let top: Int
    let count: Int

    func draw(in inner: Rect, on canvas: inout Canvas) {
        guard count > inner.height else { return }
        let last = min(count, top + inner.height)
        let text = " \(top + 1)\(canvas.marks.range)\(last)/\(count) "
        canvas.write(text, x: inner.maxX - text.count, y: inner.maxY, .muted)
    }
}
