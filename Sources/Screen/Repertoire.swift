/// The characters that lines and marks are drawn with.
public enum Repertoire: Sendable, Hashable {
    case unicode
    /// For `--ascii` and for terminals whose locale is not UTF-8.
    case ascii

    /// Replaces text that was cut off.
    public var ellipsis: Character { self == .unicode ? "…" : "~" }
    /// A horizontal line.
    public var horizontal: Character { self == .unicode ? "─" : "-" }
    /// A vertical line.
    public var vertical: Character { self == .unicode ? "│" : "|" }
    /// The top left corner of a box.
    public var topLeft: Character { self == .unicode ? "┌" : "+" }
    /// The top right corner of a box.
    public var topRight: Character { self == .unicode ? "┐" : "+" }
    /// The bottom left corner of a box.
    public var bottomLeft: Character { self == .unicode ? "└" : "+" }
    /// The bottom right corner of a box.
    public var bottomRight: Character { self == .unicode ? "┘" : "+" }
}
