/// The width of text on a terminal, in columns, including the escapes that replace characters that must not reach it.
public enum TextWidth {
    /// Returns the columns that `Frame.write` uses for this text.
    public static func columns(of text: String) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            var glyphs = GlyphIterator(bytes)
            var columns = 0
            while let glyph = glyphs.next() { columns += Int(glyph.width) }
            return columns
        }
    }

    /// Returns the columns of one character.
    public static func columns(of character: Character) -> Int {
        columns(of: String(character))
    }
}
