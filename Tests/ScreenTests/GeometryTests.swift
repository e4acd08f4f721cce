import Screen
import Testing

@Suite("Rectangles")
struct GeometryTests {
    let rect = Rect(x: 2, y: 3, width: 10, height: 6)

    @Test("Splits cover the whole and take no more than there is")
    func splits() {
        #expect(rect.splitTop(2).top == Rect(x: 2, y: 3, width: 10, height: 2))
        #expect(rect.splitTop(2).rest == Rect(x: 2, y: 5, width: 10, height: 4))
        #expect(rect.splitBottom(1).bottom == Rect(x: 2, y: 8, width: 10, height: 1))
        #expect(rect.splitBottom(99).rest.isEmpty)
        #expect(rect.splitLeft(4).rest == Rect(x: 6, y: 3, width: 6, height: 6))
        #expect(rect.splitRight(3).right == Rect(x: 9, y: 3, width: 3, height: 6))
        #expect(rect.splitTop(-1).top.isEmpty)
    }

    @Test("Columns fill the width with their gaps")
    func columns() {
        let parts = rect.columns(3, gap: 1)
        #expect(parts.map(\.width) == [2, 3, 3])
        #expect(parts.map(\.minX) == [2, 5, 9])
        #expect(parts.last?.maxX == rect.maxX)
        #expect(rect.columns(0).isEmpty)
    }

    @Test("Insets, intersections and centring never make a negative size")
    func neverNegative() {
        #expect(rect.inset(by: 1) == Rect(x: 3, y: 4, width: 8, height: 4))
        #expect(rect.inset(by: 9).isEmpty)
        #expect(rect.intersection(Rect(x: 50, y: 50, width: 5, height: 5)).isEmpty)
        #expect(rect.intersection(Rect(x: 0, y: 0, width: 4, height: 4)) == Rect(x: 2, y: 3, width: 2, height: 1))
        #expect(rect.centered(Size(width: 4, height: 2)) == Rect(x: 5, y: 5, width: 4, height: 2))
        #expect(rect.centered(Size(width: 99, height: 99)) == rect)
        #expect(rect.row(6).isEmpty)
    }
}
