extension Text {
    /// Returns rows of cells as lines with aligned columns. A line ends with its last cell that is not empty.
    ///
    /// - Parameters:
    ///   - alignments: How each column is aligned; `.leading` where it has none.
    ///   - gap: The blanks between two columns.
    public static func aligned(_ rows: [[String]], _ alignments: [Alignment] = [], gap: Int = 2) -> [String] {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], TextWidth.columns(of: cell))
            }
        }
        return rows.map { row in
            var line = ""
            var blanks = 0
            for (column, cell) in row.enumerated() {
                let rest = widths[column] - TextWidth.columns(of: cell)
                let before =
                    switch column < alignments.count ? alignments[column] : .leading {
                    case .leading: 0
                    case .trailing: rest
                    case .center: rest / 2
                    }
                blanks += before
                if !cell.isEmpty {
                    line += String(repeating: " ", count: blanks) + cell
                    blanks = 0
                }
                blanks += rest - before + gap
            }
            return line
        }
    }
}
