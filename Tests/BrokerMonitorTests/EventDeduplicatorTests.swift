import AMQPWire
import Faults
import Foundation
import Testing

@testable import BrokerMonitor

@Suite struct EventDeduplicatorTests {
    private let connection = "127.0.0.1:1000 -> 127.0.0.1:5672"

    private func error(
        _ source: LedgerEntry.Source, channel: Int = 1, code: Int = 404, connection: String? = nil, user: String? = nil
    ) -> LedgerEntry {
        LedgerEntry(
            at: Date(timeIntervalSince1970: 100), kind: .error, scope: .channel,
            connection: connection ?? self.connection, user: user, channel: channel, code: code, text: "no queue",
            source: source)
    }

    private func end(_ source: LedgerEntry.Source, _ kind: LedgerEntry.Kind = .closed, code: Int? = nil) -> LedgerEntry
    {
        LedgerEntry(
            at: Date(timeIntervalSince1970: 100), kind: kind, scope: .connection, connection: connection, code: code,
            text: "end", source: source)
    }

    @Test func threeSourcesMakeOneEntryAndTheRichestWins() {
        var deduplicator = EventDeduplicator()
        deduplicator.take(error(.client), at: 0)
        deduplicator.take(error(.logExchange, user: "guest"), at: 0.1)
        #expect(deduplicator.release(at: 0.2).isEmpty)
        deduplicator.take(error(.logFile), at: 0.2)
        let entries = deduplicator.release(at: 0.3)
        #expect(entries.count == 1)
        #expect(entries.first?.source == .logExchange)
        #expect(entries.first?.user == "guest")
        deduplicator.take(error(.logFile), at: 0.4)
        #expect(deduplicator.release(at: 1).count == 1, "the second of the log file is another error")
    }

    @Test func aLateRepetitionIsNoNews() {
        var deduplicator = EventDeduplicator()
        deduplicator.take(error(.client), at: 0)
        #expect(deduplicator.release(at: 0.3).count == 1)
        deduplicator.take(error(.logFile, user: "guest"), at: 1.5)
        #expect(deduplicator.release(at: 2).isEmpty)
        deduplicator.take(error(.logExchange), at: 60)
        #expect(deduplicator.release(at: 61).count == 1)
    }

    @Test func aThousandErrorsFromThreeSourcesAreAThousand() {
        var deduplicator = EventDeduplicator()
        var released = 0
        for number in 0..<1_000 {
            let now = Double(number) / 1_000
            deduplicator.take(error(.client), at: now)
            if number >= 50 { deduplicator.take(error(.logExchange), at: now) }
            if number >= 100 { deduplicator.take(error(.logFile), at: now) }
            released += deduplicator.release(at: now).count
        }
        for _ in 0..<50 { deduplicator.take(error(.logExchange), at: 1) }
        for _ in 0..<100 { deduplicator.take(error(.logFile), at: 1) }
        released += deduplicator.release(at: 10).count
        #expect(released == 1_000)
        _ = deduplicator.release(at: 100)
        #expect(deduplicator.count == 0)
    }

    @Test func memoryIsBoundedAndNothingIsLost() {
        var deduplicator = EventDeduplicator(capacity: 100)
        var released = 0
        for number in 0..<5_000 {
            deduplicator.take(error(.client, connection: "peer \(number)"), at: 0)
            released += deduplicator.release(at: 0).count
            #expect(deduplicator.count <= 101)
        }
        released += deduplicator.release(at: 1).count
        #expect(released == 5_000)
    }

    @Test func aConnectionEndsOnce() {
        var deduplicator = EventDeduplicator()
        deduplicator.take(end(.eventExchange), at: 0)
        deduplicator.take(end(.logExchange, .error, code: 501), at: 0.1)
        let entries = deduplicator.release(at: 0.3)
        #expect(entries.map(\.kind) == [.error])
        #expect(entries.first?.code == 501)
        // Its last words come three seconds later.
        deduplicator.take(end(.logExchange, .error), at: 3.2)
        #expect(deduplicator.release(at: 4).isEmpty)
        // The same ports again: another connection.
        deduplicator.take(
            LedgerEntry(
                at: Date(), kind: .opened, scope: .connection, connection: connection, text: "opened",
                source: .logExchange),
            at: 5)
        deduplicator.take(end(.logExchange), at: 5.1)
        #expect(deduplicator.release(at: 6).map(\.kind) == [.opened, .closed])
    }

