import Foundation
import Names
import Screen
import Testing
@testable import TopCore

@testable import TopView

/// Two rows that are not the same never look the same.
@Suite("Identity of rows")
struct IdentityTests {
    /// Narrow and wide ones, and both sides of the widths from which columns are laid out otherwise: a table has 100 and 140
    /// columns for them on a screen of 103 and 143.
    static let sizes = [40, 60, 80, 102, 103, 142, 143, 200].map { Size(width: $0, height: 18) }
    /// Nothing, the first column, some, and more than there are.
    static let offsets = [0, 1, 5, 20]

    private static func state(_ view: ViewID, vhosts: [Name] = ["/", "billing"]) -> State {
        var options = State.Options()
        options.initialView = view
        var state = State(size: Size(width: 80, height: 24), options: options, now: Sample.now)
        _ = update(&state, .snapshot(.vhosts(vhosts)), at: Sample.now)
        return state
    }

    private static func feed(_ state: inout State, _ snapshot: Snapshot) {
        _ = update(&state, .snapshot(snapshot), at: Sample.now)
    }

    /// The rows of the table as drawn, without the marks in front.
    private func rows(_ state: State, _ size: Size) throws -> [String] {
        let rendering = render(state, size: size, zone: .utc)
        return rendering.targets.compactMap { target -> String? in
            guard case .row = target.pointer else { return nil }
            return String(rendering.frame.text(ofRow: target.area.minY).dropFirst(2))
        }
    }

    static let twins: [(String, State)] = {
        var result: [(String, State)] = []
        var queues = state(.queues)
        feed(
            &queues,
            .queueDepths(
                QueueDepthsPart(
                    at: Sample.now, source: .management,
                    depths: ["/", "billing"].map { vhost in
                        QueueDepth(id: EntityID(vhost: vhost, name: "q/1"), messages: 3, ready: 3, unacked: 0)
                    })))
        result.append(("queues", queues))
        var exchanges = state(.exchanges)
        feed(
            &exchanges,
            .exchanges(
                ListPart(
                    at: Sample.now,
                    rows: ["/", "billing"].map { ExchangeRow(id: EntityID(vhost: $0, name: "orders")) })))
        result.append(("exchanges", exchanges))
        let peers = ["10.0.0.7:50640 -> 10.0.0.1:5672", "10.0.0.7:50641 -> 10.0.0.1:5672"]
        var connections = state(.connections)
        feed(
            &connections,
            .connections(
                ListPart(
                    at: Sample.now,
                    rows: peers.map { peer in
                        var row = ConnectionRow(name: Name(peer))
                        row.clientName = "orders-service"
                        return row
                    })))
        result.append(("connections", connections))
        var channels = state(.channels)
        feed(
            &channels,
            .channels(
                ListPart(
                    at: Sample.now,
                    rows: peers.flatMap { peer in
                        (1...2).map { number in
                            var row = ChannelRow(id: ChannelID(connection: peer, number: number))
                            row.clientName = "orders-service"
                            return row
                        }
                    })))
        result.append(("channels", channels))
        var consumers = state(.consumers)
        feed(
            &consumers,
            .consumers(
                ListPart(
                    at: Sample.now,
                    rows: ["/", "billing"].flatMap { vhost in
                        ["amq.ctag-8fJq2kLwA", "amq.ctag-8fJq2kLwB"].map { tag in
                            ConsumerRow(
                                id: ConsumerID(
                                    queue: EntityID(vhost: vhost, name: "q/1"),
                                    channel: ChannelID(connection: peers[0], number: 1), tag: tag))
                        }
                    })))
        result.append(("consumers", consumers))
        var client = state(.client)
        var rows: [ClientRow] = []
        for (number, peer) in peers.enumerated() {
            for channel in [nil, 1, 2] {
                var row = ClientRow(
                    id: ClientRowID(connection: UInt64(number), channel: channel), connection: Name(peer), state: "open"
                )
                row.name = "orders-service"
                row.channel = channel
                rows.append(row)
            }
        }
        feed(&client, .client(ListPart(at: Sample.now, rows: rows)))
        result.append(("client", client))
        return result
    }()

