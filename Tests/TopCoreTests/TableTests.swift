import Foundation
import Names
import SeededSupport
import Testing

@testable import TopCore

@Suite struct TableTests {
    private func queues(_ depths: [(String, Int?)]) -> State {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk(depths.map { depth(Name($0.0), ready: $0.1) }))
        return state
    }

    @Test func sortsNumbersDownwardsWithUnknownLastAndTiesByName() {
        var state = queues([("b", 5), ("a", 5), ("x", nil), ("c", 9)])
        #expect(state.queueNames == ["c", "a", "b", "x"])
        state.type(.character("I"))
        #expect(state.queueNames == ["a", "b", "c", "x"])
    }

    @Test func sortsTextAsPeopleDo() throws {
        var state = queues([("q10", 1), ("Q2", 1), ("q1", 1), ("é", 1), ("a", 1), ("q02x", 1)])
        try state.arrange(.queues, sort: "name")
        #expect(state.queueNames == ["a", "q1", "Q2", "q02x", "q10", "é"])
        try state.arrange(.queues, sort: "name", descending: true)
        #expect(state.queueNames == ["é", "q10", "q02x", "Q2", "q1", "a"])
    }

    @Test func naturalOrderSurvivesNumbersOfAnyLength() {
        let long = String(repeating: "9", count: 400)
        #expect(
            NaturalOrder.ranks(["a\(long)", "a8", nil, "A8", "a08"]).map { $0.isNaN ? -1 : $0 } == [1, 0, -1, 0, 0])
        let total = NaturalOrder.ranks(["a8", "A8", "a08"], isTotal: true)
        #expect(Set(total) == [0, 1, 2])
    }

    @Test func theSelectionFollowsItsItem() {
        var state = queues([("a", 30), ("b", 20), ("c", 10)])
        state.type(.down)
        #expect(state.selectedID == .queue(queue("b")))
        state.send(bulk([depth("a", ready: 30), depth("b", ready: 99), depth("c", ready: 50)], at: later(5)))
        #expect(state.queueNames == ["b", "c", "a"])
        #expect(state.selectedID == .queue(queue("b")))
        #expect(state.queues.cursor == 0)
    }

    @Test func anUntouchedTableShowsItsFirstRowsWhateverMoves() {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk((0..<100).map { depth("q\($0)", ready: 0) }))
        #expect(state.selectedID == .queue(queue("q0")))
        state.send(bulk((0..<100).map { (n: Int) in depth("q\(n)", ready: n) }, at: later(5)))
        #expect(state.queues.top == 0)
        #expect(state.queues.cursor == 0)
        #expect(state.selectedID == .queue(queue("q99")))
    }

    @Test func aTouchedSelectionIsScrolledAfter() {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk((0..<100).map { depth("q\($0)", ready: 0) }))
        state.type(.down, .up)
        state.send(bulk((0..<100).map { (n: Int) in depth("q\(n)", ready: n) }, at: later(5)))
        #expect(state.selectedID == .queue(queue("q0")))
        #expect(state.queues.cursor == 99)
        #expect(state.queues.top == 80)
    }

    @Test func followingKeepsTheItemAtItsPlaceOnTheScreen() {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk((0..<100).map { (n: Int) in depth("q\(n)", ready: 1_000 - n) }))
        for _ in 0..<30 { state.type(.down) }
        let distance = state.queues.cursor - state.queues.top
        state.type(.character("F"))
        #expect(state.queues.isFollowing)
        state.send(bulk([depth("q30", ready: 950)], at: later(5), isComplete: false))
        #expect(state.queues.cursor == 49)
        #expect(state.queues.cursor - state.queues.top == distance)
    }

    @Test func aVanishedRowsNeighbourTakesOver() {
        var state = queues([("a", 4), ("b", 3), ("c", 2), ("d", 1)])
        state.type(.down)
        state.send(live([], at: later(1), gone: [queue("b")]))
        #expect(state.selectedID == .queue(queue("c")))
        state.type(.end)
        state.send(live([], at: later(2), gone: [queue("d")]))
        #expect(state.selectedID == .queue(queue("c")))
        state.send(live([], at: later(3), gone: [queue("a"), queue("c")]))
        #expect(state.selectedID == nil)
        #expect(state.queues.selected == nil)
    }

    @Test func theNeighbourIsFoundEvenWhenTheOrderTurnsAtTheSameTime() {
        var state = queues([("a", 4), ("b", 3), ("c", 2), ("d", 1)])
        state.type(.down)
        state.send(bulk([depth("a", ready: 1), depth("c", ready: 9), depth("d", ready: 10)], at: later(5)))
        #expect(state.queueNames == ["d", "c", "a"])
        #expect(state.selectedID == .queue(queue("c")))
    }

    @Test func movesByLinesPagesAndEnds() {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk((0..<100).map { (n: Int) in depth("q\(n)", ready: 1_000 - n) }))
        state.type(.character("j"), .character("j"), .character("k"))
        #expect(state.queues.cursor == 1)
        state.type(.pageDown)
        #expect(state.queues.cursor == 20)
        #expect(state.queues.top == 19)
        state.type(.control("f"), .control("b"))
        #expect(state.queues.cursor == 20)
        state.type(.character("G"))
        #expect(state.queues.cursor == 99)
        #expect(state.queues.window(20).last?.name == "q99")
        state.type(.down)
        #expect(state.queues.cursor == 99)
        state.type(.character("g"), .up)
        #expect(state.queues.cursor == 0)
        #expect(state.queues.top == 0)
    }

    @Test func filtersByTextWhateverTheCase() {
        var state = queues([("Orders.eu", 3), ("orders.us", 2), ("billing", 1), ("Größe", 0)])
        state.type(.character("/"))
        state.type(text: "ORDERS")
        #expect(state.queueNames == ["Orders.eu", "orders.us"])
        #expect(state.context == .filter)
        state.type(.enter)
        #expect(state.context == .view)
        #expect(state.queueNames.count == 2)
        state.type(.escape)
        #expect(state.queueNames.count == 4)
        state.type(.character("/"))
        state.type(text: "GRÖSSE")
        #expect(state.queueNames == [])
        state.type(.control("u"))
        state.type(text: "grÖ")
        #expect(state.queueNames == ["Größe"])
    }

    @Test func filtersByRegularExpressionAndSaysWhenItIsNone() {
        var state = queues([("orders.1", 3), ("orders.22", 2), ("border", 1)])
        state.type(.character("/"))
        state.type(text: "/^ORDERS\\.\\d$/")
        #expect(state.queues.filter == .regex("^ORDERS\\.\\d$"))
        #expect(state.queueNames == ["orders.1"])
        state.type(.control("u"))
        state.type(text: "/(or")
        guard case .invalid("(or", let why) = state.queues.filter else {
            Issue.record("not said to be invalid: \(state.queues.filter)")
            return
        }
        #expect(!why.isEmpty)
        #expect(state.queueNames.count == 3)
    }

    @Test func escInTheFilterLineRestoresWhatWasThere() {
        var state = queues([("a", 1), ("b", 2)])
        state.type(.character("/"))
        state.type(text: "a")
        state.type(.enter, .character("/"), .backspace, .character("b"))
        #expect(state.queueNames == ["b"])
        state.type(.escape)
        #expect(state.queues.filter == .text("a"))
        #expect(state.queueNames == ["a"])
    }

    @Test func theSelectionMovesToANeighbourThatPassesTheFilter() {
        var state = queues([("a1", 4), ("b1", 3), ("a2", 2), ("b2", 1)])
        state.type(.down, .character("/"), .character("a"))
        #expect(state.selectedID == .queue(queue("a2")))
    }

    @Test func narrowsToOneVhost() {
        var state = makeState { $0.initialView = .queues }
        state.send(.vhosts(["/", "shop"]))
        state.send(bulk([depth("a", ready: 2), depth("b", vhost: "shop", ready: 1)]))
        state.type(.character("v"))
        #expect(state.picker?.choices.map(\.label) == ["all vhosts", "/", "shop"])
        state.type(.down, .down, .enter)
        #expect(state.vhost == "shop")
        #expect(state.queueNames == ["b"])
        #expect(state.interest?.vhost == "shop")
        state.type(.character("v"))
        #expect(state.picker?.selected == 2)
        state.type(.home, .enter)
        #expect(state.queueNames == ["a", "b"])
    }

    @Test func tenThousandQueuesStaySortedWhateverComes() {
        var state = makeState { $0.initialView = .queues }
        var generator = SeededRandom(seed: 7)
        var values = (0..<10_000).map { _ in Int.random(in: 0..<500, using: &generator) }
        for round in 0..<3 {
            state.send(
                bulk(values.indices.map { (n: Int) in depth("q\(n)", ready: values[n]) }, at: later(Double(round) * 6)))
            let rows = state.queues.sortedRows
            #expect(rows.count == 10_000)
            var isSorted = true
            for (left, right) in zip(rows, rows.dropFirst()) {
                let a = left.ready?.value ?? -1
                let b = right.ready?.value ?? -1
                if a < b { isSorted = false }
                let (one, other) = (Int(left.name.text.dropFirst()) ?? 0, Int(right.name.text.dropFirst()) ?? 0)
                if a == b, one > other { isSorted = false }
            }
            #expect(isSorted)
            for _ in 0..<2_000 { values[Int.random(in: 0..<10_000, using: &generator)] = 1_000 }
        }
        let before = state.queues.order
        state.send(live([depth("q5", ready: 9_999)], at: later(30)))
        #expect(state.queueNames.first == "q5")
        #expect(state.queues.order.filter { $0 != 5 } == before.filter { $0 != 5 })
    }

    @Test func valuesOutsideTheSortColumnDoNotTouchTheOrder() throws {
        var state = queues([("a", 3), ("b", 2), ("c", 1)])
        try state.arrange(.queues, sort: "name")
        let before = state.queues.order
        state.send(live([depth("c", ready: 99)], at: later(1)))
        #expect(state.queues.order == before)
        #expect(state.queues.row(.queue(queue("c")))?.ready?.value == 99)
    }

    @Test func aListReplacesWhatItNoLongerNames() {
        var state = makeState { $0.initialView = .connections }
        state.send(.connections(list([connection(orders), connection(billing)])))
        state.type(.down)
        #expect(state.selectedID == .connection(billing))
        var part = list([connection(billing) { $0.state = "blocked" }], at: later(5))
        part.total = 12
        part.undecodable = 1
        state.send(.connections(part))
        #expect(state.connections.rows.map(\.name) == [billing])
        #expect(state.connections.selected?.state == "blocked")
        #expect(state.connections.total == 12)
        #expect(state.panelStatus(for: .connections).map(\.text).contains { $0.contains("1 row could not be read") })
    }

    @Test func asManyComeAsLeaveAndAllAreShown() {
        var state = queues([("a", 4), ("b", 3), ("c", 2)])
        for round in 1...5 {
            state.send(
                bulk(
                    [depth("b", ready: 3), depth("c", ready: 2), depth("n\(round)", ready: 1)],
                    at: later(Double(round) * 5)))
            #expect(state.queueNames == ["b", "c", "n\(round)"])
        }
    }

    @Test func rowsThatComeOneByOneStandWhereTheyBelong() {
        var state = makeState { $0.initialView = .queues }
        var generator = SeededRandom(seed: 3)
        var names: Set<Name> = []
        for round in 0..<120 {
            for _ in 0..<3 {
                let prefix = ["q", "Q", "a.", ""].randomElement(using: &generator) ?? "q"
                names.insert("\(prefix)\(Int.random(in: 0..<400, using: &generator))")
            }
            if let victim = names.sorted().randomElement(using: &generator) { names.remove(victim) }
            state.send(bulk(names.sorted().map { depth($0, ready: 0) }, at: later(Double(round) * 5)))
        }
        let texts = names.sorted()
        let ranks = NaturalOrder.ranks(texts.map { RowID.queue(queue($0)).orderText }, isTotal: true)
        let expected = texts.indices.sorted { ranks[$0] < ranks[$1] }.map { texts[$0] }
        #expect(state.queueNames == expected)
    }

    @Test func ranksAreMadeAnewWhenThereIsNoRoomBetweenThem() {
        var state = makeState { $0.initialView = .queues }
        var names: [Name] = ["a", "z"]
        for round in 0..<100 {
            names.append(Name("m" + String(repeating: "z", count: round)))
            state.send(bulk(names.map { depth($0, ready: 0) }, at: later(Double(round) * 5)))
        }
        #expect(state.queueNames == names.sorted())
    }

    @Test func aListWithARowTwiceShowsItOnce() {
        var state = makeState { $0.initialView = .connections }
        state.send(.connections(list([connection(orders), connection(orders)])))
        #expect(state.connections.count == 1)
        state.send(.connections(list([connection(orders)], at: later(5))))
        #expect(state.connections.count == 1)
    }

    @Test func sortKeysGoRoundTheColumns() {
        var state = queues([("a", 1)])
        #expect(state.queues.sort == .ready)
        state.type(.character(">"))
        #expect(state.queues.sort == .unacked)
        state.type(.character("<"), .character("<"))
        #expect(state.queues.sort == .messages)
        state.send(.pointer(.heading(AnyColumnKey(QueueColumn.name))))
        #expect(state.queues.sort == .name)
        #expect(!state.queues.descending)
        state.send(.pointer(.heading(AnyColumnKey(QueueColumn.name))))
        #expect(state.queues.descending)
    }
}
