import AMQPWire
import ClockSupport
import Faults
import Foundation
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
            for _ in 0..<16 {
                clock.move(by: 0.0625)
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(await eventually { !heard().isEmpty })
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
