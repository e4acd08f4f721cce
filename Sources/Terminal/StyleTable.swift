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
