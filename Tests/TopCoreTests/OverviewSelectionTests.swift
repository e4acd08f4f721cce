import Faults
import Foundation
import Names
import Screen
import Testing

@testable import TopCore

@Suite("The overview's lists can be selected and lead on")
struct OverviewSelectionTests {
    private let lines: [OverviewItem] = [
        .source(.management, node: nil), .queue(queue("orders")), .queue(queue("billing")), .node("rabbit@a"),
        .event(2), .event(1),
    ]

    /// A state whose last frame showed some lines.
    private func shown(_ lines: [OverviewItem]? = nil) -> State {
        var state = makeState()
        state.send(bulk([depth("orders", ready: 3), depth("billing", ready: 2)]))
        state.send(.viewport(rows: 0, limits: ScrollLimits(overview: lines ?? self.lines)))
        return state
    }

    @Test func nothingIsSelectedUntilTheUserMovesAndEnterLeadsToTheQueues() {
        var state = shown()
        #expect(state.overview.item == nil)
        #expect(Bindings.footer(for: state).first { $0.command == .open }?.label == "Open")
        state.type(.enter)
        #expect(state.view == .queues && !state.isDetailOpen)
        state.type(.escape)
        #expect(state.view == .overview)
    }

    @Test func keysMoveThroughAllListsInReadingOrder() {
        var state = shown()
        var seen: [OverviewItem?] = []
        for _ in 0..<7 {
            state.type(.down)
            seen.append(state.overview.item)
        }
        #expect(seen == lines + [lines[5]])
        state.type(.character("k"))
        #expect(state.overview.item == lines[4])
        state.type(.character("g"))
        #expect(state.overview.item == lines[0])
        state.type(.end)
        #expect(state.overview.item == lines[5])
        // To the first line of the list before, of the next one.
        state.type(.left, .left)
        #expect(state.overview.item == .queue(queue("orders")))
        state.type(.character("l"))
        #expect(state.overview.item == .node("rabbit@a"))
        state.type(.pageUp)
        #expect(state.overview.item == .queue(queue("orders")))
        state.type(.tab)
        #expect(state.view == .queues)
    }

    @Test func upBeginsAtTheEndAndEscEndsTheSelection() {
        var state = shown()
        state.type(.up)
        #expect(state.overview.item == .event(1))
        #expect(state.canGoBack)
        state.type(.escape)
        #expect(state.overview.item == nil)
        #expect(!state.canGoBack)
        state = shown([])
        state.type(.down, .end, .right)
        #expect(state.overview.item == nil)
    }

    @Test func theSelectionFollowsTheItemAndFallsToItsPlaceWhenItIsGone() {
        var state = shown()
        state.type(.down, .down, .down)
        #expect(state.overview.item == .queue(queue("billing")))
        let turned: [OverviewItem] = [.queue(queue("billing")), .queue(queue("orders")), .node("rabbit@a")]
        state.send(.viewport(rows: 0, limits: ScrollLimits(overview: turned)))
        #expect(state.overview.item == .queue(queue("billing")))
        state.type(.down)
        #expect(state.overview.item == .queue(queue("orders")))
        state.send(.viewport(rows: 0, limits: ScrollLimits(overview: [.node("rabbit@a"), .event(9)])))
        #expect(state.overview.item == .event(9))
        // Another view has no such lines; the selection is there on return.
        state.type(.character("2"))
        state.send(.viewport(rows: 20, limits: ScrollLimits()))
        state.type(.character("1"))
        #expect(state.overview.item == .event(9))
    }

    @Test func aQueueLeadsToItselfWithDetailsAndOneEscReturnsToItsLine() {
        var state = shown()
        state.type(.down, .down, .down)
        #expect(Bindings.footer(for: state).first { $0.command == .open }?.label == "To queue")
        state.type(.enter)
        #expect(state.view == .queues && state.isDetailOpen)
        #expect(state.selectedID == .queue(queue("billing")))
        // Further steps lead on from there, and back to it with its details.
        state.type(.enter)
        #expect(state.view == .consumers)
        state.type(.escape)
        #expect(state.view == .queues && state.isDetailOpen)
        state.type(.escape)
        #expect(state.view == .overview)
        #expect(state.overview.item == .queue(queue("billing")))
    }

    @Test func aQueueOfAnotherVhostIsShownAmongAllVhosts() {
        var state = makeState { $0.vhost = "shop" }
        state.send(bulk([depth("orders", vhost: "shop"), depth("billing")]))
        state.send(.viewport(rows: 0, limits: ScrollLimits(overview: [.queue(queue("billing"))])))
        state.type(.down, .enter)
        #expect(state.vhost == nil)
        #expect(state.selectedID == .queue(queue("billing")))
    }

    @Test func aNodeLeadsToNodes() {
        var state = shown()
        var cluster = ClusterPart(at: noon)
        cluster.nodes = [NodeRow(name: "rabbit@b", running: true), NodeRow(name: "rabbit@a", running: true)]
        state.send(.cluster(cluster))
        state.send(.pointer(.openOverviewLine(.node("rabbit@a"))))
        #expect(state.view == .nodes && state.isDetailOpen)
        #expect(state.selectedID == .node("rabbit@a"))
    }

