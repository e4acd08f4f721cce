import Foundation
import Screen
import Testing

@testable import TopCore

@Suite struct NavigationTests {
    private func drilled() -> State {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("orders", ready: 3), depth("billing", ready: 2)]))
        state.send(.consumers(list([consumer("orders", orders, 1), consumer("billing", billing, 2)])))
        state.send(.channels(list([channel(orders, 1), channel(orders, 2), channel(billing, 2)])))
        state.send(.connections(list([connection(orders), connection(billing)])))
        return state
    }

    @Test func enterLeadsFromQueueToConnectionAndEscBack() {
        var state = drilled()
        state.type(.enter)
        #expect(state.isDetailOpen)
        #expect(state.view == .queues)
        #expect(state.interest?.detail == .queue(queue("orders")))
        state.type(.enter)
        #expect(state.view == .consumers)
        #expect(state.scope == .queue(queue("orders")))
        #expect(state.consumers.sortedRows.map(\.id.queue.name) == ["orders"])
        #expect(!state.isDetailOpen)
        state.type(.enter, .enter)
        #expect(state.view == .channels)
        #expect(state.scope == .channel(ChannelID(connection: orders, number: 1)))
        #expect(state.channels.count == 1)
        state.type(.enter, .enter)
        #expect(state.view == .connections)
        #expect(state.connections.sortedRows.map(\.name) == [orders])
        // Back: the same places, panes and rows.
        state.type(.escape)
        #expect(state.view == .channels)
        #expect(state.isDetailOpen)
        state.type(.escape, .escape)
        #expect(state.view == .consumers)
        state.type(.escape, .escape)
        #expect(state.view == .queues)
        #expect(state.isDetailOpen)
        #expect(state.selectedID == .queue(queue("orders")))
        #expect(state.scope == nil)
        state.type(.escape)
        #expect(!state.isDetailOpen)
        #expect(!state.canGoBack)
    }

    @Test func aVhostToBeginWithNarrowsFromTheFirstRowOn() {
        var state = makeState {
            $0.initialView = .queues
            $0.vhost = "shop"
        }
        state.send(bulk([depth("orders", vhost: "shop"), depth("billing")]))
        #expect(state.queueNames == ["orders"])
    }

    @Test func theDetailIsThatOfTheSelectedRow() {
        var state = drilled()
        state.type(.enter)
        let fields = (0..<12).map { DetailField("f\($0)", "v") }
        let part = DetailPart(
            at: noon, row: .queue(queue("orders")), sections: [DetailSection(title: "State", fields: fields)])
        state.send(.detail(part))
        #expect(state.selectedDetail == part)
        // The last frame found that twelve lines have no room.
        state.send(.viewport(rows: 20, limits: ScrollLimits(detail: 12)))
        state.type(.control("d"), .control("d"), .control("d"), .control("d"))
        #expect(state.detailScroll == 12)
        state.type(.control("u"))
        #expect(state.detailScroll == 7)
        state.send(.pointer(.scrollDetail(lines: 3)))
        #expect(state.detailScroll == 10)
        #expect(state.selectedID == .queue(queue("orders")))
        state.type(.down)
        #expect(state.detailScroll == 0)
        #expect(state.selectedDetail == nil)
        // An answer that comes too late for its row.
        state.send(.detail(part))
        #expect(state.selectedDetail == nil)
    }

    @Test func aDigitShowsTheWholeView() {
        var state = drilled()
        state.type(.enter, .enter, .character("4"))
        #expect(state.view == .channels)
        #expect(state.scope == nil)
        #expect(state.trail.isEmpty)
        #expect(state.channels.count == 3)
        state.type(.tab)
        #expect(state.view == .consumers)
        #expect(state.consumers.count == 2)
        state.type(.backTab, .backTab)
        #expect(state.view == .connections)
    }

    @Test func viewsGoRound() {
        var state = makeState()
        state.type(.backTab)
        #expect(state.view == .lab)
        state.type(.tab)
        #expect(state.view == .overview)
    }

    @Test func aFilterIsClearedBeforeThePaneCloses() {
        var state = drilled()
        state.type(.enter, .character("/"), .character("o"), .enter)
        state.type(.escape)
        #expect(state.queues.filter == .none)
        #expect(state.isDetailOpen)
        state.type(.escape)
        #expect(!state.isDetailOpen)
    }

    @Test func aConnectionLeadsToItsChannels() {
        var state = drilled()
        state.type(.character("3"), .enter, .enter)
        #expect(state.view == .channels)
        #expect(state.channels.sortedRows.map(\.id.number) == [1, 2])
    }

    @Test func newsLeadToTheirChannelWhereItIsStillThere() {
        var state = drilled()
        state.send(.entries([ledgerEntry("NOT_FOUND", at: later(-60), connection: orders, channel: 2)], dropped: 0))
        state.type(.character("8"), .enter, .enter)
        #expect(state.view == .channels)
        #expect(state.scope == .channel(ChannelID(connection: orders, number: 2)))
    }

    @Test func newsOfAChannelThatIsGoneLeadToItsConnection() {
        var state = drilled()
        state.send(.entries([ledgerEntry("NOT_FOUND", at: later(-60), connection: orders, channel: 9)], dropped: 0))
        state.type(.character("8"), .enter, .enter)
        #expect(state.view == .connections)
        #expect(state.scope == .connection(orders))
    }

    @Test func newsOfAConnectionThatIsGoneLeadNowhere() {
        var state = drilled()
        state.send(.entries([ledgerEntry("closed", at: later(-60), connection: "gone -> gone")], dropped: 0))
        state.type(.character("8"), .enter, .enter)
        #expect(state.view == .events)
        #expect(state.isDetailOpen)
        #expect(state.notice?.text == "gone -> gone is gone")
    }

    @Test func aClientRowLeadsToTheBrokersChannel() {
        var state = drilled()
        var row = ClientRow(id: ClientRowID(connection: 1, channel: 2), connection: orders, state: "open")
        row.channel = 2
        state.send(.client(list([row])))
        state.type(.character("9"), .enter, .enter)
        #expect(state.view == .channels)
        #expect(state.scope == .channel(ChannelID(connection: orders, number: 2)))
    }

    @Test func theOverviewLeadsToQueues() {
        var state = drilled()
        state.type(.character("1"), .enter)
        #expect(state.view == .queues)
        state.type(.escape)
        #expect(state.view == .overview)
    }

    @Test func quits() {
        var state = makeState()
        #expect(state.type(.character("q")) == [.quit])
        state.type(.character("?"))
        #expect(state.type(.character("q")) == [])
        #expect(state.overlay == nil)
        state.type(.character("?"))
        #expect(state.type(.control("c")) == [.quit])
    }

    @Test func theIntervalGoesThroughItsSteps() {
        var state = makeState()
        #expect(state.interval == 1)
        state.type(.character("-"), .character("-"), .character("-"))
        #expect(state.interval == 0.2)
        for _ in 0..<9 { state.type(.character("+")) }
        #expect(state.interval == 60)
        #expect(state.interest?.interval == 60)
        #expect(state.notice?.text == "Looks every 1m00s")
    }

    @Test func aFrozenScreenKeepsItsRowsAndSaysSo() {
        var state = drilled()
        state.type(.character("Z"))
        #expect(state.isStale(.queues))
        #expect(state.interest?.frozen == true)
        state.send(live([depth("orders", ready: 77)], at: later(1)), at: later(1))
        state.send(.entries([ledgerEntry("later")], dropped: 0), at: later(2))
        state.send(.cluster(ClusterPart(at: later(3), name: "rabbit")), at: later(3))
        #expect(state.queues.row(.queue(queue("orders")))?.ready?.value == 3)
        #expect(state.events.count == 0)
        #expect(state.cluster?.name == "rabbit")
        #expect(state.panelStatus(for: .queues).first?.text == "frozen for 3s — Z lets it go on")
        state.type(.character("Z"))
        #expect(state.frozenAt == nil)
        #expect(state.events.count == 1)
        state.send(live([depth("orders", ready: 77)], at: later(4)), at: later(4))
        #expect(state.queues.row(.queue(queue("orders")))?.ready?.value == 77)
    }

    @Test func redrawIsAskedForEverywhere() {
        var state = makeState()
        state.type(.control("l"), .character("?"), .control("l"))
        #expect(state.redraws == 2)
    }

    @Test func theMouseSelectsOpensAndScrolls() {
        var state = drilled()
        state.send(.pointer(.row(1)))
        #expect(state.selectedID == .queue(queue("billing")))
        state.send(.pointer(.openRow(0)))
        #expect(state.isDetailOpen)
        #expect(state.selectedID == .queue(queue("orders")))
        state.send(.pointer(.scroll(lines: 5)))
        #expect(state.queues.cursor == 1)
        state.send(.pointer(.row(77)))
        #expect(state.queues.cursor == 1)
        state.send(.pointer(.view(.nodes)))
        #expect(state.view == .nodes)
    }

    @Test func pastedTextGoesIntoTheFieldAndIsNoCommand() {
        var state = drilled()
        #expect(state.send(.paste("q")) == [])
        state.type(.character("/"))
        state.send(.paste("ord\ners"))
        #expect(state.queues.filter == .text("orders"))
    }
}

