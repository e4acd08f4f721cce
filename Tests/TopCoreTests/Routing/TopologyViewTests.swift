import Foundation
import MessageRouting
import Names
import Screen
import Testing

@testable import TopCore

@Suite("The topology as a tree that unfolds")
struct TopologyViewTests {
    private typealias Exchange = RoutingModel.Exchange
    private typealias Queue = RoutingModel.Queue

    private static let shop = Topology(
        vhost: "/",
        exchanges: [
            .init(Exchange("orders", .topic, alternate: "spare"), rateIn: 12, rateOut: 24),
            .init(Exchange("spare", .fanout)), .init(Exchange("ring", .fanout)), .init(Exchange("dlx", .fanout)),
            .init(Exchange("amq.direct", .direct)), .init(Exchange("lonely", .direct)), .init(Exchange("", .direct)),
        ],
        queues: [
            .init(Queue("work", deadLetterExchange: .name("dlx")), messages: 5, consumers: 0),
            .init(Queue("dead"), consumers: 1),
        ],
        bindings: [
            .init(from: "orders", to: .queue("work"), key: "order.*"), .init(from: "dlx", to: .queue("dead"), key: ""),
            .init(from: "dlx", to: .queue("work"), key: "again"), .init(from: "ring", to: .exchange("ring")),
        ], rates: [.init(exchange: "orders", queue: "work"): 2.5])

    private func watched() -> State {
        var state = makeState { $0.initialView = .named(.topology) }
        state.send(.named(NamedPart(.topology, .topology([Self.shop], at: noon))))
        return state
    }

    private func lines(_ state: State) -> [String] { state.named.topology.sortedRows.map(\.text) }

    @Test func whatNothingLeadsToIsUnfoldedToBeginWith() {
        #expect(
            lines(watched()) == [
                "- vhost /", "  - dlx", "      -> queue dead",
                "    + [again] -> queue work", "    lonely", "  - orders", "    + [order.*] -> queue work",
                "      alternate -> spare", "  - ring", "      -> ring, again: a loop",
            ])
    }

    @Test func enterAndTheArrowsUnfoldAndFold() {
        var state = watched()
        let before = lines(state).count
        state.type(.down, .down, .down)
        #expect(state.named.topology.selected?.name == "work")
        state.type(.enter)
        #expect(!state.isDetailOpen)
        // The way of its dead letters, which come back: it is not unfolded for ever.
        #expect(lines(state).count == before + 1)
        #expect(lines(state)[4].hasSuffix("dead letters -> dlx, again: a loop"))
        state.type(.left)
        #expect(lines(state).count == before)
        state.type(.right)
        #expect(lines(state).count == before + 1)
        // It stays unfolded when the figures come again.
        state.send(.named(NamedPart(.topology, .topology([Self.shop], at: later(10)))))
        #expect(lines(state).count == before + 1)
        // Enter on what is unfolded opens the details, and leads on.
        state.type(.enter, .enter)
        #expect(state.view == .queues)
        #expect(state.scope == .queue(queue("work")))
    }

    @Test func ratesAndMarksStandOnTheirLines() throws {
        let rows = watched().named.topology.sortedRows
        let work = try #require(rows.first { $0.way == .binding("order.*") })
        #expect((work.wayRate, work.messages, work.consumers) == (2.5, 5, 0))
        #expect(work.marks.contains(TopologyMarks.Mark.undrained.words))
        let lonely = try #require(rows.first { $0.name == "lonely" })
        #expect(lonely.marks == [TopologyMarks.Mark.unbound.words])
        #expect(try #require(rows.first { $0.name == "orders" }).rateIn == 12)
        #expect(Set(rows.map(\.rowID)).count == rows.count)
    }

    @Test func longTopologiesAreBounded() {
        let queues = (0..<11_000).map { Topology.QueueNode(Queue(Name("q\($0)"))) }
        let topology = Topology(vhost: "/", exchanges: [], queues: queues, bindings: [])
        #expect(TopologyLines.rows(of: [topology, topology], toggled: []).count == TopologyLines.most)
        var state = makeState { $0.initialView = .named(.topology) }
        state.send(.named(NamedPart(.topology, .topology([topology, topology], at: noon))))
        #expect(state.named.problems[.topology]?.map(\.words).contains { $0.contains("20000 lines") } == true)
        state.send(.named(NamedPart(.topology, .topology([topology], at: later(1)))))
        #expect(state.named.problems[.topology] == nil)
    }
}
