import Screen
import Testing

@testable import TopCore
@testable import TopView

@Suite("Layout")
struct LayoutTests {
    @Test("A measured column gets what it needs before a name gets more than it needs")
    func measured() {
        let name = ColumnLayout.Demand(width: 30, maximumWidth: 120, priority: 0, pin: 0, need: 32)
        let rates = (1...3).map { ColumnLayout.Demand(width: 7, maximumWidth: 7, priority: $0) }
        let marks = ColumnLayout.Demand(width: 12, maximumWidth: 60, priority: 4, need: 45)
        let layout = ColumnLayout([name] + rates + [marks], x: 0, room: 117, offset: 0)
        #expect(layout.places.map(\.column) == [0, 1, 2, 3, 4])
        #expect(layout.places[0].width >= 32)
        #expect(layout.places[4].width >= 45)
    }

    private let columns: [ColumnLayout.Demand] = [
        .init(width: 6, maximumWidth: 24, priority: 6), .init(width: 16, maximumWidth: 80, priority: 0),
        .init(width: 9, maximumWidth: 9, priority: 1), .init(width: 8, maximumWidth: 8, priority: 2),
        .init(width: 10, maximumWidth: 32, priority: 12),
    ]

    @Test("Narrow tables keep the columns of the lowest priorities, in their own order")
    func priorities() {
        let narrow = ColumnLayout(columns, x: 0, room: 36, offset: 0)
        #expect(narrow.places.map(\.column) == [1, 2, 3])
        #expect(narrow.hiddenRight == 2)
        let wide = ColumnLayout(columns, x: 0, room: 200, offset: 0)
        #expect(wide.places.map(\.column) == [0, 1, 2, 3, 4])
        #expect(wide.hiddenRight == 0)
    }

    @Test("Scrolled columns leave, the name stays")
    func scrolling() {
        let scrolled = ColumnLayout(columns, x: 0, room: 36, offset: 2)
        #expect(scrolled.places.map(\.column) == [1, 3])
        #expect(scrolled.hiddenLeft == 2)
        let far = ColumnLayout(columns, x: 0, room: 36, offset: 99)
        #expect(far.places.map(\.column) == [1, 4])
        #expect(ColumnLayout(columns, x: 0, room: 300, offset: 3).hiddenLeft == 0)
    }

    @Test("Columns do not overlap, stay in the room, and none is wider than it may be")
    func widths() {
        for room in 0...300 {
            for offset in [0, 1, 3] {
                let layout = ColumnLayout(columns, x: 2, room: room, offset: offset)
                var left = 2
                for place in layout.places {
                    #expect(place.x >= left)
                    #expect(place.x + place.width <= 2 + max(room, 0), "\(room)")
                    #expect(place.width <= columns[place.column].maximumWidth)
                    left = place.x + place.width + layout.gap
                }
            }
        }
    }

    @Test("The parts of the screen lie one below the other and fill it")
    func screen() {
        for width in [40, 79, 80, 120, 300] {
            for height in 10...100 {
                for (activities, banner) in [(0, 0), (1, 0), (7, 0), (0, 1), (1, 1), (7, 1)] {
                    let layout = ScreenLayout(
                        size: Size(width: width, height: height), activities: activities, banner: banner)
                    let parts = [
                        layout.header, layout.banner, layout.tabs, layout.body, layout.activities, layout.status,
                        layout.footer,
                    ]
                    var y = 0
                    for part in parts {
                        #expect(part.minY == y)
                        #expect(part.width == width)
                        y = part.maxY
                    }
                    #expect(y == height)
                    #expect(layout.body.height >= 6)
                }
            }
        }
    }

    @Test("The least important pieces of a line leave first")
    func segments() {
        func shown(_ width: Int) -> String {
            var canvas = Canvas(
                size: Size(width: width, height: 1), theme: .mono, repertoire: .unicode, zone: .utc, now: Sample.now)
            SegmentLine(segments: [
                .init([Span("alpha")], priority: 1), .init([Span("beta")], priority: 2),
                .init([Span("gamma")], priority: 0, isTrailing: true),
            ]).draw(in: Rect(canvas.frame.size), on: &canvas)
            return canvas.frame.text(ofRow: 0)
        }
        #expect(shown(20) == "alpha  beta    gamma")
        #expect(shown(14) == "alpha    gamma")
        #expect(shown(6) == " gamma")
        #expect(shown(3) == "ga…")
    }

    @Test("Text is broken between words, within one only where it must be")
    func wrapping() {
        #expect(Wrap.words("to be or not", width: 5) == ["to be", "or", "not"])
        #expect(Wrap.words("unbreakable", width: 4) == ["unbr", "eaka", "ble"])
        #expect(Wrap.words("a unbreakable b", width: 4) == ["a", "unbr", "eaka", "ble", "b"])
        #expect(Wrap.words("", width: 4) == [""])
        #expect(Wrap.words("订单队列", width: 5) == ["订单", "队列"])
        #expect(Wrap.characters("abcdef", width: 4) == ["abcd", "ef"])
    }

    @Test("Help is spread over columns of about the same height, in order")
    func distribution() {
        func block(_ name: String, _ height: Int) -> [[Span]] { Array(repeating: [Span(name)], count: height) }
        let columns = HelpOverlay.distribute(
            [block("a", 5), block("b", 5), block("c", 4), block("d", 3)], over: 2)
        #expect(columns.map(\.count) == [11, 8])
        #expect(columns[1].first == [Span("c")])
    }

    @Test("The way back is shown from its first view on")
    func crumbs() {
        var state = Sample.state(.consumers)
        state.trail = [.init(view: .queues, scope: nil, isDetailOpen: true)]
        state.scope = .queue(Sample.orders)
        #expect(TableTitle.crumbs(of: state) == ["Queues", "orders", "Consumers"])
        state.trail = []
        #expect(TableTitle.crumbs(of: state) == ["Queues", "orders", "Consumers"])
        state.scope = nil
        #expect(TableTitle.crumbs(of: state) == ["Consumers"])
    }

    @Test("Themes are found by name, and each has a look for every role")
    func themes() {
        for name in Theme.names {
            #expect(Theme.named(name).name == name)
            for role in Role.allCases { _ = Theme.named(name)[role] }
        }
        #expect(Theme.named("no such theme") == .dark)
    }
}
