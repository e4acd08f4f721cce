import Screen

/// A small chart of one line: one column for each value, the newest at the right.
enum Sparkline {
    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let ascii: [Character] = ["_", ".", "-", "=", "+", "*", "#"]

    /// Zero is the lowest mark, what is not known a blank. `maximum` is the top, the largest value unless told.
    static func text(_ values: [Double?], maximum: Double? = nil, repertoire: Repertoire = .unicode) -> String {
        let levels = repertoire == .unicode ? blocks : ascii
        let top = maximum ?? values.lazy.compactMap { $0 }.filter { $0.isFinite }.max() ?? 0
        return String(
            values.map { value -> Character in
                guard let value, value.isFinite else { return " " }
                guard top > 0, value > 0 else { return levels[0] }
                let level = (min(value / top, 1) * Double(levels.count - 1)).rounded()
                return levels[min(max(Int(level), 1), levels.count - 1)]
            })
    }
}
