import Faults
import Foundation
import Screen
import Testing

@testable import TopCore

@Suite struct FaultNotesTests {
    @Test func aConnectionsEndIsCounted() throws {
        var state = faultState(.connections)
        try state.openFault("close-connection", on: .connection(orders))
        #expect(state.note("Reach") == "closes 1 connection, 14 channels, 9 consumers")
        try state.fill("selector.connection", "orders-*")
        #expect(state.note("Reach") == "closes 2 connections, 16 channels, 10 consumers")
        try state.fill("selector.user", "shop")
        #expect(state.note("Reach")?.hasPrefix("hits nothing now: no connection") == true)
    }

    @Test func aChannelsEndIsCounted() throws {
        var state = faultState()
        try state.openFault("close-channel", on: shopChannel)
        #expect(state.note("Reach") == "closes 1 channel, 2 consumers, 12 unacked messages")
        try state.fill("selector.queue", "no such queue")
        #expect(state.note("Reach")?.hasPrefix("hits nothing now") == true)
        try state.fill("selector.queue", "mail*")
        #expect(state.note("Reach")?.hasPrefix("closes 1 channel") == true)
    }

    @Test func whatDoesNotPassThroughTheProxyIsNotHit() throws {
        var state = faultState()
        state.send(.channels(list([channel(orders, 1) { $0.proxySession = 7 }, channel(shop, 3)])))
        try state.openFault("close-channel", on: shopChannel)
        #expect(state.note("Reach")?.contains("passes through the proxy") == true)
    }

    @Test func oldFiguresAreToldWithTheirAge() throws {
        var state = faultState(.connections)
        state.send(.tick, at: later(40))
        try state.openFault("close-connection", on: .connection(orders))
        #expect(state.note("Reach") == "closes 1 connection, 14 channels, 9 consumers (as of 40s ago)")
    }

    @Test func aQueuesMessagesAreCounted() throws {
        var state = faultState(.queues)
        state.send(rich(depth("carts", vhost: "eu", ready: 1_234, unacked: 5, consumers: 2)))
        try state.openFault("purge", on: .queue(queue("carts", vhost: "eu")))
        #expect(state.note("Reach") == "hits 1 queue, 1,234 ready messages, 5 unacked messages, 2 consumers")
        #expect(state.note("Undo") == "It cannot be undone.")
        #expect(state.type(.enter) == [])
        #expect(state.confirmation?.lines.first == "on carts in vhost eu")
        let expected = Fault("purge", on: FaultSelector(virtualHost: "eu", queue: "carts"))
        #expect(state.type(.tab, .enter) == [.start(OperationID(1), .injectFault(expected))])
    }

    @Test func theBrokerTakesNamesAsTheyAreAndTheUsualVhost() throws {
        var state = faultState(.queues)
        state.send(rich(depth("carts", ready: 3)))
        state.send(rich(depth("carts", vhost: "eu", ready: 1_234)))
        try state.openFault("purge", on: .queue(queue("carts", vhost: "eu")))
        #expect(state.form?["selector.vhost"]?.hint == "empty: /")
        try state.fill("selector.vhost", "")
        #expect(state.note("Reach")?.hasPrefix("hits 1 queue, 3 ready messages") == true)
        try state.fill("selector.queue", "cart*")
        #expect(state.note("Reach")?.hasPrefix("hits nothing now: no queue") == true)
    }

    @Test func aUsersConnectionsAreOnlyConcerned() throws {
        var state = faultState(.connections)
        try state.openFault("user-limit", on: .connection(orders))
        #expect(state.form?["selector.user"]?.editor.text == "orders")
        #expect(state.note("Reach")?.hasPrefix("concerns 2 connections, 16 channels, 10 consumers. New ") == true)
        state.type(.escape)
        try state.openFault("close-user", on: .connection(orders))
        #expect(state.note("Reach") == "closes 2 connections, 16 channels, 10 consumers")
    }

    @Test func newConnectionsCannotBeCounted() throws {
        var state = faultState(.connections)
        try state.openFault("tune", on: .connection(orders))
        #expect(state.note("Reach") == FaultCatalogue["tune"]?.blast)
    }

    @Test func undoAndSightFollowWhatIsTyped() throws {
        var state = faultState()
        try state.openFault("latency", on: shopChannel)
        #expect(state.note("Undo") == "Bytes pass at once again. By itself after 1m00s.")
        try state.fill("duration", "5")
        #expect(state.note("Undo") == "Bytes pass at once again. By itself after 5s.")
        #expect(state.note("The application sees") == FaultCatalogue["latency"]?.application)
        state.type(.escape)
        try state.openFault("close-channel", on: shopChannel)
        #expect(state.note("Undo") == "It happens once, and is not undone.")
        try state.fill("parameter.code", "311")
        try state.fill("parameter.text", "CONTENT_TOO_LARGE")
        #expect(state.note("The application sees")?.hasPrefix("311 CONTENT_TOO_LARGE. A channel exception") == true)
    }
}

@Suite struct CloseThroughProxyTests {
    private func proxied(_ injectionPoints: Set<FaultDescription.InjectionPoint> = [.proxy], rabbitmqctl: Bool = false)
        -> State
    {
        var state = faultState(injectionPoints: injectionPoints) { $0.hasRabbitmqctl = rabbitmqctl }
        state.send(.channels(list([channel(shop, 3) { $0.proxySession = 7 }, channel(orders, 1)])))
        return state
    }

    @Test func aChannelThatPassesThroughTheProxyIsClosedThere() throws {
        var state = proxied()
        state.select(shopChannel)
        state.type(.character("x"))
        let picker = try #require(state.picker)
        #expect(picker.choices[picker.selected].label == "Through the proxy")
        #expect(picker.lines.allSatisfy { !$0.contains("cannot be closed alone") })
        #expect(state.type(.enter) == [])
        #expect(state.form?["parameter.code"]?.editor.text == "406")
        try state.fill("parameter.code", "404")
        try state.fill("parameter.text", "NOT_FOUND - no such thing")
        while state.form.map({ $0.fields[$0.focus].key }) != "parameter.towards" { state.type(.tab) }
        state.type(.right)
        let expected = Fault(
            "close-channel", ["code": 404, "text": "NOT_FOUND - no such thing", "towards": "client"],
            on: FaultSelector(connection: shop.text, channel: 3))
        #expect(state.type(.enter) == [.start(OperationID(1), .injectFault(expected))])
    }

    @Test func aChannelThatDoesNotPassIsNotOfferedIt() throws {
        var state = proxied(rabbitmqctl: true)
        state.select(.channel(ChannelID(connection: orders, number: 1)))
        state.type(.character("x"))
        #expect(state.picker?.choices.contains { $0.label == "Through the proxy" } == false)
    }

    @Test func disarmedItSaysWhy() throws {
        var state = proxied()
        state.options.faults = .denied("not here")
        state.select(shopChannel)
        state.type(.character("x"))
        let choice = try #require(state.picker?.choices.first { $0.label == "Through the proxy" })
        #expect(choice.disabled == "not here")
    }
}
