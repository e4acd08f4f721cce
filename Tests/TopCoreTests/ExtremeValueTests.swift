import Faults
import Foundation
import Testing

@testable import TopCore

@Suite("Values beyond all measure, from rows to what is written")
struct ExtremeValueTests {
    static let integers: [Int?] = [nil, 0, 1, -1, .max, .min, .max - 1, 1 << 53]
    static let numbers: [Double?] = [
        nil, 0, -0.0, .leastNonzeroMagnitude, 1e-10, 0.5, 999.95, 9e15, 9.2e18, 1e19, 1e300, -1e300,
        .greatestFiniteMagnitude,
        .infinity, -.infinity, .nan,
    ]
    static let dates = [
        Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 1e15), Date(timeIntervalSince1970: -1e15),
        Date(timeIntervalSince1970: 1e300), .distantPast, .distantFuture, noon,
    ]

    /// A state whose every figure is one of these.
    static func state(_ integer: Int?, _ number: Double?, _ date: Date) -> State {
        var state = makeState()
        var overview = OverviewRow()
        (overview.ready, overview.unacked, overview.messages) = (integer, integer, integer)
        (overview.publishRate, overview.deliverRate, overview.ackRate) = (number, number, number)
        (overview.connections, overview.channels, overview.consumers) = (integer, integer, integer)
        (overview.queues, overview.exchanges, overview.nodes) = (integer, integer, integer)
        (overview.connectionOpenRate, overview.connectionCloseRate, overview.unroutableRate) = (number, number, number)
        var node = NodeRow(name: "a@b", running: true)
        (node.memory, node.memoryLimit, node.diskFree, node.diskFreeLimit) = (integer, integer, integer, integer)
        (node.fileDescriptors, node.fileDescriptorLimit, node.sockets) = (integer, integer, integer)
        node.uptime = number
        for second in [0.0, 5, 10] {
            state.send(
                .cluster(
                    ClusterPart(at: later(second), name: "c", version: "4.0.5", overview: overview, nodes: [node])),
                at: later(second))
            state.send(
                bulk(
                    [depth("q", ready: integer, unacked: integer, consumers: integer, messages: integer)],
                    at: later(second)), at: later(second))
            state.send(
                rich(depth("q", ready: integer, consumers: integer), at: later(second)) {
                    ($0.publishRate, $0.deliverRate, $0.ackRate, $0.redeliverRate) = (number, number, number, number)
                    $0.memory = integer
                    $0.idleSince = date
                    $0.deliveryLimit = integer
                    $0.type = "quorum"
                }, at: later(second))
            state.send(live([depth("q", ready: integer, consumers: integer)], at: later(second)), at: later(second))
            state.send(
                .connections(
                    list(
                        [
                            connection(orders) {
                                ($0.channels, $0.heartbeat) = (integer, integer)
                                ($0.receiveRate, $0.sendRate) = (number, number)
                                $0.connectedAt = date
                                $0.proxySession = .max
                                $0.state = "blocked"
                            }
                        ], at: later(second))), at: later(second))
            state.send(
                .channels(
                    list(
                        [1, 2].map { place in
                            channel(orders, integer ?? place) {
                                ($0.prefetch, $0.unacked, $0.unconfirmed, $0.consumers) = (
                                    integer, integer, integer, integer
                                )
                                ($0.publishRate, $0.deliverRate, $0.ackRate) = (number, number, number)
                                $0.idleSince = date
                            }
                        }, at: later(second))), at: later(second))
            state.send(.consumers(list([consumer("q", orders, integer ?? 1)], at: later(second))), at: later(second))
        }
        var entry = ledgerEntry("text", at: date, code: integer, connection: orders, channel: integer)
        entry.seconds = number
        entry.redelivered = integer
        state.send(.entries([entry], dropped: .max))
        return state
    }

    @Test("Every view is written in every format", arguments: numbers.indices)
    func exports(_ index: Int) throws {
        for (place, integer) in Self.integers.enumerated() {
            let date = Self.dates[(index + place) % Self.dates.count]
            let state = Self.state(integer, Self.numbers[index], date)
            for view in ViewID.allCases where view != .lab {
                for format in Export.Format.allCases {
                    for zone in [ValueFormat.Zone.utc, .local, .offset(-3_600)] {
                        let text = try Export.text(
                            of: view, in: state, format: format, style: ValueFormat(zone: zone))
                        #expect(!text.isEmpty || format == .jsonl)
                        guard format == .json else { continue }
                        #expect(
                            (try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil,
                            "\(view): \(text.prefix(300))")
                    }
                }
            }
            #expect(state.faultReport.samples.allSatisfy { $0.publishRate?.isFinite ?? true })
        }
    }

    @Test("Every question about extreme rows has words", arguments: [Int.max, Int.min, 0])
    func questions(_ integer: Int) {
        for (view, keys) in [
            (ViewID.queues, "ePDpcf"), (.channels, "xXf"), (.consumers, "xXecf"), (.connections, "Xf"),
        ] {
            for key in keys {
                var state = Self.state(integer, 1e300, noon)
                state.options.faults = FaultPermission(
                    injectionPoints: [.proxy, .broker], isLoopback: true, isAllowed: true, isReadOnly: false)
                if let digit = view.digit { state.send(.key(.character(digit))) }
                state.send(.key(.character(key)))
                #expect(state.now == later(10) || state.overlay != nil || state.notice != nil)
                state.send(.key(.enter))
            }
        }
    }

    @Test(
        "Numbers beyond 64 bits are told by their size, not by the largest number there is",
        arguments: [
            (1e300, "1.0e+300"), (-1e300, "-1.0e+300"), (9.5e18, "9.5e+18"), (1e15, "1,000,000,000,000,000"), (0, "0"),
        ])
    func rates(_ value: Double, _ text: String) {
        #expect(ValueFormat().rate(value) == text)
    }

    @Test func hugeSizesAndTimes() {
        #expect(ValueFormat().bytes(1e300) == "1.0e+300")
        #expect(ValueFormat().duration(1e300) == "1.0e+300s")
        #expect(ValueFormat().bytes(Double(Int.max)) == "8 EiB")
        #expect(ValueFormat().text(.number(1e300), .bytesPerSecond, width: 1, now: noon).isEmpty == false)
        #expect(ValueFormat.whole(.nan) == 0 && ValueFormat.whole(.infinity) == .max)
        #expect(Int.sum([.max, 1]) == .max && Int.sum([.min, -1]) == .min && Int.sum([2, 3]) == 5)
    }
}
