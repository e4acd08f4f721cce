/// What the mouse did, and where.
public struct MouseEvent: Hashable, Sendable {
    public enum Button: Hashable, Sendable {
        case left
        case middle
        case right
    }

    public enum Kind: Hashable, Sendable {
        case press(Button)
        case release(Button)
        /// The second press of the left button, soon after the first at the same place. Comes after that press,
        /// in place of another one.
        case doubleClick
        case scrollUp
        case scrollDown
    }

    public var point: Point
    public var kind: Kind

    public init(point: Point, kind: Kind) {
        self.point = point
        self.kind = kind
    }
}
