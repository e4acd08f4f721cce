/// What a terminal does with one Unicode scalar: the answer of glibc's `wcwidth`, except that nothing
/// invisible is let through.
///
/// The table is made by `Scripts/column-classes.py`.
enum ColumnClass: UInt8 {
    /// Controls, format characters, line separators, unassigned code points: shown as an escape.
    case escape = 0
    /// Drawn over the character before it; takes no column.
    case mark = 1
    /// One column.
    case narrow = 2
    /// Two columns.
    case wide = 3

    static func of(_ scalar: UInt32) -> ColumnClass {
        switch scalar {
        case 0x20..<0x7F: .narrow
        case 0xAE..<0x300: .narrow
        case 0x2500..<0x25FD, 0x2800..<0x2900: .narrow
        default: search(scalar)
        }
    }

    private static func search(_ scalar: UInt32) -> ColumnClass {
        let key = scalar << 2 | 3
        var low = 0
        var high = runs.count
        // The last run that begins at or before the scalar; the first run begins at 0.
        while high - low > 1 {
            let middle = (low + high) / 2
            if runs[middle] <= key { low = middle } else { high = middle }
        }
        return ColumnClass(rawValue: UInt8(truncatingIfNeeded: runs[low] & 3)) ?? .escape
    }

    /// Pictures that are written as sequences: with a joiner, a skin tone or a variation selector after them.
    static func isPictograph(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0xA9, 0xAE, 0x203C, 0x2049, 0x2122, 0x2139, 0x3030, 0x303D, 0x3297, 0x3299: true
        case 0x2190...0x21FF, 0x2300...0x23FF, 0x25A0...0x27BF, 0x2900...0x297F, 0x2B00...0x2BFF: true
        case 0x1F000...0x1FAFF: true
        default: false
        }
    }
}
