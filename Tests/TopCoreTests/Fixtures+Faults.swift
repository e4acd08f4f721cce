import Faults
import Foundation
import Names
import Screen
import Testing

@testable import TopCore

let shop: Name = "10.0.0.9:40000 -> 10.0.0.1:5672"

/// Two connections of orders-service and one of shop, with channels and consumers.
func faultState(
    _ view: ViewID = .channels,
    injectionPoints: Set<FaultDescription.InjectionPoint> = Set(FaultDescription.InjectionPoint.allCases),
    _ change: (inout State.Options) -> Void = { _ in }
) -> State {
    var state = makeState {
        $0.initialView = view
        $0.faults = .permitted(injectionPoints)
        change(&$0)
    }
    state.send(
        .connections(
            list([
                connection(orders) {
                    $0.clientName = "orders-service"
                    $0.user = "orders"
                    $0.vhost = "/"
                    $0.channels = 14
                },
                connection(billing) {
                    $0.clientName = "orders-service"
                    $0.user = "orders"
                    $0.vhost = "/"
                    $0.channels = 2
                },
                connection(shop) {
                    $0.clientName = "shop"
                    $0.user = "shop"
                    $0.vhost = "eu"
                    $0.channels = 1
                },
            ])))
    state.send(
        .channels(
            list([
                channel(orders, 1) {
                    $0.consumers = 9
                    $0.unacked = 1_200
                },
                channel(billing, 1) { $0.consumers = 1 },
                channel(shop, 3) {
                    $0.clientName = "shop"
                    $0.consumers = 2
                    $0.unacked = 12
                },
            ])))
    state.send(.consumers(list([consumer("carts", shop, 3), consumer("mails", shop, 3, tag: "b")])))
    return state
}

extension State {
    mutating func select(_ id: RowID) { apply(.item(id), to: view) }

    /// Opens the form of a fault for the row.
    mutating func openFault(_ name: String, on id: RowID) throws {
        select(id)
        type(.character("f"))
        type(text: name)
        let picker = try #require(picker)
        let place = try #require(
            picker.choices.firstIndex { if case .fault(name, _) = $0.effect { true } else { false } })
        send(.pointer(.choice(place)))
        #expect(form?.purpose == .fault(name))
    }

    mutating func fill(_ key: String, _ text: String) throws {
        let index = try #require(form?.fields.firstIndex { $0.key == key })
        while let form, form.focus != index { type(.tab) }
        type(.end, .control("u"))
        type(text: text)
    }

    func note(_ label: String) -> String? {
        form.flatMap { form in notes(for: form).first { $0.label == label }?.text }
    }
}

let shopChannel = RowID.channel(ChannelID(connection: shop, number: 3))
