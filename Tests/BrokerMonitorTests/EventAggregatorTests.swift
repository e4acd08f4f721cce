import AMQPWire
import ClockSupport
import Faults
import Foundation
import Names
import RabbitMQClient
import Testing
import TopCore

@testable import BrokerMonitor

/// What several sources say becomes one entry, by a clock that the test moves.
@Suite(.timeLimit(.minutes(1))) struct EventAggregatorTests {
    private static let connection = "127.0.0.1:40000 -> 127.0.0.1:5672"

    private func aggregate(
        _ body: (EventAggregator, OwnConnections, ManualClock, () -> [LedgerEntry]) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        let inbox = Inbox()
        let own = OwnConnections()
        let aggregator = EventAggregator(inbox: inbox, own: own, registry: ClientRegistry(), clock: clock.clock)
        var heard: [LedgerEntry] = []
        try await serving {
            await aggregator.run()
        } _: {
            try await body(aggregator, own, clock) {
                for case .entries(let entries, _) in inbox.drain() { heard += entries }
                return heard
            }
        }
    }

    private func proxied(_ code: Int = 404, connection: String = connection) -> LedgerReport {
        .entry(
            LedgerEntry(
                at: Date(), kind: .error, scope: .channel, connection: connection, clientName: "shop", channel: 1,
                code: code, text: "no queue 'q' in vhost '/'", source: .proxy))
    }

    private func logged() throws -> LogMessage {
        let line = "2026-11-21 00:28:59.079153+00:00 [error] <0.1.0> "
        return try #require(
            LogMessage(
                entry: line + "Channel error on connection <0.1.0> (\(Self.connection), vhost: '/', user: 'clerk'), "
                    + "channel 1:\n" + line
                    + "operation queue.declare caused a channel exception not_found: no queue 'q' in vhost '/'\n"))
    }

    private let parser = BrokerLogParser(source: .logExchange)

    @Test func anEntryWaitsAQuarterOfASecondForTheOtherSource() async throws {
        try await aggregate { aggregator, _, clock, heard in
            await aggregator.take(proxied())
            await aggregator.take(try logged(), parser: parser)
            clock.move(by: 0.125)
            try await Task.sleep(for: .milliseconds(20))
            #expect(heard().isEmpty)
            await clock.pass(0.125)
            #expect(await eventually { !heard().isEmpty })
            let entry = try #require(heard().first)
            #expect(heard().count == 1)
            #expect(entry.clientName == "shop" && entry.user == "clerk" && entry.queue == "q" && entry.code == 404)
            #expect(entry.peer == "127.0.0.1:40000")
        }
    }

    private func row(_ name: String, client: String?) -> (connection: Name, row: ConnectionRow) {
        var row = ConnectionRow(name: Name(name))
        row.clientName = Name(client)
        return (Name(name), row)
    }

    @Test func anEntryWithoutAClientsNameIsCompletedWhenTheListComes() async throws {
        let clock = ManualClock()
        let inbox = Inbox()
        let aggregator = EventAggregator(
            inbox: inbox, own: OwnConnections(), registry: ClientRegistry(), clock: clock.clock)
        var ledger = Ledger()
        func drain() -> Int {
            for event in inbox.drain() {
                switch event {
                case .entries(let entries, _): for entry in entries { ledger.record(entry) }
                case .reports(let reports): for report in reports { ledger.take(report) }
                default: break
                }
            }
            return ledger.count
        }
        try await serving {
            await aggregator.run()
        } _: {
            // The log tells the connection's user, not its name: it was opened before rabbittop looked.
            await aggregator.take(try logged(), parser: parser)
            await clock.pass(0.25)
            #expect(await eventually { drain() == 1 })
            #expect(ledger[0].clientName == nil && ledger[0].user == "clerk")
            await aggregator.note([
                row("10.0.0.9:1 -> 10.0.0.1:5672", client: "other"), row(Self.connection, client: "shop"),
            ])
            _ = drain()
            #expect(ledger[0].clientName == "shop")
            // What comes after is complete from the beginning.
            await aggregator.take(try logged(), parser: parser)
            await clock.pass(0.25)
            #expect(await eventually { drain() == 2 })
            #expect(ledger[1].clientName == "shop")
        }
    }

    @Test func theErrorOfAConsumersTimeoutNamesItsQueue() async throws {
        func message(_ text: String) throws -> LogMessage {
            try #require(LogMessage(entry: "2026-11-21 00:28:59.079153+00:00 [error] <0.1.0> " + text))
        }
        func timeout(_ channel: Int, _ queue: String) throws -> LogMessage {
            try message(
                "Consumer 'c' on channel \(channel) and queue '\(queue)' in vhost '/' has timed out waiting for a consumer "
                    + "acknowledgement of a delivery with delivery tag = 1. Timeout used: 1000 ms.\n")
        }
        func error(_ channel: Int) throws -> LogMessage {
            let line = "2026-11-21 00:28:59.079153+00:00 [error] <0.1.0> "
            return try message(
                "Channel error on connection <0.1.0> (\(Self.connection), vhost: '/', user: 'clerk'), channel \(channel):\n"
                    + line
                    + "operation none caused a channel exception precondition_failed: delivery acknowledgement on "
                    + "channel \(channel) timed out. Timeout value used: 1000 ms.\n")
        }
        try await aggregate { aggregator, _, clock, heard in
            await aggregator.take(try timeout(1, "slow"), parser: parser)
            // Two channels of the same number: whose timeout it was is not known.
            await aggregator.take(try timeout(2, "one"), parser: parser)
            await aggregator.take(try timeout(2, "another"), parser: parser)
            await aggregator.take(try error(1), parser: parser)
            await aggregator.take(try error(2), parser: parser)
            await clock.pass(0.25)
            #expect(await eventually { heard().count == 2 })
            #expect(heard().map(\.queue) == ["slow", nil])
        }
    }

    @Test func whatComesLaterIsKnownAsTheSameForTwoSeconds() async throws {
        try await aggregate { aggregator, _, clock, heard in
            await aggregator.take(proxied())
            await clock.pass(0.25)
            #expect(await eventually { heard().count == 1 })
            clock.move(by: 1)
            await aggregator.take(try logged(), parser: parser)
            clock.move(by: 1)
            await aggregator.take(proxied(406))
            await clock.pass(0.25)
            #expect(await eventually { heard().count == 2 })
            #expect(heard().map(\.code) == [404, 406])
        }
    }

    /// A consumer that ends with its channel is part of the channel's entry.
    @Test func aConsumersEndWaitsForThatOfItsChannel() async throws {
        let consumer: FieldTable = [
            "channel": .string("<rabbit@a.1.2.0>"), "consumer_tag": .string("t"), "queue": .string("q"),
            "vhost": .string("/"),
        ]
        try await aggregate { aggregator, _, clock, heard in
            await aggregator.take(event: "consumer.deleted", headers: consumer)
            await aggregator.take(event: "channel.closed", headers: ["pid": .string("<rabbit@a.1.2.0>")])
            await aggregator.take(event: "consumer.deleted", headers: consumer)
            // It waits half a second for its channel, and then for other sources.
            #expect(
                await eventually {
                    clock.move(by: 0.0625)
                    return !heard().isEmpty
                })
            #expect(heard().map(\.kind) == [.cancelled])
        }
    }

    @Test func whatRabbittopDoesToWatchIsNotReported() async throws {
        try await aggregate { aggregator, own, clock, heard in
            own.add(Self.connection, .watching)
            own.add("127.0.0.1:40001 -> 127.0.0.1:5672", .operating)
            await aggregator.take(proxied())
            await aggregator.take(proxied(connection: "127.0.0.1:40001 -> 127.0.0.1:5672"))
            await clock.pass(0.25)
            #expect(await eventually { !heard().isEmpty })
            #expect(heard().map(\.connection) == ["127.0.0.1:40001 -> 127.0.0.1:5672"])
        }
    }

    /// What waits is not lost when the aggregator ends.
    @Test func theEndReleasesWhatWaits() async throws {
        let inbox = Inbox()
        let aggregator = EventAggregator(
            inbox: inbox, own: OwnConnections(), registry: ClientRegistry(), clock: ManualClock().clock)
        try await serving {
            await aggregator.run()
        } _: {
            await aggregator.take(proxied())
        }
        guard case .entries(let entries, _)? = inbox.drain().last else {
            Issue.record("nothing was released")
            return
        }
        #expect(entries.count == 1)
    }
}
