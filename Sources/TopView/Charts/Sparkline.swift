import Screen

/// A small chart of one line: one column for each value, the newest at the right.
enum Sparkline {
    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let ascii: [Character] = ["_", ".", "-", "=", "+", "*", "#"]

    /// Returns the chart as text; an unknown value is a blank. It shows changes: it starts at zero only when the values
    /// do, but a change smaller than a quarter of the largest value does not use the full height.
    static func text(_ values: [Double?], repertoire: Repertoire = .unicode) -> String {
        let levels = repertoire == .unicode ? blocks : ascii
        let known = values.compactMap { $0 }.filter(\.isFinite)
        let top = known.max() ?? 0
        let range = max(top - (known.min() ?? 0), top / 4)
        let bottom = max(0, top - range * 1.15)
        return String(
            values.map { value -> Character in
                guard let value, value.isFinite else { return " " }
                guard top > 1e-9, value > 0 else { return levels[0] }
                let level = ((value - bottom) / (top - bottom) * Double(levels.count - 1)).rounded()
                return levels[min(max(Int(level), 0), levels.count - 1)]
            })
    }
}
