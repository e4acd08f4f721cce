/// How many columns text takes on a terminal, with control and invisible characters counted as the escapes
/// that stand for them.
public enum TextWidth {
    /// The columns that `Frame.write` uses for this text.
    public static func columns(of text: String) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            var glyphs = GlyphIterator(bytes)
            var columns = 0
            while let glyph = glyphs.next() { columns += Int(glyph.width) }
            return columns
        }
    }

    /// The columns of one character.
    public static func columns(of character: Character) -> Int {
        columns(of: String(character))
    }
}
