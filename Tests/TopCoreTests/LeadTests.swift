import Faults
import Foundation
import Names
import Testing

@testable import TopCore

/// Every row leads on: Enter towards the cause, `o` to all places, Esc back.
@Suite struct LeadTests {
    private func watched(_ view: ViewID) -> State {
        var state = makeState { $0.initialView = view }
        state.send(bulk([depth("orders", ready: 3, consumers: 1), depth("billing", ready: 2, consumers: 0)]))
        state.send(.consumers(list([consumer("orders", orders, 1)])))
        state.send(.channels(list([channel(orders, 1), channel(orders, 2), channel(billing, 2)])))
        state.send(.connections(list([connection(orders), connection(billing)])))
        state.send(.exchanges(list([ExchangeRow(id: queue("events")), ExchangeRow(id: queue("archive"))])))
        state.send(
            .named(
                NamedPart(
                    .bindings,
                    .bindings(
                        list([
                            BindingRow(
                                vhost: "/", source: "archive", destinationKind: .exchange, destination: "events",
                                routingKey: "#"),
                            BindingRow(
                                vhost: "/", source: "events", destinationKind: .queue, destination: "orders",
                                routingKey: "o.*"),
                        ])))))
        return state
    }

    @Test func enterEndsWhereItsPathCameFrom() {
        var state = watched(.queues)
        state.send(.key(.character("g")))
        // Details and on, four times: consumers, channel, connection, its channels.
        for _ in 0..<4 { state.type(.enter, .enter) }
        #expect(state.view == .channels)
        #expect(state.scope == .connection(orders))
        #expect(state.channels.count == 2)
        let path = state.trail.count
        state.type(.enter, .enter)
        // The connection is where it came from.
        #expect(state.view == .channels)
        #expect(state.trail.count == path)
        #expect(state.notice?.text.contains("Esc goes back") == true)
        state.type(.escape, .escape)
        #expect(state.view == .connections)
    }

    @Test func anExchangeLeadsToItsBindingsAndTheyToQueues() {
        var state = watched(.exchanges)
        state.type(.down)
        #expect(state.selectedID == .exchange(queue("events")))
        state.type(.enter, .enter)
        #expect(state.view == .named(.bindings))
        #expect(state.scope == .exchange(queue("events")))
        // Those that begin at it and those that end at it.
        #expect(state.named.bindings.count == 2)
        state.type(.enter, .enter)
        // The one from archive leads back to events, where the path has been.
        #expect(state.view == .named(.bindings))
        state.type(.escape, .down, .enter, .enter)
        #expect(state.selectedID == .queue(queue("orders")))
        state.type(.enter)
        #expect(state.view == .consumers)
        state.type(.escape, .escape)
        #expect(state.view == .named(.bindings))
    }

    @Test func aConsumerThatHasJustBegunSaysSo() {
        var state = makeState { $0.initialView = .consumers }
        state.send(.consumers(list([ConsumerRow(id: ConsumerID(queue: queue("orders"), channel: nil, tag: "t"))])))
        state.type(.enter, .enter)
        #expect(state.view == .consumers)
        #expect(state.notice?.text == "The broker does not report the channel of this consumer yet")
    }

    @Test func aFindingLeadsToWhatItIsAbout() throws {
        var state = watched(.events)
        let finding = Finding(
            .growingQueue, .warning, what: "grows", where: "queue 'billing'", since: nil, advice: "",
            subjects: [.queue(DiagnosisFacts.QueueKey(queue("billing")))])
        var entry = LedgerEntry(
            at: noon, kind: .finding, scope: .queue, text: "\(finding.where) grows", source: .rabbittop)
        entry.application = finding.rule.rawValue
        state.send(.entries([entry], dropped: 0))
        state.diagnosis = Diagnosis(recorded: [finding])
        state.type(.enter, .enter)
        #expect(state.view == .queues)
        #expect(state.selectedID == .queue(queue("billing")))
    }

