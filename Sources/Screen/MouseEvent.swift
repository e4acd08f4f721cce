/// A mouse action, and its position.
public struct MouseEvent: Hashable, Sendable {
    /// A button of the mouse.
    public enum Button: Hashable, Sendable {
        case left
        case middle
        case right
    }

    /// The kind of mouse action.
    public enum Kind: Hashable, Sendable {
        case press(Button)
        case release(Button)
        /// The second press of the left button, shortly after the first at the same place. It replaces the second
        /// press.
        case doubleClick
        case scrollUp
        case scrollDown
    }

    /// The position of the mouse.
    public var point: Point
    /// The kind of action.
    public var kind: Kind

    /// Creates a mouse event.
    public init(point: Point, kind: Kind) {
        self.point = point
        self.kind = kind
    }
}
