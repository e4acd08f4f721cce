public import Screen
public import TopCore

/// One whole screen: what it shows, and what the mouse hits on it.
public struct Rendering: Sendable {
    public internal(set) var frame: Frame
    /// Table rows that there was room for; goes back as `Event.viewport`.
    public internal(set) var tableRows: Int
    /// How far it can be scrolled; goes back with the rows.
    public internal(set) var limits = ScrollLimits(detail: 0, overlay: 0, columns: 0)
    /// What can be hit, the topmost last.
    public internal(set) var targets: [Target]

    /// A part of the screen that answers to the mouse.
    public struct Target: Sendable, Equatable {
        public var area: Rect
        public var pointer: Pointer

        public init(area: Rect, pointer: Pointer) {
            self.area = area
            self.pointer = pointer
        }
    }

    /// What lies at a place, the topmost; `nil` where nothing answers.
    public func hit(_ point: Point) -> Pointer? {
        targets.last { $0.area.contains(point) }?.pointer
    }
}
