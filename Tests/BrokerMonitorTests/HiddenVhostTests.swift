import Foundation
import Names
import PeerSupport
import RabbitMQManagement
import Synchronization
import Testing
import TopCore

@testable import BrokerMonitor

/// A user loses the access to a vhost while the broker is watched: its lists silently lack the vhost from then on.
@Suite(.timeLimit(.minutes(1))) struct HiddenVhostTests {
    /// What the broker has, and what the user may see of it.
    private struct Broker: Sendable {
        var vhosts = ["/", "shop"]
        var open: Set<String> = ["/", "shop"]
        var tag = "monitoring"
        var refusesPolicies = false
        var tellsVersion = true

        func answer(_ target: String) -> APIServer.Answer {
            let path = target.split(separator: "?").first.map(String.init) ?? target
            func rows(_ row: (String) -> String) -> String {
                vhosts.filter(open.contains).map(row).joined(separator: ",")
            }
            switch path {
            case "/api/overview":
                return .json(
                    #"{"management_version":"4.0.5","rabbitmq_version":"4.0.5","node":"rabbit@a","listeners":[],"#
                        + #""object_totals":{"connections":0,"channels":0,"consumers":0,"queues":2,"exchanges":2}}"#)
            case "/api/whoami": return .json(#"{"name":"clerk","tags":["\#(tag)"]}"#)
            case "/api/nodes":
                return .json(
                    #"[{"name":"rabbit@a","running":true\#(tellsVersion ? #","rabbitmq_version":"4.0.5""# : "")}]"#)
            case "/api/vhosts":
                // Only a monitoring user sees the names of the others.
                let shown = tag == "monitoring" ? vhosts : vhosts.filter(open.contains)
                return .json("[" + shown.map { #"{"name":"\#($0)"}"# }.joined(separator: ",") + "]")
            case "/api/exchanges":
                let items = rows { #"{"name":"amq.direct","vhost":"\#($0)","type":"direct","durable":true}"# }
                return target.contains("page=") ? .json(Self.page(items)) : .json("[\(items)]")
            case "/api/queues":
                return .json(Self.page(rows { #"{"name":"q","vhost":"\#($0)","type":"classic","messages_ready":1}"# }))
            case "/api/policies" where refusesPolicies: return .noAccess
            case "/api/policies":
                return .json(
                    "[" + rows { #"{"name":"p","vhost":"\#($0)","pattern":"x","definition":{"max-length":1}}"# } + "]")
            case "/api/operator-policies", "/api/vhost-limits", "/api/bindings", "/api/feature-flags":
                return .json("[]")
            default: return .noAccess
            }
        }

        private static func page(_ items: String) -> String {
            #"{"items":[\#(items)],"page":1,"page_count":1,"total_count":2,"filtered_count":2,"item_count":2,"#
                + #""page_size":500}"#
        }
    }

    /// Polls everything whole, changes the broker, and polls again.
    ///
    /// - Returns: What was posted after the change, in this order.
    private func snapshots(
        _ start: Broker = Broker(), change: @escaping @Sendable (inout Broker) -> Void
    ) async throws -> [Snapshot] {
        let broker = Mutex(start)
        return try await APIServer.with({ target in broker.withLock { $0.answer(target) } }) { server in
            let inbox = Inbox()
            let clients = try [0, 1].map { _ in try ManagementClient(configuration: server.configuration) }
            let poller = Poller(
                configuration: BrokerConfiguration(management: server.configuration), inbox: inbox,
                sourceHealth: SourceHealth(inbox: inbox), entrance: .fixture(), management: clients[0],
                lists: clients[1], clock: .system)
            func poll() async throws {
                try await poller.pollCluster()
                try await poller.pollWhole(.exchanges)
                try await poller.pollWhole(.queues)
                try await poller.pollConfiguration()
            }
            try await poller.pollCluster()
            try await poller.pollVhosts()
            try await poll()
            _ = inbox.drain()
            broker.withLock { change(&$0) }
            try await poll()
            for client in clients { await client.shutdown() }
            return inbox.drain().compactMap { if case .snapshot(let snapshot) = $0 { snapshot } else { nil } }
        }
    }

    @Test(arguments: ["monitoring", "management"])
    func aVhostThatTheUserMayNotSeeAnyMoreIsSaidToBeHiddenBeforeTheListsLackIt(_ tag: String) async throws {
        var broker = Broker()
        broker.tag = tag
        let snapshots = try await snapshots(broker) { $0.open = ["/"] }
        let cluster = try #require(
            snapshots.firstIndex { if case .cluster(let part) = $0 { part.hiddenVhosts == ["shop"] } else { false } })
        let lists = snapshots.indices.filter {
            switch snapshots[$0] {
            case .exchanges(let part): part.rows.map(\.id.vhost) == ["/"]
            case .queueDepths(let part): part.depths.map(\.id.vhost) == ["/"]
            case .configuration(let part): part.items.filter { $0.kind == .policy }.map(\.vhost) == ["/"]
            default: false
            }
        }
        #expect(lists.count == 3 && lists.allSatisfy { $0 > cluster })
    }

    @Test func aVhostThatIsDeletedIsNotHidden() async throws {
        let snapshots = try await snapshots { $0.vhosts = ["/"] }
        #expect(
            snapshots.allSatisfy { if case .cluster(let part) = $0 { part.hiddenVhosts.isEmpty } else { true } })
        #expect(snapshots.contains { if case .exchanges(let part) = $0 { part.rows.count == 1 } else { false } })
    }

    @Test func whatIsRefusedOrNotListedIsUnknownAndNotAbsent() async throws {
        let snapshots = try await snapshots { $0.refusesPolicies = true }
        let part = try configuration(snapshots)
        #expect(part.unknown == [.policy, .parameter])
        #expect(part.items.contains { $0.kind == .version })
    }

    private func configuration(_ snapshots: [Snapshot]) throws -> ConfigurationPart {
        try #require(snapshots.lazy.compactMap { if case .configuration(let part) = $0 { part } else { nil } }.last)
    }

    /// A node that is down, or has just started, lists no applications.
    @Test func aNodeThatDoesNotTellItsVersionHasTheLastOne() async throws {
        let silent = try configuration(try await snapshots { $0.tellsVersion = false })
        #expect(silent.items.contains { $0.kind == .version && $0.value == "RabbitMQ 4.0.5" })
        #expect(!silent.unknown.contains(.version))
        var broker = Broker()
        broker.tellsVersion = false
        let never = try configuration(try await snapshots(broker) { _ in })
        #expect(never.unknown.contains(.version))
    }
}
