import Screen

/// A line of small segments of fixed widths; the least important ones are omitted when they do not fit.
///
/// The widths do not depend on the figures: nothing moves when a number gets longer.
struct SegmentLine {
    struct Segment {
        var spans: [Span]
        /// The columns it occupies; the text may be shorter.
        var width: Int
        /// Segments with the lowest numbers are omitted last.
        var priority: Int
        /// Whether the segment is aligned to the right end.
        var isTrailing = false

        init(_ spans: [Span], width: Int? = nil, priority: Int, isTrailing: Bool = false) {
            self.spans = spans
            self.width = width ?? Span.width(spans)
            self.priority = priority
            self.isTrailing = isTrailing
        }
    }

    var segments: [Segment]
    var gap = 2

    /// Draws what fits into one row.
    func draw(in rect: Rect, on canvas: inout Canvas) {
        guard rect.height > 0 else { return }
        var chosen: [Int] = []
        var used = -gap
        let byImportance = segments.indices.sorted {
            (segments[$0].priority, $0) < (segments[$1].priority, $1)
        }
        for index in byImportance where segments[index].width > 0 {
            let needed = segments[index].width + gap
            // The first segment is always shown, cut if necessary.
            guard chosen.isEmpty || used + needed <= rect.width else { continue }
            used += needed
            chosen.append(index)
        }
        chosen.sort()
        var left = rect.minX
        for index in chosen where !segments[index].isTrailing {
            let segment = segments[index]
            canvas.write(segment.spans, x: left, y: rect.minY, width: min(segment.width, rect.maxX - left))
            left += segment.width + gap
        }
        var right = rect.maxX
        for index in chosen.reversed() where segments[index].isTrailing {
            let segment = segments[index]
            canvas.write(
                segment.spans, x: max(right - segment.width, rect.minX), y: rect.minY,
                width: min(segment.width, rect.width))
            right -= segment.width + gap
        }
    }
}