    @Test func oListsAllPlacesAndSaysWhyOneLeadsNowhere() throws {
        var state = watched(.queues)
        state.send(.key(.character("G")))
        #expect(state.selectedID == .queue(queue("billing")))
        state.type(.character("o"))
        let list = try #require(state.picker)
        #expect(list.choices.map(\.label).starts(with: ["consumers", "publishers", "bindings", "dead-letter target"]))
        #expect(list.choices[0].disabled == "it has none")
        // What leads nowhere is not selected to begin with.
        #expect(list.choices[list.selected].label == "publishers")
        // The notice names the place, which the list has beside the reason.
        state.send(.pointer(.choice(0)))
        #expect(state.notice?.text == "consumers: it has none")
        // Letters narrow the list.
        state.type(text: "bindings")
        state.type(.enter)
        #expect(state.overlay == nil)
        #expect(state.view == .named(.bindings))
        #expect(state.scope == .queue(queue("billing")))
        state.type(.escape)
        #expect(state.view == .queues)
        #expect(state.selectedID == .queue(queue("billing")))
    }

    @Test func oFromAConsumerLeadsToItsUser() {
        var state = watched(.consumers)
        var row = consumer("orders", orders, 1)
        row.user = "shop"
        state.send(.consumers(list([row])))
        state.type(.character("o"))
        state.type(text: "user")
        state.type(.enter)
        #expect(state.view == .named(.users))
        #expect(state.interest?.view == .named(.users))
    }

    @Test func aNameWithQuotesIsSearchedForAsItIs() {
        var state = makeState { $0.initialView = .named(.users) }
        let name: Name = #"o"r\x"#
        var mine = connection(orders)
        mine.user = name
        state.send(.connections(list([mine, connection(billing)])))
        state.send(.named(NamedPart(.users, .users(list([UserRow(name: name, tags: [])])))))
        state.type(.enter, .enter)
        #expect(state.view == .connections)
        #expect(state.connections.sortedRows.map(\.name) == [orders])
    }

    @Test func consumersTellWhatTheirChannelTells() {
        var state = makeState { $0.initialView = .consumers }
        var alone = consumer("orders", orders, 1)
        alone.prefetch = 10
        var shared = consumer("billing", billing, 2)
        shared.prefetch = 10
        state.send(.consumers(list([alone, shared])))
        var first = channel(orders, 1)
        (first.consumers, first.unacked, first.ackRate, first.user) = (1, 9, 4, "shop")
        var second = channel(billing, 2)
        (second.consumers, second.unacked, second.ackRate, second.user) = (2, 9, 4, "shop")
        state.send(.channels(list([first, second])))
        let rows = Dictionary(grouping: state.consumers.sortedRows, by: \.id.queue.name).compactMapValues(\.first)
        func value(_ queue: Name, _ key: ConsumerColumn) -> Value? {
            rows[queue].map { ConsumerRow.column(key).value($0, noon) }
        }
        #expect(value("orders", .unacked) == .integer(9))
        #expect(value("orders", .prefetchUse) == .number(0.9))
        #expect(value("orders", .ackRate) == .number(4))
        // Two consumers share the channel: whose deliveries these are is not known.
        #expect(value("billing", .unacked) == Value.none)
        #expect(value("billing", .prefetchUse) == Value.none)
        #expect(value("billing", .user) == .text("shop"))
        // The list comes again before the channels do.
        state.send(.consumers(list([alone, shared])))
        #expect(state.consumers.rows.compactMap(\.prefetchUse) == [0.9])
    }

    @Test func whatIsNotToldIsSaidAndClearsTheRows() {
        var state = makeState { $0.initialView = .named(.users) }
        state.send(.named(NamedPart(.users, .users(list([UserRow(name: "guest", tags: [])])))))
        #expect(state.named.users.count == 1)
        state.send(.named(NamedPart(.users, nil, problems: [NamedProblem("this user may not ask for the users")])))
        #expect(state.named.users.count == 0)
        #expect(state.panelStatus(for: .named(.users)).contains { $0.text == "this user may not ask for the users" })
    }

    @Test func namedViewsHaveNoKeyAndTabLeavesThem() {
        for view in NamedView.allCases {
            #expect(ViewID(rawValue: view.rawValue) == .named(view))
            #expect(ViewID.named(view).digit == nil)
        }
        var state = makeState { $0.initialView = .named(.flags) }
        state.type(.tab)
        #expect(ViewID.tabs.contains(state.view))
    }
}
