import Screen

/// What the user asked of the terminal.
public struct TerminalOptions: Hashable, Sendable {
    /// Off with `--no-color` and `NO_COLOR`: attributes alone.
    public var colors: Bool
    /// Off with `--no-mouse`: the terminal's own selection works as usual.
    public var mouse: Bool
    /// With `--ascii`: other characters are drawn as `?`.
    public var ascii: Bool

    public init(colors: Bool = true, mouse: Bool = true, ascii: Bool = false) {
        self.colors = colors
        self.mouse = mouse
        self.ascii = ascii
    }

    /// The smallest terminal that a session begins on.
    public static let minimumSize = Size(width: 40, height: 10)
}
