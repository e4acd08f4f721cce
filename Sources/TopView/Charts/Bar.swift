/// How much of a bar is filled.
enum Bar {
    /// Columns of `width` that stand for a fraction: something is never nothing, and not all is never all.
    static func filled(_ fraction: Double, of width: Int) -> Int {
        guard fraction.isFinite, fraction > 0, width > 0 else { return 0 }
        if fraction >= 1 { return width }
        let columns = Int((fraction * Double(width)).rounded())
        return min(max(columns, 1), max(width - 1, 1))
    }
}
