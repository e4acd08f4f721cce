/// How far the parts of the screen can be scrolled, as determined by the last frame.
public struct ScrollLimits: Sendable, Equatable {
    /// Lines of the details pane.
    public var detail = Int.max
    /// Lines of the topmost overlay.
    public var overlay = Int.max
    /// Columns of the table.
    public var columns = Int.max

    /// Creates limits, by default without restriction.
    public init(detail: Int = .max, overlay: Int = .max, columns: Int = .max) {
        self.detail = detail
        self.overlay = overlay
        self.columns = columns
    }
}
