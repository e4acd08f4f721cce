import Faults
import Foundation
import Names
import Screen
import Testing

@testable import TopCore

@Suite("What ends while one looks at it")
struct EndedRowTests {
    private func channels(_ numbers: [Int], at: Date = noon) -> Snapshot {
        .channels(list(numbers.map { number in channel(orders, number) { $0.state = "running" } }, at: at))
    }

    private func looking() -> State {
        var state = makeState { $0.initialView = .channels }
        state.send(channels([1, 2, 3]))
        state.type(.down, .enter)
        return state
    }

    private func id(_ number: Int) -> RowID { .channel(ChannelID(connection: orders, number: number)) }

    @Test("Open details stay on a row that leaves, and say since when; the cursor does not jump")
    func stays() throws {
        var state = looking()
        state.send(.detail(DetailPart(at: noon, row: id(2), sections: [])))
        state.send(channels([1, 3], at: later(5)), at: later(5))
        #expect(state.selectedID == id(2))
        #expect(state.channels.ended == EndedRow(id: id(2), at: later(5)))
        #expect(state.isSelectedEnded)
        #expect(state.selectedDetail != nil)
        #expect(state.channels.total == 2)
        // A later list changes nothing about it.
        state.send(channels([1, 3, 4], at: later(10)), at: later(10))
        #expect(state.channels.ended?.at == later(5))
        #expect(state.channels.sortedRows.map(\.id.number) == [1, 2, 3, 4])
        // Whoever moves on lets go of it.
        state.type(.down)
        #expect(state.selectedID == id(3))
        #expect(state.channels.sortedRows.map(\.id.number) == [1, 3, 4])
        #expect(state.channels.ended == nil)
    }

    @Test("Closing the details lets go of what ended")
    func closes() {
        var state = looking()
        state.send(channels([1, 3], at: later(5)))
        state.type(.escape)
        #expect(state.channels.sortedRows.map(\.id.number) == [1, 3])
        #expect(state.selectedID == id(3))
    }

    @Test("Without open details a row that leaves hands the cursor on")
    func closedDetails() {
        var state = makeState { $0.initialView = .channels }
        state.send(channels([1, 2, 3]))
        state.type(.down)
        state.send(channels([1, 3], at: later(5)))
        #expect(state.selectedID == id(3))
        #expect(state.channels.ended == nil)
    }

    @Test("What comes back is no longer ended; an older list does not bring it back")
    func comesBack() {
        var state = looking()
        state.send(channels([1, 3], at: later(5)))
        state.send(channels([1, 2, 3], at: later(4)))
        #expect(state.isSelectedEnded)
        state.send(channels([1, 2, 3], at: later(10)))
        #expect(!state.isSelectedEnded)
        #expect(state.interest?.detail == id(2))
    }

