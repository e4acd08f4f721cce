import Names
import Testing

@testable import TopCore

/// `o` on a queue asks who publishes to it and whose dead letters come, and says what the broker does not tell.
@Suite struct IncomingTests {
    private func watched() -> State {
        var state = makeState { $0.initialView = .queues }
        state.send(bulk(["orders", "audit", "parked", "retry"].map { depth(Name($0), ready: 1, consumers: 1) }))
        func told(_ name: Name, exchange: Name?, key: Name?) -> Snapshot {
            rich(depth(name, ready: 1, consumers: 1)) {
                $0.deadLetterExchange = exchange
                $0.deadLetterKey = key
            }
        }
        state.send(told("orders", exchange: "dlx", key: "orders"))
        state.send(told("audit", exchange: "dlx", key: "other"))
        state.send(told("parked", exchange: nil, key: nil))
        state.send(told("retry", exchange: "", key: "parked"))
        state.send(.connections(list([connection(orders) { $0.clientName = "shop" }])))
        state.send(.channels(list([channel(orders, 1)])))
        state.apply(.item(.queue(queue("parked"))), to: .queues)
        state.type(.character("o"))
        return state
    }

    private func choice(_ label: String, _ state: State) throws -> Picker.Choice {
        try #require(state.picker?.choices.first { $0.label == label })
    }

    private func answer(_ change: (inout IncomingPart) -> Void) -> Snapshot {
        var part = IncomingPart(at: noon, row: .queue(queue("parked")))
        change(&part)
        return .incoming(part)
    }

    @Test func theListAsksWhileItIsOpen() throws {
        var state = watched()
        #expect(state.interest?.incoming == .queue(queue("parked")))
        #expect(try choice("dead-letter sources", state).disabled == "asking for its bindings…")
        #expect(try choice("publishers", state).hint.contains("asking"))
        state.type(.escape)
        #expect(state.interest?.incoming == nil)
    }

    @Test func publishersAreListedAndLeadToTheirChannels() throws {
        var state = watched()
        state.send(
            answer {
                $0.publishers = [
                    .init(
                        channel: ChannelID(connection: orders, number: 1),
                        exchange: EntityID(vhost: "/", name: ""), rate: 2.5)
                ]
            })
        let publisher = try choice("publisher", state)
        #expect(publisher.hint == "shop channel 1, through (default), 2.5/s")
        #expect(publisher.effect == .leads(.row(.channel(ChannelID(connection: orders, number: 1)))))
        #expect(try choice("publishers", state).hint == "all channels that publish in its vhost")
    }

    @Test func whatTheBrokerDoesNotTellIsSaid() throws {
        var state = watched()
        state.send(answer { $0.problem = "no access" })
        #expect(try choice("publishers", state).hint.contains("whose is not known: no access"))
        #expect(try choice("dead-letter sources", state).disabled == "not known: no access")
        state.send(answer { _ in })
        #expect(try choice("publishers", state).hint.contains("rates mode 'detailed'"))
    }

    @Test func deadLetterSourcesFollowKeysAndTheDefaultExchange() throws {
        var state = watched()
        // Only what comes by the default exchange, with the queue's name as key.
        state.send(answer { _ in })
        #expect(try choice("dead-letter sources", state).effect == .leads(.row(.queue(queue("retry")))))
        state.send(
            answer {
                $0.kinds = ["dlx": "direct"]
                $0.bindings = [
                    BindingRow(
                        vhost: "/", source: "dlx", destinationKind: .queue, destination: "parked",
                        routingKey: "orders")
                ]
            })
        let sources = try choice("dead-letter sources", state)
        #expect(sources.hint == "2 queues through (default), dlx")
        guard case .leads(.condition(.queues, let text)) = sources.effect else {
            Issue.record("\(sources.effect)")
            return
        }
        state.type(.escape)
        let filter = try Filter(typed: text, in: .queues)
        state.apply(.filter(filter), to: .queues)
        #expect(Set(state.queues.sortedRows.map(\.id.name)) == ["orders", "retry"])
    }

    @Test func theChosenPlaceStaysWhenTheAnswerComes() throws {
        var state = watched()
        state.type(text: "bind")
        let before = try #require(state.picker)
        #expect(before.choices[before.selected].label == "bindings")
        state.send(
            answer {
                $0.publishers = [
                    .init(
                        channel: ChannelID(connection: orders, number: 1),
                        exchange: EntityID(vhost: "/", name: "events"), rate: nil)
                ]
            })
        let after = try #require(state.picker)
        #expect(after.choices[after.selected].label == "bindings")
    }
}
