import Faults
import Foundation
import Screen
import Testing

@testable import TopCore

@Suite("Connections that only reconnect are folded, errors never")
struct EventFoldingTests {
    private func entry(
        _ kind: LedgerEntry.Kind, _ seconds: Double, client: String? = "shop", port: Int = 1, code: Int? = nil,
        text: String? = nil
    ) -> LedgerEntry {
        LedgerEntry(
            at: later(seconds), kind: kind, scope: .connection, connection: "10.0.0.7:\(port) -> 10.0.0.1:5672",
            clientName: client, user: "clerk", vhost: "/", peer: "10.0.0.7:\(port)", code: code,
            text: text ?? kind.rawValue, source: .eventExchange)
    }

    /// An application that connects, and then closes and opens again each five seconds.
    private func reconnecting(_ times: Int, from start: Double = 0, client: String? = "shop") -> [LedgerEntry] {
        [entry(.opened, start, client: client, port: 1)]
            + (1...times).flatMap { turn in
                let at = start + Double(turn) * 5
                return [
                    entry(.closed, at, client: client, port: turn, text: "closed by the client"),
                    entry(.opened, at + 1, client: client, port: turn + 1),
                ]
            }
    }

    private func state(_ entries: [LedgerEntry]) -> State {
        var state = makeState { $0.initialView = .events }
        state.send(.entries(entries, dropped: 0), at: entries.last?.at)
        return state
    }

    @Test func manyReconnectionsAreOneLineWithTheirCount() throws {
        let state = state(reconnecting(12))
        let row = try #require(state.events.sortedRows.first)
        #expect(state.events.count == 1)
        #expect(row.text == "reconnected 12 times in 1m01s")
        #expect(row.clientName == "shop" && row.count == 25)
        #expect(row.at == later(61))
        // What differs between the connections is not told of all.
        #expect(row.connection == nil && row.peer == nil)
        #expect(state.events.total == 25 && state.ledger.total == 25)
        #expect(state.fold(of: row.id)?.entries.count == 25)
        #expect(state.story(of: row).first?.fields.count == 25)
    }

    @Test func anErrorIsNeverFoldedAndEndsTheLine() {
        var entries = reconnecting(3)
        entries.append(entry(.error, 17, code: 320))
        entries += reconnecting(3, from: 18)
        let texts = state(entries).events.sortedRows.map(\.text)
        #expect(texts == ["reconnected 3 times in 16s", "error", "reconnected 3 times in 16s"])
        var abrupt = reconnecting(3)
        abrupt.append(entry(.closed, 17, text: "client unexpectedly closed TCP connection"))
        #expect(state(abrupt).events.count == 2)
    }

    @Test func applicationsAreFoldedEachForItself() {
        let entries = (reconnecting(4) + reconnecting(4, from: 0.5, client: "billing")).sorted { $0.at < $1.at }
        #expect(state(entries).events.sortedRows.map(\.clientName) == ["billing", "shop"])
        // Without a client's name the user and the host are the application.
        #expect(state(reconnecting(4, client: nil)).events.count == 1)
    }

    @Test func fewLinesAndSlowOnesStay() {
        #expect(state(reconnecting(1)).events.count == 3)
        #expect(state((0..<20).map { entry(.opened, Double($0), port: $0) }).events.count == 20)
        let slow = (0..<6).map { entry($0 % 2 == 0 ? .opened : .closed, Double($0) * 60) }
        #expect(state(slow).events.count == 6)
        var withFault = reconnecting(3)
        for index in withFault.indices { withFault[index].fault = "close-connection #1" }
        #expect(state(withFault).events.count == 7)
    }

    @Test func aFilterOrAKeyShowsEveryEntryAndScriptsAlwaysSeeThem() throws {
        var state = state(reconnecting(3))
        #expect(state.events.count == 1)
        let lines = try Export.text(of: .events, in: state, format: .jsonl).split(separator: "\n")
        #expect(lines.count == 7)
        #expect(lines[0].contains("opened") && lines[6].contains("opened"))
        state.type(.character("/"))
        state.type(text: "shop")
        state.type(.enter)
        #expect(state.events.count == 7)
        state.type(.escape)
        #expect(state.events.count == 1)
        #expect(Bindings.footer(for: state).contains { $0.command == .fold })
        state.type(.character("z"))
        #expect(state.events.count == 7)
        state.type(.character("z"))
        #expect(state.events.count == 1)
    }

    @Test func theSelectionGoesWithAnEntryIntoItsLine() {
        var state = state(reconnecting(1))
        state.type(.down)
        #expect(state.events.selected?.kind == .closed)
        state.send(.entries(Array(reconnecting(2).suffix(2)), dropped: 0), at: later(12))
        #expect(state.events.count == 1)
        #expect(state.selectedID == state.events.sortedRows.first?.rowID)
        #expect(state.events.ended == nil)
    }

    @Test func theOverviewShowsTheSameLines() {
        let entries = [entry(.error, -1, code: 404, text: "first")] + reconnecting(4)
        let state = state(entries)
        #expect(state.latestEvents(5).map(\.text) == ["reconnected 4 times in 21s", "first"])
        #expect(state.latestEvents(1, after: 1).map(\.text) == ["first"])
        #expect(state.latestEvents(0).isEmpty)
        #expect(state.latestPlace(of: 1) == 1 && state.latestPlace(of: 2) == 0)
        #expect(state.latestPlace(of: 4) == nil && state.latestPlace(of: 99) == nil)
    }
}
