import Faults
import Foundation
import RabbitMQClient
import Testing

@testable import BrokerMonitor

@Suite struct ClientActivityTests {
    /// One connection with one channel that has done this much.
    private func report(
        _ at: Double, name: String = "127.0.0.1:1 -> b", published: UInt64 = 0, delivered: UInt64 = 0
    ) throws -> ClientReport {
        let text = """
            {"madeAt": \(at), "connections": [{"id": 7, "name": "\(name)", "clientName": "orders", "user": "shop",
              "virtualHost": "/", "state": "open",
              "channels": [{"id": 3, "number": 1, "state": "open", "published": \(published), "delivered": \(delivered)}]}]}
            """
        return try JSONDecoder().decode(ClientReport.self, from: Data(text.utf8))
    }

    @Test func theFirstOfEachKindIsTold() throws {
        var activity = ClientActivity()
        #expect(activity.compare(try report(1)).isEmpty)
        let first = activity.compare(try report(2, published: 5))
        #expect(first.map(\.kind) == [.published])
        #expect(first.first?.clientIdentity.clientName == "orders" && first.first?.clientIdentity.channel == 1)
        #expect(activity.compare(try report(3, published: 9)).isEmpty)
        #expect(activity.compare(try report(4, published: 12, delivered: 1)).map(\.kind) == [.consumed])
    }

    @Test func afterAnInterruptionItIsToldAgainAndWhatWasDoneBeforeIsNoSignOfLife() throws {
        var activity = ClientActivity()
        _ = activity.compare(try report(1, published: 1))
        activity.restart(try report(2, published: 8), connection: 7)
        #expect(activity.compare(try report(3, published: 8)).isEmpty)
        let again = activity.compare(try report(4, name: "127.0.0.1:2 -> b", published: 9))
        #expect(again.map(\.kind) == [.published])
        #expect(again.first?.clientIdentity.connection == "127.0.0.1:2 -> b")
    }

    @Test func anInterruptionOfAnotherConnectionChangesNothing() throws {
        var activity = ClientActivity()
        _ = activity.compare(try report(1, published: 1))
        activity.restart(try report(2, published: 8), connection: 8)
        #expect(activity.compare(try report(3, published: 9)).isEmpty)
    }

    // MARK: The event exchange

    @Test func theEventExchangeTellsWhoConnectsOpensChannelsAndSubscribes() throws {
        var parser = EventExchangeParser()
        let opened = parser.read(
            routingKey: "channel.created",
            headers: [
                "pid": "<rabbit@h.1.2.3>", "name": "127.0.0.1:1 -> b (4)", "number": 4, "user": "shop", "vhost": "/",
            ], now: Date())
        #expect(opened.activity?.kind == .channelOpened)
        #expect(
            opened.activity?.clientIdentity.connection == "127.0.0.1:1 -> b"
                && opened.activity?.clientIdentity.channel == 4)
        let subscribed = parser.read(
            routingKey: "consumer.created",
            headers: ["channel": "<rabbit@h.1.2.3>", "queue": "orders", "consumer_tag": "c"], now: Date())
        #expect(subscribed.activity?.kind == .consumed)
        #expect(
            subscribed.activity?.clientIdentity.channel == 4 && subscribed.activity?.clientIdentity.queue == "orders")
        #expect(EventExchangeParser.bindings.contains("consumer.created"))
    }
}
