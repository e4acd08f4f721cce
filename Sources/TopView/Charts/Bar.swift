/// The filled part of a bar.
enum Bar {
    /// Returns the filled columns of `width` for a fraction: more than 0 for a positive fraction, and less than `width`
    /// for one below 1.
    static func filled(_ fraction: Double, of width: Int) -> Int {
        guard fraction.isFinite, fraction > 0, width > 0 else { return 0 }
        if fraction >= 1 { return width }
        let columns = Int((fraction * Double(width)).rounded())
        return min(max(columns, 1), max(width - 1, 1))
    }
}
