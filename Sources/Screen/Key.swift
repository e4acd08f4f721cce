/// A key press.
public struct Key: Hashable, Sendable {
    /// The key without its modifiers.
    public enum Code: Hashable, Sendable {
        /// A printable character, as typed: `G` has no shift modifier.
        case character(Character)
        /// A function key, F1 and up.
        case function(Int)
        case up
        case down
        case left
        case right
        case home
        case end
        case pageUp
        case pageDown
        case insert
        case delete
        case backspace
        case enter
        case tab
        case backTab
        case escape
    }

    /// The modifier keys that were held down, as far as a terminal reports them.
    public struct Modifiers: OptionSet, Hashable, Sendable {
        /// The options as bits.
        public let rawValue: UInt8

        /// Creates modifiers from bits.
        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// The Shift key.
        public static let shift = Modifiers(rawValue: 1 << 0)
        /// The Alt key.
        public static let alt = Modifiers(rawValue: 1 << 1)
        /// The Control key.
        public static let control = Modifiers(rawValue: 1 << 2)
    }

    /// The key without its modifiers.
    public var code: Code
    /// The modifier keys that were held down.
    public var modifiers: Modifiers

    /// Creates a key with modifiers.
    public init(_ code: Code, _ modifiers: Modifiers = []) {
        self.code = code
        self.modifiers = modifiers
    }

    /// Returns the key that types a character.
    public static func character(_ character: Character) -> Key { Key(.character(character)) }
    /// Returns a character with Control, in lower case: `.control("c")`.
    public static func control(_ character: Character) -> Key { Key(.character(character), .control) }
    /// Returns a character with Alt.
    public static func alt(_ character: Character) -> Key { Key(.character(character), .alt) }
    /// Returns a function key, F1 and up.
    public static func function(_ number: Int) -> Key { Key(.function(number)) }

    public static let up = Key(.up)
    public static let down = Key(.down)
    public static let left = Key(.left)
    public static let right = Key(.right)
    public static let home = Key(.home)
    public static let end = Key(.end)
    public static let pageUp = Key(.pageUp)
    public static let pageDown = Key(.pageDown)
    public static let insert = Key(.insert)
    public static let delete = Key(.delete)
    public static let backspace = Key(.backspace)
    public static let enter = Key(.enter)
    public static let tab = Key(.tab)
    public static let backTab = Key(.backTab)
    public static let escape = Key(.escape)
    public static let space = Key.character(" ")

    /// The character that the key types; `nil` when it types none.
    public var typed: Character? {
        guard case .character(let character) = code, modifiers.isDisjoint(with: [.control, .alt]) else { return nil }
        return character
    }

    /// The key's name in help and footer: `^C`, `PgUp`, `Shift-Tab`, `F5`, `Alt-x`, `↑`.
    public var label: String { label(.unicode) }

    /// Returns `label` in a repertoire: arrows are `Up`, `Down`, `Left`, `Right` in ASCII.
    public func label(_ repertoire: Repertoire) -> String {
        if case .character(let character) = code, modifiers == .control { return "^" + character.uppercased() }
        var label = ""
        if modifiers.contains(.control) { label += "Ctrl-" }
        if modifiers.contains(.alt) { label += "Alt-" }
        if modifiers.contains(.shift) { label += "Shift-" }
        return label + code.label(repertoire)
    }
}

extension Key.Code {
    func label(_ repertoire: Repertoire) -> String {
        let isUnicode = repertoire == .unicode
        return switch self {
        case .character(" "): "Space"
        case .character(let character): Text.visible(String(character))
        case .function(let number): "F\(number)"
        case .up: isUnicode ? "↑" : "Up"
        case .down: isUnicode ? "↓" : "Down"
        case .left: isUnicode ? "←" : "Left"
        case .right: isUnicode ? "→" : "Right"
        case .home: "Home"
        case .end: "End"
        case .pageUp: "PgUp"
        case .pageDown: "PgDn"
        case .insert: "Ins"
        case .delete: "Del"
        case .backspace: "Backspace"
        case .enter: "Enter"
        case .tab: "Tab"
        case .backTab: "Shift-Tab"
        case .escape: "Esc"
        }
    }
}
