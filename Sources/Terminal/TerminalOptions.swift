import Screen

/// The user's options of the terminal.
public struct TerminalOptions: Hashable, Sendable {
    /// Whether colours are used; off with `--no-color` and `NO_COLOR`, which leaves attributes only.
    public var colors: Bool
    /// Whether the mouse is reported; off with `--no-mouse`, which leaves the terminal's own selection.
    public var mouse: Bool
    /// Whether other characters than ASCII are drawn as `?`, with `--ascii`.
    public var ascii: Bool

    /// Creates options, by default with colours and the mouse.
    public init(colors: Bool = true, mouse: Bool = true, ascii: Bool = false) {
        self.colors = colors
        self.mouse = mouse
        self.ascii = ascii
    }

    /// The smallest terminal on which a session can start.
    public static let minimumSize = Size(width: 40, height: 10)
}
