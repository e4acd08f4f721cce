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