    @Test func aFindingLeadsToTheRowThatItIsAbout() throws {
        var state = shown()
        var cluster = ClusterPart(at: noon)
        cluster.nodes = [NodeRow(name: "rabbit@a", running: true), NodeRow(name: "rabbit@b", running: false)]
        state.send(.cluster(cluster))
        let finding = try #require(state.marks.findings.first { $0.rule == .nodeDown })
        #expect(state.rowID(of: finding) == .node("rabbit@b"))
        state.send(.viewport(rows: 0, limits: ScrollLimits(overview: [.finding(finding.id), .event(1)])))
        state.type(.down)
        #expect(Bindings.footer(for: state).first { $0.command == .open }?.label == "To node")
        state.type(.enter)
        #expect(state.view == .nodes && state.selectedID == .node("rabbit@b"))
        state.type(.escape)
        #expect(state.overview.item == .finding(finding.id))
        // A finding that is over leads to nothing but its event.
        cluster.nodes[1].running = true
        state.send(.cluster(cluster), at: later(10))
        #expect(state.overviewDestination == .event(1))
    }

    @Test func theMouseSelectsAndOpensOnlyWhatIsOnTheScreen() {
        var state = shown()
        state.send(.pointer(.overviewLine(.event(2))))
        #expect(state.overview.item == .event(2) && state.view == .overview)
        state.send(.pointer(.overviewLine(.event(77))))
        #expect(state.overview.item == .event(2))
        state.type(.character("?"))
        state.send(.pointer(.openOverviewLine(.queue(queue("orders")))))
        #expect(state.view == .overview)
    }

    @Test func aSourcesLineTellsItsProblemAndWhatToDo() {
        var state = shown()
        state.send(
            .sources([
                SourceStatus(name: .management, state: .unreachable, problem: "connection refused", advice: "start it")
            ]))
        #expect(state.panelStatus(for: .overview).first?.item == .source(.management, node: nil))
        state.type(.down)
        #expect(Bindings.footer(for: state).first { $0.command == .open }?.label == "Advice")
        state.type(.enter)
        #expect(state.view == .overview)
        #expect(state.notice?.text == "management: connection refused — start it")
    }

    @Test func anEventLeadsToWhatItIsAboutWhileThatLives() {
        var state = shown()
        state.send(
            .entries([ledgerEntry("unknown delivery tag", code: 406, connection: orders, channel: 1)], dropped: 0))
        state.send(.viewport(rows: 0, limits: ScrollLimits(overview: [.event(1)])))
        state.type(.down)
        // Neither connection nor channel is known: the event itself.
        #expect(state.overviewDestination == .event(1))
        state.send(.connections(list([connection(orders)])))
        #expect(state.overviewDestination == .row(.connection(orders)))
        state.send(.channels(list([channel(orders, 1)])))
        #expect(state.overviewDestination == .row(.channel(ChannelID(connection: orders, number: 1))))
        state.type(.enter)
        #expect(state.view == .channels)
        #expect(state.channels.sortedRows.map(\.id.number) == [1])
        state.type(.escape)
        #expect(state.view == .overview && state.overview.item == .event(1))
    }

    @Test func anEventWhoseConnectionIsGoneLeadsToItsRowWithDetails() {
        var state = shown()
        state.send(
            .entries(
                [ledgerEntry("first", code: 404, connection: orders), ledgerEntry("second", connection: billing)],
                dropped: 0))
        state.send(.connections(list([], at: later(5))))
        state.type(.character("8"), .character("/"))
        state.type(text: "second")
        state.type(.enter, .character("1"))
        state.send(.viewport(rows: 0, limits: ScrollLimits(overview: [.event(2), .event(1)])))
        state.type(.down, .down)
        #expect(Bindings.footer(for: state).first { $0.command == .open }?.label == "To event")
        state.type(.enter)
        #expect(state.view == .events && state.isDetailOpen)
        #expect(state.events.selected?.text == "first")
        #expect(state.story(of: state.events.rows[0]).first?.title == "What to do")
        state.type(.escape)
        #expect(state.view == .overview && state.overview.item == .event(1))
    }

    @Test func anEventThatNamesAQueueLeadsToIt() {
        var state = makeState { $0.initialView = .events }
        state.send(bulk([depth("orders"), depth("billing")]))
        state.send(.connections(list([connection(orders)])))
        var entry = ledgerEntry("inequivalent arg 'durable'", code: 406, connection: orders, channel: 3)
        entry.queue = "billing"
        entry.vhost = "/"
        state.send(.entries([entry], dropped: 0))
        state.type(.enter)
        #expect(Bindings.footer(for: state).first { $0.command == .open }?.label == "To queue")
        state.type(.enter)
        #expect(state.view == .queues && state.isDetailOpen)
        #expect(state.selectedID == .queue(queue("billing")))
        state.type(.escape)
        #expect(state.view == .events && state.isDetailOpen)
        // A queue that does not exist leaves the connection.
        entry.queue = "nope"
        state.send(.entries([entry], dropped: 0))
        state.type(.escape, .home, .enter, .enter)
        #expect(state.view == .connections || state.view == .channels)
    }
}
