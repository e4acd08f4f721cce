public import Screen
public import TopCore

/// One rendered screen, with its mouse targets.
public struct Rendering: Sendable {
    /// The cells of the screen.
    public internal(set) var frame: Frame
    /// The number of table rows that fit; reported back as `Event.viewport`.
    public internal(set) var tableRows: Int
    /// How far the content can be scrolled; reported back with the rows.
    public internal(set) var limits = ScrollLimits(detail: 0, overlay: 0, columns: 0)
    /// The mouse targets, the topmost last.
    public internal(set) var targets: [Target]

    /// An area of the screen that responds to the mouse.
    public struct Target: Sendable, Equatable {
        /// The area of the screen.
        public var area: Rect
        /// The element that the mouse acts on.
        public var pointer: Pointer

        /// Creates a mouse target.
        public init(area: Rect, pointer: Pointer) {
            self.area = area
            self.pointer = pointer
        }
    }

    /// Returns the topmost target at a point; `nil` when there is none.
    public func hit(_ point: Point) -> Pointer? {
        targets.last { $0.area.contains(point) }?.pointer
    }
}
