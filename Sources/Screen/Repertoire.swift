/// The characters that lines and marks are drawn with.
public enum Repertoire: Sendable, Hashable {
    case unicode
    /// For `--ascii` and for terminals whose locale is not UTF-8.
    case ascii

    /// Replaces text that was cut off.
    public var ellipsis: Character { self == .unicode ? "…" : "~" }
    public var horizontal: Character { self == .unicode ? "─" : "-" }
    public var vertical: Character { self == .unicode ? "│" : "|" }
    public var topLeft: Character { self == .unicode ? "┌" : "+" }
    public var topRight: Character { self == .unicode ? "┐" : "+" }
    public var bottomLeft: Character { self == .unicode ? "└" : "+" }
    public var bottomRight: Character { self == .unicode ? "┘" : "+" }
}
