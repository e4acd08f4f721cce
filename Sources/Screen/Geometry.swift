/// The size of a terminal or of a part of it, in columns and rows.
public struct Size: Hashable, Sendable {
    public var width: Int
    public var height: Int

    /// Creates a size; negative numbers become 0.
    public init(width: Int, height: Int) {
        self.width = max(0, width)
        self.height = max(0, height)
    }

    public static let zero = Size(width: 0, height: 0)
}

/// A position on the screen: column and row from 0 at the top left. It may be outside of the screen.
public struct Point: Hashable, Sendable {
    public var x: Int
    public var y: Int

    public init(x: Int, y: Int) {
        self.x = x
        self.y = y
    }

    public static let zero = Point(x: 0, y: 0)

    /// Returns the point moved by this many columns and rows.
    public func offset(x dx: Int = 0, y dy: Int = 0) -> Point {
        Point(x: x + dx, y: y + dy)
    }
}
