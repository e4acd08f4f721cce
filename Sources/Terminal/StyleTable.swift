import CTerminal
import Screen

/// Converts styles to ncurses attributes and a colour pair, which is initialised on first use.
struct StyleTable {
    struct Entry {
        let attributes: UInt16
        let pair: Int32
    }

    private struct Colors: Hashable {
        let foreground: Int32
        let background: Int32
    }

    private let palette: Palette
    private let pairLimit: Int32
    private let setPair: (_ pair: Int32, _ foreground: Int32, _ background: Int32) -> Bool
    private var pairs: [Colors: Int32] = [:]
    private var entries: [Style: Entry] = [:]

    /// Creates a table. `pairLimit` includes pair 0, which is the terminal's default and cannot be changed.
    init(
        palette: Palette, pairLimit: Int32,
        setPair: @escaping (_ pair: Int32, _ foreground: Int32, _ background: Int32) -> Bool
    ) {
        self.palette = palette
        self.pairLimit = pairLimit
        self.setPair = setPair
    }

    mutating func entry(for style: Style) -> Entry {
        if let entry = entries[style] { return entry }
        // A program uses some dozens of styles; one that creates thousands must not exhaust memory.
        if entries.count >= 4096 { entries.removeAll(keepingCapacity: true) }
        let entry = make(style)
        entries[style] = entry
        return entry
    }

    private mutating func make(_ style: Style) -> Entry {
        var attributes = style.attributes
        guard palette.count > 0, style.foreground != .default || style.background != .default else {
            return Entry(attributes: UInt16(attributes.rawValue), pair: 0)
        }
        let (foreground, isBright) = palette.number(of: style.foreground, in: .foreground)
        let (background, _) = palette.number(of: style.background, in: .background)
        if isBright { attributes.insert(.bold) }
        let colors = Colors(foreground: foreground, background: background)
        if let pair = pair(for: colors) { return Entry(attributes: UInt16(attributes.rawValue), pair: pair) }
        // No pairs left: use the foreground alone if it has a pair; a coloured background stays visible by reverse
        // video.
        let plain = palette.number(of: .default, in: .background).number
        let foregroundOnly = pairs[Colors(foreground: foreground, background: plain)] ?? 0
        if style.background != .default { attributes.insert(.reverse) }
        return Entry(attributes: UInt16(attributes.rawValue), pair: foregroundOnly)
    }

    private mutating func pair(for colors: Colors) -> Int32? {
        if let pair = pairs[colors] { return pair }
        let next = Int32(pairs.count) + 1
        guard next < pairLimit, setPair(next, colors.foreground, colors.background) else { return nil }
        pairs[colors] = next
        return next
    }
}

/// Maps xterm's 256 colours to those of a terminal with fewer colours.
struct Palette: Hashable, Sendable {
    /// The number of colours of the terminal, 0 for none.
    let count: Int
    /// Whether -1 means the terminal's default foreground or background.
    let hasDefaults: Bool

    enum Layer {
        case foreground
        case background
    }

    /// Returns the terminal's number of a colour, and whether bold has to stand for brightness.
    func number(of color: Color, in layer: Layer) -> (number: Int32, isBright: Bool) {
        switch color {
        case .default:
            if hasDefaults { return (-1, false) }
            return (layer == .foreground ? 7 : 0, false)
        case .indexed(let index):
            if count == 256 { return (Int32(index), false) }
            if count > 256 { return (direct(index), false) }
            if count >= 16 { return (Int32(Self.nearestBasic(to: index)), false) }
            let basic = Self.nearestBasic(to: index)
            // Bright black on black would be invisible: without bright colours it is white without bold, which is grey.
            if basic == 8 { return (layer == .foreground ? 7 : 0, false) }
            return (Int32(basic & 7), basic > 7 && layer == .foreground)
        }
    }

    /// Returns the number of a colour on a terminal with direct colours, which takes 0 to 7 as usual and 24-bit RGB
    /// values above.
    private func direct(_ index: UInt8) -> Int32 {
        if index < 8 { return Int32(index) }
        let (red, green, blue) = Self.components(of: index)
        return Int32(red << 16 | green << 8 | blue)
    }

    /// Returns the nearest of the sixteen basic colours, as defined by xterm.
    static func nearestBasic(to index: UInt8) -> Int {
        if index < 16 { return Int(index) }
        let (red, green, blue) = components(of: index)
        var best = 0
        var smallest = Int.max
        for candidate in 0..<16 {
            let (r, g, b) = basic[candidate]
            let distance = (red - r) * (red - r) + (green - g) * (green - g) + (blue - b) * (blue - b)
            if distance < smallest { (best, smallest) = (candidate, distance) }
        }
        return best
    }

    private static let basic: [(Int, Int, Int)] = [
        (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
        (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255),
        (0, 255, 255), (255, 255, 255),
    ]

    private static func components(of index: UInt8) -> (Int, Int, Int) {
        let index = Int(index)
        if index < 16 { return basic[index] }
        if index >= 232 {
            let level = 8 + (index - 232) * 10
            return (level, level, level)
        }
        let levels = [0, 95, 135, 175, 215, 255]
        let cube = index - 16
        return (levels[cube / 36], levels[cube / 6 % 6], levels[cube % 6])
    }
}