    @Test("The broker is not asked about what has ended, and no key acts on it")
    func isLeftAlone() {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("orders", ready: 3), depth("billing", ready: 2)]))
        state.type(.enter)
        #expect(state.interest?.detail == .queue(queue("orders")))
        state.send(live([depth("billing", ready: 2)], at: later(1), gone: [queue("orders")]))
        #expect(state.selectedID == .queue(queue("orders")))
        #expect(state.interest?.detail == nil)
        #expect(state.interest?.queues == [queue("billing")])
        #expect(state.targetQueue == nil)
        state.type(.character("P"))
        #expect(state.overlay == nil)
        #expect(state.notice?.text == "It has ended: P (purge) has nothing to work on")
        for (key, label) in [("p", "publish"), ("c", "consume"), ("e", "messages"), ("D", "delete")] {
            state.type(.character(Character(key)))
            #expect(state.overlay == nil)
            #expect(state.notice?.text == "It has ended: \(key) (\(label)) has nothing to work on")
        }
        #expect(!Bindings.footer(for: state).contains { $0.command == .publish })
        // A report of the statistics of before does not raise it from the dead.
        state.send(bulk([depth("orders", ready: 3), depth("billing", ready: 2)], at: later(4)))
        #expect(state.isSelectedEnded)
        state.send(bulk([depth("orders", ready: 3), depth("billing", ready: 2)], at: later(12)))
        #expect(!state.isSelectedEnded)
    }

    @Test("Details that the broker refuses because the thing is gone end it before the list does")
    func goneByDetail() {
        var state = looking()
        let told = DetailPart(
            at: noon, row: id(2), sections: [DetailSection(title: "Channel", fields: [DetailField("user", "shop")])])
        state.send(.detail(told))
        state.send(.detail(DetailPart(at: later(2), row: id(2), sections: [], isGone: true)), at: later(2))
        #expect(state.channels.ended == EndedRow(id: id(2), at: later(2)))
        #expect(state.selectedDetail == told)
        state.send(channels([1, 2, 3], at: later(2)))
        #expect(state.isSelectedEnded)
    }

    @Test("Why it ended is told where the ledger knows")
    func why() {
        var state = looking()
        var entry = ledgerEntry("NOT_FOUND - no queue 'x'", at: later(3), code: 404, connection: orders, channel: 2)
        entry.codeName = "NOT_FOUND"
        state.send(.entries([entry], dropped: 0), at: later(3))
        #expect(state.end(of: id(2)) == nil)
        state.send(channels([1, 3], at: later(5)))
        #expect(state.end(of: id(2)) == "error 404 NOT_FOUND \(orders) channel 2: no queue 'x'")
    }

    @Test("Coming back to the details of something that has ended")
    func wayBack() {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk([depth("orders", ready: 3), depth("billing", ready: 2)]))
        state.send(.consumers(list([consumer("orders", orders, 1)])))
        state.type(.enter, .enter)
        #expect(state.view == .consumers)
        state.send(bulk([depth("billing", ready: 2)], at: later(5)))
        state.type(.escape)
        #expect(state.view == .queues)
        #expect(state.isDetailOpen)
        #expect(state.selectedID == .queue(queue("orders")))
        #expect(state.isSelectedEnded)
    }

    // MARK: Connections

    private func watching() -> State {
        var state = makeState { $0.initialView = .channels }
        state.send(.connections(list([connection(orders), connection(billing)])))
        state.send(.channels(list([channel(orders, 1), channel(orders, 2), channel(billing, 1)])))
        state.send(.consumers(list([consumer("q", orders, 1), consumer("q", billing, 1)])))
        return state
    }

    private func closed(_ name: Name, at: Date, kind: LedgerEntry.Kind = .closed) -> Event {
        .entries(
            [
                LedgerEntry(
                    at: at, kind: kind, scope: .connection, connection: name.text, text: "closed",
                    source: .eventExchange)
            ], dropped: 0)
    }

    @Test(
        "The channels and consumers of a connection leave with the news of its end",
        arguments: [
            LedgerEntry.Kind.closed, .error,
        ])
    func orphansByNews(_ kind: LedgerEntry.Kind) {
        var state = watching()
        state.send(closed(orders, at: later(1), kind: kind), at: later(1))
        #expect(state.channels.rows.map(\.id.connection) == [billing])
        #expect(state.channels.total == 1)
        #expect(state.connections.rows.map(\.name) == [billing])
        #expect(state.consumers.rows.map(\.id.connection) == [billing])
        // The broker's statistics have them for some seconds more.
        state.send(.channels(list([channel(orders, 1), channel(billing, 1)], at: later(3))), at: later(3))
        state.send(.connections(list([connection(orders), connection(billing)], at: later(3))), at: later(3))
        #expect(state.channels.rows.map(\.id.connection) == [billing])
        #expect(state.connections.rows.map(\.name) == [billing])
        #expect(state.connections.total == 1)
        // The same name may come again.
        state.send(closed(orders, at: later(5), kind: .opened), at: later(5))
        state.send(.channels(list([channel(orders, 1), channel(billing, 1)], at: later(6))), at: later(6))
        #expect(state.channels.rows.count == 2)
    }

    @Test("A connection that closes and opens again within one batch of news is there; one that only closes is not")
    func closedAndOpened() {
        func entry(_ kind: LedgerEntry.Kind, _ name: Name, _ seconds: Double) -> LedgerEntry {
            LedgerEntry(
                at: later(seconds), kind: kind, scope: .connection, connection: name.text, text: "",
                source: .eventExchange)
        }
        var state = watching()
        let batch = [entry(.closed, orders, 1), entry(.closed, billing, 1), entry(.opened, orders, 1.2)]
        state.send(.entries(batch, dropped: 0), at: later(2))
        #expect(state.connections.rows.map(\.name) == [orders])
        #expect(state.channels.rows.map(\.id.connection) == [orders, orders])
        // Its next list is shown; that of the other one lags behind.
        state.send(.connections(list([connection(orders), connection(billing)], at: later(3))), at: later(3))
        #expect(state.connections.rows.map(\.name) == [orders])
        // The other way round it has ended.
        state.send(.entries([entry(.opened, orders, 4), entry(.closed, orders, 4.5)], dropped: 0), at: later(5))
        #expect(state.connections.rows.isEmpty)
        #expect(state.channels.rows.isEmpty)
    }

    @Test("A blocked connection, and the end of one channel, take no channel away")
    func othersStay() {
        var state = watching()
        state.send(closed(orders, at: later(1), kind: .blocked))
        state.send(.entries([ledgerEntry("gone", at: later(1), code: 404, connection: orders, channel: 1)], dropped: 0))
        #expect(state.channels.rows.count == 3)
    }

    @Test("A total that no broker has does not overflow")
    func extremeTotals() {
        var state = watching()
        for total in [Int.min, .max] {
            var part = list([channel(orders, 1), channel(billing, 1)], at: later(3))
            part.total = total
            state.send(.channels(part))
            state.send(closed(orders, at: later(4)), at: later(4))
            #expect(state.channels.rows.map(\.id.connection) == [billing])
            state.send(closed(orders, at: later(5), kind: .opened), at: later(5))
        }
    }

    @Test("A whole list of connections takes the channels of those that left; a page or a part does not")
    func orphansByList() {
        var state = watching()
        var page = list([connection(billing)], at: later(5))
        page.total = 2
        state.send(.connections(page))
        #expect(state.channels.rows.count == 3)
        state = watching()
        state.send(.connections(list([connection(billing)], at: later(5))))
        #expect(state.channels.rows.map(\.id.connection) == [billing])
        state = watching()
        state.type(.enter, .enter)
        #expect(state.scope != nil)
        state.send(.connections(list([connection(billing)], at: later(5))))
        #expect(state.channels.rows.count == 3)
    }

    @Test("Ends are remembered without bound neither in number nor in time")
    func bounded() {
        var ends = EndedConnections()
        for number in 0..<10_000 { _ = ends.note("c\(number)", at: later(Double(number))) }
        #expect(ends.hides("c9999", in: later(9_999)))
        #expect(!ends.hides("c0", in: later(1)))
        #expect(!ends.hides("c9999", in: later(9_999 + EndedConnections.period)))
    }
}
