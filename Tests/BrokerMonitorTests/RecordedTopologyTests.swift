import Foundation
import MessageRouting
import Names
import Testing
import TopCore

@testable import BrokerMonitor

/// The topology of a recorded time.
@Suite struct RecordedTopologyTests {
    private static let time = Date(timeIntervalSince1970: 1_000)

    private func moment(
        _ items: [ConfigurationItem], unknown: Set<ConfigurationItem.Kind> = [], queues: [QueueRow] = [],
        exchanges: [ExchangeRow] = []
    ) -> Moment {
        var moment = Moment(at: Self.time)
        moment.configuration = ConfigurationPart(at: Self.time, items: items, unknown: unknown)
        moment.queues = ListPart(at: Self.time, rows: queues, isWhole: true)
        moment.exchanges = ListPart(at: Self.time, rows: exchanges, isWhole: true)
        return moment
    }

    private static let items = [
        ConfigurationItem(.exchange, vhost: "/", name: "", value: "direct, durable, {}"),
        ConfigurationItem(
            .exchange, vhost: "/", name: "in", value: "topic, durable, {\"alternate-exchange\":\"rest\"}"),
        ConfigurationItem(.exchange, vhost: "/", name: "rest", value: "fanout, durable, internal, {}"),
        ConfigurationItem(.exchange, vhost: "/", name: "h", value: "headers, durable, {}"),
        ConfigurationItem(.queueArguments, vhost: "/", name: "orders", value: "quorum, durable, {}"),
        ConfigurationItem(
            .queueArguments, vhost: "/", name: "other", value: "classic, durable, {\"x-dead-letter-exchange\":\"rest\"}"
        ),
        ConfigurationItem(.queueArguments, vhost: "/", name: "by 'x' to queue orders", value: "classic, durable, {}"),
        ConfigurationItem(.binding, vhost: "/", name: "in to queue orders by 'a.#'", value: "bound"),
        ConfigurationItem(.binding, vhost: "/", name: "rest to queue other by ''", value: "bound"),
        ConfigurationItem(
            .binding, vhost: "/", name: "h to queue orders by '' {\"x-match\":\"all\",\"n\":1}", value: "bound"),
        ConfigurationItem(
            .binding, vhost: "/", name: "in to queue by 'x' to queue orders by 'k'", value: "bound"),
    ]

    private func reached(_ topology: RecordedTopology, _ exchange: Name, _ key: Name, _ headers: HeaderTable = [:])
        throws -> [Name]
    {
        try topology.trace(RoutedMessage(exchange: exchange, routingKey: key, headers: headers), vhost: "/")
            .route.arrivals.map(\.queue).sorted()
    }

    @Test func messagesTakeTheRecordedWays() throws {
        let topology = try RecordedTopology(moment(Self.items))
        #expect(try reached(topology, "in", "a.b") == ["orders"])
        #expect(try reached(topology, "in", "k") == ["by 'x' to queue orders"])
        #expect(try reached(topology, "in", "nothing") == ["other"])
        #expect(try reached(topology, "", "orders") == ["orders"])
        #expect(try reached(topology, "h", "", ["n": .whole(1)]) == ["orders"])
        #expect(try reached(topology, "h", "", ["n": .whole(2)]).isEmpty)
        let trace = try topology.trace(RoutedMessage(exchange: "in", routingKey: "nothing"), vhost: "/")
        #expect(trace.deadLetters.map(\.exchange) == ["rest"])
    }

    @Test func theTopologyHasItsParts() throws {
        let topologies = try RecordedTopology(moment(Self.items)).topologies(vhost: nil)
        let only = try #require(topologies.first)
        #expect(topologies.count == 1)
        #expect(only.exchanges.map(\.exchange.name) == ["", "h", "in", "rest"])
        #expect(only.exchanges.last?.exchange.isInternal == true)
        #expect(only.bindings.count == 4)
        #expect(only.queues.map(\.type) == ["classic", "quorum", "classic"])
        #expect(only.gaps.isEmpty)
        #expect(try RecordedTopology(moment(Self.items)).topologies(vhost: "other").isEmpty)
    }

    @Test func aPolicyThatAppliesIsFollowed() throws {
        var items = Self.items
        items.append(
            ConfigurationItem(
                .policy, vhost: "/", name: "dlx",
                value: "matches ^o{1,2}, of queues, priority 0, {\"dead-letter-exchange\":\"rest\"}"))
        var row = QueueRow(id: EntityID(vhost: "/", name: "orders"))
        row.details = QueueDetails()
        row.details?.policy = "dlx"
        let topology = try RecordedTopology(moment(items, queues: [row]))
        let trace = try topology.trace(RoutedMessage(exchange: "", routingKey: "orders"), vhost: "/")
        // Those of the queue that they reach go there, too.
        #expect(trace.deadLetters.map(\.exchange) == ["rest", "rest"])
        // Whether it applies is not known of a queue without details.
        let other = try RecordedTopology(moment(items)).trace(
            RoutedMessage(exchange: "", routingKey: "orders"), vhost: "/")
        #expect(other.hasGaps)
    }

    @Test func whatWasNotRecordedIsSaid() throws {
        #expect(throws: RecordedTopology.Lack.self) { try RecordedTopology(Moment(at: Self.time)) }
        #expect(throws: RecordedTopology.Lack.self) {
            try RecordedTopology(moment(Self.items, unknown: [.binding]))
        }
        let topology = try RecordedTopology(moment(Self.items))
        #expect(throws: RecordedTopology.Lack.self) {
            try topology.trace(RoutedMessage(exchange: "", routingKey: "q"), vhost: "elsewhere")
        }
    }

    @Test func aBindingWithTwoReadingsIsNotGuessed() throws {
        var items = Self.items
        // An exchange "a" to the queue "b to queue c", or an exchange "a to queue b" to the queue "c".
        for name: Name in ["a", "a to queue b"] {
            items.append(ConfigurationItem(.exchange, vhost: "/", name: name, value: "fanout, {}"))
        }
        for name: Name in ["c", "b to queue c"] {
            items.append(ConfigurationItem(.queueArguments, vhost: "/", name: name, value: "classic, {}"))
        }
        items.append(ConfigurationItem(.binding, vhost: "/", name: "a to queue b to queue c by ''", value: "bound"))
        let topology = try #require(try RecordedTopology(moment(items)).topologies(vhost: "/").first)
        #expect(topology.bindings.count == 4)
        #expect(topology.gaps == ["1 binding with more than one reading"])
    }
}