@Suite struct InterestTests {
    private func watches(_ actions: [Action]) -> [Interest] {
        actions.compactMap { if case .watch(let interest) = $0 { interest } else { nil } }
    }

    @Test func isTheRowsOnTheScreenWithTheSelectedFirst() {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk((0..<100).map { (n: Int) in depth("q\(n)", ready: 1_000 - n) }))
        let first = watches(update(&state, .key(.down), at: noon))
        #expect(first.count == 1)
        #expect(first.first?.queues.count == 20)
        #expect(first.first?.queues.first == queue("q1"))
        #expect(first.first?.queues.dropFirst().first == queue("q0"))
        #expect(watches(update(&state, .tick, at: later(1))).isEmpty)
        #expect(watches(update(&state, .viewport(rows: 80), at: later(1))).first?.queues.count == 50)
    }

    @Test func isSaidOnceAndAgainWhenItChanges() {
        var state = State(size: Size(width: 80, height: 24), now: noon)
        let first = watches(update(&state, .tick, at: noon))
        #expect(first.map(\.view) == [.overview])
        #expect(watches(update(&state, .tick, at: noon)).isEmpty)
        let second = watches(update(&state, .key(.character("3")), at: noon))
        #expect(second.map(\.view) == [.connections])
        #expect(second.first?.order == RowOrder(by: ConnectionRow.column(.name), descending: false))
        let third = watches(update(&state, .key(.character("I")), at: noon))
        #expect(third.map(\.order?.descending) == [true])
    }
}
