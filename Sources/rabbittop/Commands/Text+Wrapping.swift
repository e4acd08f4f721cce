import Screen

extension Text {
    /// Returns a text for people in lines of at most `width` characters, all of them beginning at a column.
    ///
    /// - Parameter label: Precedes the first line; a longer one has a line of its own.
    static func wrapped(_ text: String, width: Int, label: String = "", column: Int = 0) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(whereSeparator: \.isWhitespace) {
            if !line.isEmpty, column + line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        if !line.isEmpty { lines.append(line) }
        let margin = String(repeating: " ", count: column)
        if label.count >= column, column > 0 { return [label] + lines.map { margin + $0 } }
        return lines.enumerated().map { index, line in (index == 0 ? padded(label, to: column) : margin) + line }
    }
}
