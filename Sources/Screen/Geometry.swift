/// The size of a terminal or of a part of it, in columns and rows.
public struct Size: Hashable, Sendable {
    /// The number of columns.
    public var width: Int
    /// The number of rows.
    public var height: Int

    /// Creates a size; negative numbers become 0.
    public init(width: Int, height: Int) {
        self.width = max(0, width)
        self.height = max(0, height)
    }

    /// The empty size.
    public static let zero = Size(width: 0, height: 0)
}

/// A position on the screen: column and row from 0 at the top left. It may be outside of the screen.
public struct Point: Hashable, Sendable {
    /// The column, from 0 at the left.
    public var x: Int
    /// The row, from 0 at the top.
    public var y: Int

    /// Creates a position.
    public init(x: Int, y: Int) {
        self.x = x
        self.y = y
    }

    /// The top left corner.
    public static let zero = Point(x: 0, y: 0)

    /// Returns the point moved by this many columns and rows.
    public func offset(x dx: Int = 0, y dy: Int = 0) -> Point {
        Point(x: x + dx, y: y + dy)
    }
}

/// A rectangle of cells. `maxX` and `maxY` are the first column and row outside.
public struct Rect: Hashable, Sendable {
    /// The top left corner.
    public var origin: Point
    /// The size of the rectangle.
    public var size: Size

    /// Creates a rectangle from its top left corner and size.
    public init(origin: Point, size: Size) {
        self.origin = origin
        self.size = size
    }

    /// Int: Creates a rectangle from its top left corner and size.
    public init(x: Int, y: Int, width: Int, height: Int) {
        origin = Point(x: x, y: y)
        size = Size(width: width, height: height)
    }

    /// Creates the rectangle of a whole screen of this size.
    public init(_ size: Size) {
        origin = .zero
        self.size = size
    }

    /// The first column.
    public var minX: Int { origin.x }
    /// The first row.
    public var minY: Int { origin.y }
    /// The first column to the right of the rectangle.
    public var maxX: Int { origin.x + size.width }
    /// The first row below the rectangle.
    public var maxY: Int { origin.y + size.height }
    /// The number of columns.
    public var width: Int { size.width }
    /// The number of rows.
    public var height: Int { size.height }
    /// Whether the rectangle contains no cells.
    public var isEmpty: Bool { size.width == 0 || size.height == 0 }

    /// Whether the rectangle contains a point.
    public func contains(_ point: Point) -> Bool {
        point.x >= minX && point.x < maxX && point.y >= minY && point.y < maxY
    }

    /// Returns the area that both cover; empty when they do not intersect.
    public func intersection(_ other: Rect) -> Rect {
        let x = max(minX, other.minX)
        let y = max(minY, other.minY)
        return Rect(x: x, y: y, width: min(maxX, other.maxX) - x, height: min(maxY, other.maxY) - y)
    }

    /// Returns a rectangle smaller by this many columns left and right and rows above and below.
    public func inset(x dx: Int, y dy: Int) -> Rect {
        inset(left: dx, top: dy, right: dx, bottom: dy)
    }

    /// Returns a rectangle smaller by this many cells on each side.
    public func inset(by amount: Int) -> Rect {
        inset(x: amount, y: amount)
    }

    /// Returns a rectangle smaller by these numbers of cells on its sides.
    public func inset(left: Int = 0, top: Int = 0, right: Int = 0, bottom: Int = 0) -> Rect {
        Rect(x: minX + left, y: minY + top, width: width - left - right, height: height - top - bottom)
    }

    /// Returns the first `rows` rows, and the rest; all rows when there are fewer.
    public func splitTop(_ rows: Int) -> (top: Rect, rest: Rect) {
        let rows = min(max(0, rows), height)
        return (
            Rect(x: minX, y: minY, width: width, height: rows),
            Rect(x: minX, y: minY + rows, width: width, height: height - rows)
        )
    }

    /// Returns all but the last `rows` rows, and those.
    public func splitBottom(_ rows: Int) -> (rest: Rect, bottom: Rect) {
        let (rest, bottom) = splitTop(height - min(max(0, rows), height))
        return (rest, bottom)
    }

    /// Returns the first `columns` columns, and the rest.
    public func splitLeft(_ columns: Int) -> (left: Rect, rest: Rect) {
        let columns = min(max(0, columns), width)
        return (
            Rect(x: minX, y: minY, width: columns, height: height),
            Rect(x: minX + columns, y: minY, width: width - columns, height: height)
        )
    }

    /// Returns all but the last `columns` columns, and those.
    public func splitRight(_ columns: Int) -> (rest: Rect, right: Rect) {
        let (rest, right) = splitLeft(width - min(max(0, columns), width))
        return (rest, right)
    }

    /// Returns `count` parts side by side, `gap` columns apart, their widths differing by at most one.
    public func columns(_ count: Int, gap: Int = 0) -> [Rect] {
        guard count > 0 else { return [] }
        let room = max(0, width - gap * (count - 1))
        return (0..<count).map { index in
            let start = room * index / count
            let end = room * (index + 1) / count
            return Rect(x: minX + start + gap * index, y: minY, width: end - start, height: height)
        }
    }

    /// Returns the row at an index from the top; empty when there is none.
    public func row(_ index: Int) -> Rect {
        guard index >= 0, index < height else { return Rect(x: minX, y: minY, width: width, height: 0) }
        return Rect(x: minX, y: minY + index, width: width, height: 1)
    }

    /// Returns a rectangle of a size in the middle of this one, clipped to it.
    public func centered(_ size: Size) -> Rect {
        let width = min(size.width, self.width)
        let height = min(size.height, self.height)
        return Rect(
            x: minX + (self.width - width) / 2, y: minY + (self.height - height) / 2, width: width, height: height)
    }
}