    @Test func otherChannelsAndCodesAreOtherNews() {
        var deduplicator = EventDeduplicator()
        deduplicator.take(error(.client, channel: 1), at: 0)
        deduplicator.take(error(.logFile, channel: 2), at: 0)
        deduplicator.take(error(.logExchange, channel: 1, code: 406), at: 0)
        #expect(deduplicator.release(at: 1).count == 3)
    }

    @Test func namesAreBounded() {
        var names = ClientNames(capacity: 10)
        for number in 0..<1_000 {
            names.note(connection: "c\(number)", clientName: "n\(number)")
            names.note(process: "<0.\(number).0>", connection: "c\(number)")
        }
        #expect(names.count <= 40)
        #expect(names["c999"]?.clientName == "n999")
        #expect(names["c1"] == nil)
        #expect(names.connection(ofProcess: "<0.999.0>") == "c999")
    }
}

@Suite struct EventExchangeParserTests {
    private let now = Date(timeIntervalSince1970: 1)

    @Test func readsAConnectionsLife() throws {
        var parser = EventExchangeParser()
        let properties = FieldValue.array([
            .string(#"{<<"product">>,longstr,<<"Pika Python Client Library">>}"#),
            .string(#"{<<"connection_name">>,longstr,<<"orders-worker">>}"#),
        ])
        let created = parser.read(
            routingKey: "connection.created",
            headers: [
                "name": "127.0.0.1:1 -> 127.0.0.1:2", "client_properties": properties, "user": "guest", "vhost": "/",
                "pid": "<rabbit@localhost.1795220391.18837.1>", "timestamp_in_ms": 5_000,
            ], now: now)
        #expect(created.clientName == "orders-worker" && created.process == "<0.18837.1>")
        let entry = try #require(created.entry)
        #expect(entry.kind == .opened && entry.peer == "127.0.0.1:1" && entry.user == "guest")
        #expect(entry.at == Date(timeIntervalSince1970: 5))

        let closed = parser.read(
            routingKey: "connection.closed",
            headers: ["name": "127.0.0.1:1 -> 127.0.0.1:2", "client_properties": properties], now: now)
        #expect(closed.entry?.kind == .closed && closed.entry?.clientName == "orders-worker")
        // A probe of the port closes too.
        let probe = parser.read(
            routingKey: "connection.closed",
            headers: ["name": "127.0.0.1:3 -> 127.0.0.1:2", "client_properties": .array([])], now: now)
        #expect(probe.entry == nil)
    }

    @Test func readsAFailedLoginOfCharacterCodes() throws {
        var parser = EventExchangeParser()
        let codes = "user 'guest' - invalid credentials".utf8.map { FieldValue.int64(Int64($0)) }
        let finding = parser.read(
            routingKey: "user.authentication.failure",
            headers: ["error": .array(codes), "connection_name": "127.0.0.1:1 -> 127.0.0.1:2", "name": "guest"],
            now: now)
        let entry = try #require(finding.entry)
        #expect(entry.kind == .authentication && entry.code == 403 && entry.user == "guest")
        #expect(entry.text == "user 'guest' - invalid credentials")
    }

    @Test func aConsumersEndKnowsItsChannel() throws {
        var parser = EventExchangeParser()
        _ = parser.read(
            routingKey: "channel.created",
            headers: [
                "pid": "<rabbit@localhost.1.2.0>", "name": "127.0.0.1:1 -> 127.0.0.1:2 (7)", "number": 7,
            ], now: now)
        let entry = try #require(
            parser.read(
                routingKey: "consumer.deleted",
                headers: ["channel": "<rabbit@localhost.1.2.0>", "consumer_tag": "ctag1", "queue": "orders"], now: now
            ).entry)
        #expect(entry.kind == .cancelled && entry.channel == 7 && entry.queue == "orders")
        #expect(entry.connection == "127.0.0.1:1 -> 127.0.0.1:2")
    }

    @Test func theBrokersOwnNameIsNoUser() {
        var parser = EventExchangeParser()
        let finding = parser.read(
            routingKey: "consumer.deleted",
            headers: ["consumer_tag": "ctag1", "queue": "orders", "user_who_performed_action": "rmq-internal"], now: now
        )
        #expect(finding.entry?.kind == .cancelled && finding.entry?.user == nil)
    }

    @Test func anythingElseIsLeftAlone() {
        var parser = EventExchangeParser()
        for key in [
            "connection.created", "channel.created", "consumer.deleted", "binding.created", "", "connection.closed",
        ] {
            #expect(parser.read(routingKey: key, headers: [:], now: now).entry == nil)
        }
    }
}
