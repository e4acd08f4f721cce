import Foundation
import Names
import PeerSupport
import RabbitMQManagement
import Testing
import TopCore

@testable import BrokerMonitor

/// What the background asks a broker, and what it makes of the answers.
@Suite(.timeLimit(.minutes(1))) struct BackgroundPollTests {
    private static let connection = #""name":"1.2.3.4:5 -> 6.7.8.9:5672""#

    /// A broker with one of each, and a federation upstream whose URI holds a password.
    private static func answer(_ target: String, ratesMode: String, counts: Int) -> APIServer.Answer {
        let path = target.split(separator: "?").first.map(String.init) ?? target
        switch path {
        case "/api/overview":
            return .json(
                #"{"management_version":"4.0.5","rabbitmq_version":"4.0.5","node":"rabbit@a","listeners":[],"#
                    + #""rates_mode":"\#(ratesMode)","object_totals":{"connections":\#(counts),"channels":\#(counts),"#
                    + #""consumers":\#(counts),"queues":\#(counts),"exchanges":1}}"#)
        case "/api/whoami": return .json(#"{"name":"clerk","tags":["monitoring"]}"#)
        case "/api/nodes":
            return .json(
                #"[{"name":"rabbit@a","running":true,"applications":[{"name":"rabbit","version":"4.0.5"}]}]"#)
        case "/api/vhosts":
            return .json(#"[{"name":"/","cluster_state":{"rabbit@a":"stopped"},"tracing":false}]"#)
        case "/api/queues":
            return .json(
                #"[{"name":"orders","vhost":"/","type":"classic","durable":true,"messages_ready":3,"#
                    + #""messages":3,"state":"running","arguments":{"x-max-length":5}}]"#)
        case "/api/connections":
            return .json(#"[{\#(connection),"client_properties":{"connection_name":"shop"}}]"#)
        case "/api/channels": return .json(#"[{"name":"1.2.3.4:5 -> 6.7.8.9:5672 (1)","number":1}]"#)
        case "/api/consumers": return .json("[]")
        case "/api/exchanges": return .json(#"[{"name":"x","vhost":"/","type":"topic","durable":true,"arguments":{}}]"#)
        case "/api/bindings":
            return .json(
                #"[{"source":"x","vhost":"/","destination":"orders","destination_type":"queue","routing_key":"a.*","#
                    + #""arguments":{}}]"#)
        case "/api/parameters":
            return .json(
                #"[{"name":"up","vhost":"/","component":"federation-upstream","#
                    + #""value":{"uri":"amqps://me:hush@far:5671/v?password=hush","ssl_password":"hush"}}]"#)
        case "/api/policies": return .noAccess
        case "/api/operator-policies", "/api/vhost-limits": return .json("[]")
        case "/api/feature-flags": return .json(#"[{"name":"quorum_queue","state":"enabled"}]"#)
        default:
            guard path.hasPrefix("/api/channels/") else { return .missing }
            return .json(
                #"{"name":"1.2.3.4:5 -> 6.7.8.9:5672 (1)","number":1,"#
                    + #""publishes":[{"exchange":{"name":"x","vhost":"/"},"stats":{"publish_details":{"rate":2.0}}}]}"#)
        }
    }

    /// Watches until what has been posted fulfils a condition.
    private func watch(
        ratesMode: String = "basic", counts: Int = 1, suspects: [RowID] = [],
        until holds: ([Snapshot]) -> Bool, _ body: ([Snapshot], APIServer) throws -> Void
    ) async throws {
        try await APIServer.with({ Self.answer($0, ratesMode: ratesMode, counts: counts) }) { server in
            let inbox = Inbox()
            let clients = try [0, 1].map { _ in try ManagementClient(configuration: server.configuration) }
            let poller = Poller(
                configuration: BrokerConfiguration(management: server.configuration), inbox: inbox,
                sourceHealth: SourceHealth(inbox: inbox), entrance: .fixture(), management: clients[0],
                lists: clients[1], clock: .system, jitter: { 0 })
            var interest = Interest()
            interest.view = .events
            interest.watchesAll = true
            interest.suspects = suspects
            await poller.watch(interest)
            var snapshots: [Snapshot] = []
            try await serving {
                await poller.run()
            } _: {
                let isDone = await eventually {
                    for case .snapshot(let snapshot) in inbox.drain() { snapshots.append(snapshot) }
                    return holds(snapshots)
                }
                #expect(isDone)
                try body(snapshots, server)
            }
            for client in clients { await client.shutdown() }
        }
    }

    private func configuration(_ snapshots: [Snapshot]) -> ConfigurationPart? {
        snapshots.lazy.compactMap { if case .configuration(let part) = $0 { part } else { nil } }.last
    }

    private func channels(_ snapshots: [Snapshot]) -> ListPart<ChannelRow>? {
        snapshots.lazy.compactMap { if case .channels(let part) = $0 { part } else { nil } }.last
    }

    @Test func inEventsTheWholeBrokerBecomesKnown() async throws {
        try await watch {
            configuration($0) != nil
        } _: { snapshots, _ in
            let wholes = snapshots.compactMap { snapshot -> String? in
                switch snapshot {
                case .connections(let part): part.isWhole && part.rows.count == 1 ? "connections" : nil
                case .channels(let part): part.isWhole && part.rows.first?.clientName == "shop" ? "channels" : nil
                case .consumers(let part): part.isWhole ? "consumers" : nil
                case .exchanges(let part): part.isWhole && part.rows.count == 1 ? "exchanges" : nil
                case .queuesRich(let part): part.queues.first?.details.maxLength == 5 ? "queues" : nil
                // Without Prometheus the list tells the depths, and which queues are gone.
                case .queueDepths(let part): part.depths.first?.ready == 3 && part.isComplete ? "depths" : nil
                default: nil
                }
            }
            #expect(Set(wholes) == ["connections", "channels", "consumers", "exchanges", "queues", "depths"])
        }
    }

    @Test func theConfigurationHasNoSecretsAndIsKnownWithoutWhatIsRefused() async throws {
        func isComplete(_ snapshots: [Snapshot]) -> Bool {
            configuration(snapshots)?.items.contains { $0.kind == .queueArguments } ?? false
        }
        try await watch(until: isComplete) { snapshots, server in
            let items = try #require(configuration(snapshots)).items
            #expect(Set(items.map(\.kind)).isSuperset(of: [.version, .exchange, .binding, .featureFlag, .parameter]))
            #expect(items.allSatisfy { !$0.value.contains("hush") && !$0.name.contains("hush") })
            let upstream = try #require(items.first { $0.kind == .parameter })
            #expect(upstream.value.text == #"{"ssl_password":"***","uri":"amqps://***@far:5671/v?***"}"#)
            let queue = try #require(items.first { $0.kind == .queueArguments })
            #expect(queue.value.text == #"classic, durable, {"x-max-length":5}"#)
            #expect(items.first { $0.kind == .binding }?.name == "x to queue orders by 'a.*'")
            #expect(server.targets.count { $0.hasPrefix("/api/policies") } == 1)
        }
    }

    @Test func aVhostThatDoesNotRunIsToldWithTheCluster() async throws {
        func state(_ snapshots: [Snapshot]) -> VhostState? {
            snapshots.lazy.compactMap { if case .cluster(let part) = $0 { part.stoppedVhosts?.first } else { nil } }
                .first
        }
        try await watch {
            state($0) != nil
        } _: { snapshots, _ in
            #expect(state(snapshots) == VhostState(vhost: "/", node: "rabbit@a", state: "stopped"))
        }
    }

    @Test func ofALongListOnlyTheDetailsOfSuspectsAreAskedFor() async throws {
        let channel = ChannelID(connection: "1.2.3.4:5 -> 6.7.8.9:5672", number: 1)
        try await watch(ratesMode: "detailed", counts: 50_000, suspects: [.channel(channel)]) {
            channels($0)?.rows.first?.publishes != nil
        } _: { snapshots, server in
            let part = try #require(channels(snapshots))
            #expect(!part.isWhole && part.total == 50_000)
            #expect(part.rows.first?.publishes == [.init(exchange: EntityID(vhost: "/", name: "x"), rate: 2)])
            let lists = ["/api/queues", "/api/connections", "/api/channels", "/api/consumers"]
            #expect(
                !server.targets.contains { target in lists.contains { target == $0 || target.hasPrefix("\($0)?") } })
        }
    }
}
