/// Functions that make text safe for a terminal or a line of plain output.
public enum Text {
    /// The alignment of text in a wider field.
    public enum Alignment: Sendable {
        case leading
        case trailing
        case center
    }

    /// Returns the text with everything that must not reach a terminal replaced by a visible escape (`\n`, `\x1b`,
    /// `\u{202e}`), and with pictograph sequences reduced to their first pictograph.
    ///
    /// Line feeds are escaped, too: the result is one line. A backslash is not escaped.
    public static func visible(_ text: String) -> String {
        var text = text
        let isPlain = text.withUTF8 { bytes in bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
        if isPlain { return text }
        return text.withUTF8 { bytes in
            var result = ""
            result.reserveCapacity(bytes.count)
            var glyphs = GlyphIterator(bytes)
            while let glyph = glyphs.next() { glyph.append(to: &result) }
            return result
        }
    }

    /// Returns the text as `visible`, at most `columns` wide. Text that does not fit is cut at the end and replaced by
    /// the ellipsis.
    public static func truncated(_ text: String, to columns: Int, ellipsis: Character = "…") -> String {
        guard columns > 0 else { return "" }
        if TextWidth.columns(of: text) <= columns { return visible(text) }
        let room = columns - TextWidth.columns(of: ellipsis)
        var text = text
        return text.withUTF8 { bytes in
            var result = ""
            var used = 0
            var glyphs = GlyphIterator(bytes)
            while let glyph = glyphs.next(), used + Int(glyph.width) <= room {
                glyph.append(to: &result)
                used += Int(glyph.width)
            }
            if room >= 0 { result.append(ellipsis) }
            return result
        }
    }

    /// Returns the text as `visible`, at most `columns` wide. Text that does not fit is cut in the middle and replaced
    /// by the ellipsis: names with the same beginning differ at their ends.
    ///
    /// - Parameter end: The columns at the end that are kept if they fit.
    public static func shortened(
        _ text: String, to columns: Int, keeping end: Int? = nil, ellipsis: Character = "…"
    ) -> String {
        let room = columns - TextWidth.columns(of: ellipsis)
        guard room >= 4, TextWidth.columns(of: text) > columns else {
            return truncated(text, to: columns, ellipsis: ellipsis)
        }
        let kept = min(end ?? room * 2 / 5, room - 2)
        var text = text
        return text.withUTF8 { bytes in
            var glyphs: [Glyph] = []
            var iterator = GlyphIterator(bytes)
            while let glyph = iterator.next() { glyphs.append(glyph) }
            var tail = glyphs.count
            var tailWidth = 0
            while tail > 0, tailWidth + Int(glyphs[tail - 1].width) <= kept {
                tail -= 1
                tailWidth += Int(glyphs[tail].width)
            }
            var result = ""
            var used = 0
            for glyph in glyphs[..<tail] {
                guard used + Int(glyph.width) + tailWidth <= room else { break }
                glyph.append(to: &result)
                used += Int(glyph.width)
            }
            result.append(ellipsis)
            for glyph in glyphs[tail...] { glyph.append(to: &result) }
            return result
        }
    }

    /// Returns the text in exactly `columns` columns: cut with the ellipsis, or filled with blanks.
    public static func padded(
        _ text: String, to columns: Int, alignment: Alignment = .leading, ellipsis: Character = "…"
    ) -> String {
        let cut = truncated(text, to: columns, ellipsis: ellipsis)
        let blanks = max(0, columns - TextWidth.columns(of: cut))
        switch alignment {
        case .leading: return cut + String(repeating: " ", count: blanks)
        case .trailing: return String(repeating: " ", count: blanks) + cut
        case .center:
            return String(repeating: " ", count: blanks / 2) + cut
                + String(repeating: " ", count: blanks - blanks / 2)
        }
    }
}
