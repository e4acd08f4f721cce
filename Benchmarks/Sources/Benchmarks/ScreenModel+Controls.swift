extension ScreenModel {
    private static let blank: Unicode.Scalar = " "

    mutating func put(_ scalar: Unicode.Scalar) {
        if isWrapDue {
            move(x: 0, y: y)
            lineFeed()
        }
        last = scalar
        cells[y][x] = scalar
        if x + 1 < width {
            x += 1
        } else {
            isWrapDue = true
        }
    }

    mutating func move(x: Int, y: Int) {
        self.x = min(max(0, x), width - 1)
        self.y = min(max(0, y), height - 1)
        isWrapDue = false
    }

    mutating func lineFeed() {
        if y == scrolling.upperBound {
            scrollUp(1, from: scrolling.lowerBound)
        } else {
            move(x: x, y: y + 1)
        }
    }

    mutating func reverseLineFeed() {
        if y == scrolling.lowerBound {
            scrollDown(1, from: scrolling.lowerBound)
        } else {
            move(x: x, y: y - 1)
        }
    }

    /// A sequence that began with ESC [, by its last byte.
    mutating func control(final: UInt8, _ parameters: [UInt8]) {
        // Modes, and what a program asks or tells the terminal beyond ECMA-48.
        if let first = parameters.first, (0x3C...0x3F).contains(first) {
            if final == UInt8(ascii: "c") { answers += Array("\u{1B}[>41;390;0c".utf8) }
            return
        }
        let numbers = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { digits in
            digits.reduce(0) { ($1 >= 0x30 && $1 <= 0x39) ? min($0 * 10 + Int($1 - 0x30), 9_999) : $0 }
        }
        let count = max(1, numbers.first ?? 1)
        switch final {
        case UInt8(ascii: "H"), UInt8(ascii: "f"):
            move(x: max(1, numbers.count > 1 ? numbers[1] : 1) - 1, y: count - 1)
        case UInt8(ascii: "A"): move(x: x, y: y - count)
        case UInt8(ascii: "B"), UInt8(ascii: "e"): move(x: x, y: y + count)
        case UInt8(ascii: "C"), UInt8(ascii: "a"): move(x: x + count, y: y)
        case UInt8(ascii: "D"): move(x: x - count, y: y)
        case UInt8(ascii: "G"), UInt8(ascii: "`"): move(x: count - 1, y: y)
        case UInt8(ascii: "d"): move(x: x, y: count - 1)
        case UInt8(ascii: "J"): eraseScreen(numbers.first ?? 0)
        case UInt8(ascii: "K"): eraseLine(numbers.first ?? 0)
        case UInt8(ascii: "X"): erase(x..<min(width, x + count), of: y)
        case UInt8(ascii: "b"): for _ in 0..<count { put(last) }
        case UInt8(ascii: "@"):
            cells[y].insert(contentsOf: Array(repeating: Self.blank, count: min(count, width)), at: x)
            cells[y].removeLast(min(count, width))
        case UInt8(ascii: "P"):
            let removed = min(count, width - x)
            cells[y].removeSubrange(x..<(x + removed))
            cells[y] += Array(repeating: Self.blank, count: removed)
        case UInt8(ascii: "L"): if scrolling.contains(y) { scrollDown(count, from: y) }
        case UInt8(ascii: "M"): if scrolling.contains(y) { scrollUp(count, from: y) }
        case UInt8(ascii: "S"): scrollUp(count, from: scrolling.lowerBound)
        case UInt8(ascii: "T"): scrollDown(count, from: scrolling.lowerBound)
        case UInt8(ascii: "r"): scroll(top: count, bottom: numbers.count > 1 ? numbers[1] : 0)
        case UInt8(ascii: "c"): answers += Array("\u{1B}[?62;22c".utf8)
        case UInt8(ascii: "n"): if count == 6 { answers += Array("\u{1B}[\(y + 1);\(x + 1)R".utf8) }
        default: break
        }
    }

    private mutating func scroll(top: Int, bottom: Int) {
        let bottom = bottom == 0 ? height : min(bottom, height)
        guard top < bottom else { return }
        scrolling = (top - 1)...(bottom - 1)
        move(x: 0, y: 0)
    }

    private mutating func erase(_ columns: Range<Int>, of row: Int) {
        for x in columns { cells[row][x] = Self.blank }
    }

    private mutating func eraseLine(_ part: Int) {
        switch part {
        case 0: erase(x..<width, of: y)
        case 1: erase(0..<(x + 1), of: y)
        default: erase(0..<width, of: y)
        }
    }

    private mutating func eraseScreen(_ part: Int) {
        switch part {
        case 0:
            eraseLine(0)
            for row in (y + 1)..<max(y + 1, height) { erase(0..<width, of: row) }
        case 1:
            eraseLine(1)
            for row in 0..<y { erase(0..<width, of: row) }
        default: for row in 0..<height { erase(0..<width, of: row) }
        }
    }

    private mutating func scrollUp(_ count: Int, from top: Int) {
        for _ in 0..<min(count, height) {
            cells.remove(at: top)
            cells.insert(Array(repeating: Self.blank, count: width), at: scrolling.upperBound)
        }
    }

    private mutating func scrollDown(_ count: Int, from top: Int) {
        for _ in 0..<min(count, height) {
            cells.remove(at: scrolling.upperBound)
            cells.insert(Array(repeating: Self.blank, count: width), at: top)
        }
    }
}
