/// How far what is on the screen can be scrolled, as the last frame found; beyond that nothing new comes into sight.
public struct ScrollLimits: Sendable, Equatable {
    /// Lines of the pane of details.
    public var detail = Int.max
    /// Lines of the overlay on top.
    public var overlay = Int.max
    /// Columns of the table.
    public var columns = Int.max

    public init(detail: Int = .max, overlay: Int = .max, columns: Int = .max) {
        self.detail = detail
        self.overlay = overlay
        self.columns = columns
    }
}
