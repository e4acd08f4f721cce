/// A colour of a cell.
public enum Color: Hashable, Sendable {
    /// The terminal's default foreground or background.
    case `default`
    /// One of xterm's 256 colours: 0 to 7 are the basic ones, 8 to 15 their bright forms, 16 to 231 a cube of 6 x 6 x
    /// 6, 232 to 255 greys. A terminal with fewer colours shows the nearest one.
    case indexed(UInt8)

    public static let black = Color.indexed(0)
    public static let red = Color.indexed(1)
    public static let green = Color.indexed(2)
    public static let yellow = Color.indexed(3)
    public static let blue = Color.indexed(4)
    public static let magenta = Color.indexed(5)
    public static let cyan = Color.indexed(6)
    public static let white = Color.indexed(7)
}

/// The attributes of a cell besides its colours. A terminal ignores those it does not support.
public struct Attributes: OptionSet, Hashable, Sendable {
    /// The options as bits.
    public let rawValue: UInt8

    /// Creates attributes from bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Bold text.
    public static let bold = Attributes(rawValue: 1 << 0)
    /// Dim text.
    public static let dim = Attributes(rawValue: 1 << 1)
    /// Underlined text.
    public static let underline = Attributes(rawValue: 1 << 2)
    /// Foreground and background swapped.
    public static let reverse = Attributes(rawValue: 1 << 3)
    /// Italic text.
    public static let italic = Attributes(rawValue: 1 << 4)
}

/// The appearance of a cell.
public struct Style: Hashable, Sendable {
    /// The foreground colour.
    public var foreground: Color
    /// The background colour.
    public var background: Color
    /// The attributes besides the colours.
    public var attributes: Attributes

    /// Creates a style, by default the terminal's colours without attributes.
    public init(foreground: Color = .default, background: Color = .default, attributes: Attributes = []) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }

    /// The terminal's default colours without attributes.
    public static let plain = Style()

    /// Returns the style with additional attributes.
    public func adding(_ attributes: Attributes) -> Style {
        Style(foreground: foreground, background: background, attributes: self.attributes.union(attributes))
    }

    /// Returns the style with another foreground colour.
    public func foreground(_ color: Color) -> Style {
        Style(foreground: color, background: background, attributes: attributes)
    }

    /// Returns the style with another background colour.
    public func background(_ color: Color) -> Style {
        Style(foreground: foreground, background: color, attributes: attributes)
    }
}

extension Style: CustomStringConvertible {
    /// The style in golden files: `bold red on 236`, `plain`.
    public var description: String {
        var words: [String] = []
        if attributes.contains(.bold) { words.append("bold") }
        if attributes.contains(.dim) { words.append("dim") }
        if attributes.contains(.underline) { words.append("underline") }
        if attributes.contains(.reverse) { words.append("reverse") }
        if attributes.contains(.italic) { words.append("italic") }
        if foreground != .default { words.append(foreground.description) }
        if background != .default { words += ["on", background.description] }
        return words.isEmpty ? "plain" : words.joined(separator: " ")
    }
}

extension Color: CustomStringConvertible {
    public var description: String {
        let names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
        switch self {
        case .default: return "default"
        case .indexed(let index): return index < 8 ? names[Int(index)] : String(index)
        }
    }
}