    @Test(
        "Rows of the same name in different places look different, at every width and however far one scrolls",
        arguments: IdentityTests.twins.map(\.0))
    func looks(_ name: String) throws {
        let state = try #require(Self.twins.first { $0.0 == name }?.1)
        for size in Self.sizes {
            var state = state
            var pressed = 0
            for offset in Self.offsets {
                for _ in pressed..<offset { state.press(.right) }
                pressed = offset
                let rows = try rows(state, size)
                #expect(rows.count >= 2)
                // Under its connection a channel of a client is named by its number.
                let names = name == "client" ? rows.filter { !$0.contains("└") } : rows
                #expect(Set(names).count == names.count, "\(size.width) columns, \(offset) scrolled: \(names)")
            }
        }
    }

    @Test("Channels of our clients look different also where they do not stand under their connection")
    func ungrouped() throws {
        var state = try #require(Self.twins.first { $0.0 == "client" }?.1)
        try state.arrange(.client, sort: "channel", descending: true)
        let rows = try rows(state, Size(width: 80, height: 24))
        #expect(Set(rows).count == 6)
    }

    @Test("The vhost stays at 80 columns, unless only one is shown")
    func vhost() throws {
        var state = try #require(Self.twins.first { $0.0 == "queues" }?.1)
        func heading(_ state: State, _ width: Int) -> String {
            let text = render(state, size: Size(width: width, height: 24), zone: .utc).frame.text
            return text.split(separator: "\n").first { $0.contains("NAME") && $0.contains("READY") }.map(String.init)
                ?? ""
        }
        #expect(heading(state, 80).contains("VHOST"))
        #expect(heading(state, 40).contains("VHOST"))
        state.press("v")
        state.press(.down)
        state.press(.enter)
        #expect(!heading(state, 60).contains("VHOST"))
        #expect(heading(state, 200).contains("VHOST"))
    }

    @Test("Scrolling to the right ends where the last column is in sight")
    func lastColumn() {
        var state = Sample.state(.queues)
        let size = Size(width: 80, height: 24)
        var steps = 0
        for _ in 0..<40 {
            let rendering = render(state, size: size)
            _ = update(&state, .viewport(rows: rendering.tableRows, limits: rendering.limits), at: Sample.now)
            let before = state.queues.columnOffset
            state.press(.right)
            if state.queues.columnOffset == before { break }
            steps += 1
        }
        #expect((5..<20).contains(steps))
        let text = render(state, size: size, zone: .utc).frame.text
        #expect(text.contains("AGE"))
        state.press(.left)
        #expect(state.queues.columnOffset == steps - 1)
    }

    @Test("The busiest queues are those of the vhost that is shown")
    func busiest() {
        var options = State.Options()
        options.vhost = "billing"
        var state = State(size: Size(width: 120, height: 40), options: options, now: Sample.now)
        let queues: [(vhost: Name, name: Name)] = [("/", "other"), ("billing", "invoices")]
        Self.feed(
            &state,
            .queueDepths(
                QueueDepthsPart(
                    at: Sample.now, source: .management,
                    depths: queues.map { QueueDepth(id: EntityID(vhost: $0.vhost, name: $0.name), ready: 3) })))
        let text = render(state, size: Size(width: 120, height: 40), zone: .utc).frame.text
        #expect(text.contains("vhost billing"))
        #expect(text.contains("invoices"))
        #expect(!text.contains("other"))
    }

    @Test("What has no room loses its middle, and no more than it must")
    func shortened() {
        #expect(Text.shortened("orders.retry.60s", to: 16) == "orders.retry.60s")
        #expect(Text.shortened("orders.retry.60s", to: 12) == "orders.….60s")
        #expect(Text.shortened("订单队列.中国区", to: 11) == "订单队…国区")
        #expect(Text.shortened("abcdef", to: 4) == "abc…")
        #expect(Text.shortened("abcdef", to: 0) == "")
        for width in 0...20 {
            #expect(TextWidth.columns(of: Text.shortened("🚚 tracking 🇩🇪 \u{1b}e\u{301}", to: width)) <= width)
        }
    }
}
