import Foundation
public import Names
public import RabbitMQManagement
public import TopCore

/// Requests all rows of one view once, for scripts.
///
/// The dashboard polls only what is on the screen instead; see `Monitor`.
public struct OneShotPoll: Sendable {
    let management: ManagementClient
    let lists: BrokerLists

    /// - Throws: `ManagementError` if a file named in the TLS settings cannot be read.
    public init(_ configuration: ManagementConfiguration) throws(ManagementError) {
        management = try ManagementClient(configuration: configuration)
        lists = BrokerLists(client: management, clock: .system)
    }

    /// Closes the connections to the management API.
    public func shutdown() async {
        await management.shutdown()
    }

    /// Returns the snapshots that fill a view, beginning with the cluster's.
    ///
    /// The views of events and of rabbittop's own clients consist of what happens while the dashboard runs; for them
    /// only the cluster's snapshot is returned.
    ///
    /// - Parameter vhost: the vhost to list; nil for all.
    public func snapshots(of view: ViewID, vhost: Name?) async throws(ManagementError) -> [Snapshot] {
        let cluster = try await cluster()
        if view == .nodes, let refusal = cluster.refusal { throw refusal }
        if let gap = cluster.part.gaps.first(where: { $0 == .statistics && $0.empties(view) }) {
            throw cluster.lacking(gap)
        }
        return [.cluster(cluster.part), .sources([cluster.source])] + (try await rows(of: view, cluster, vhost: vhost))
    }

    /// Returns the definitions of the broker, or of one vhost, without secrets.
    public func definitionsWithoutSecrets(vhost: Name? = nil) async throws(ManagementError) -> JSONValue {
        try await management.definitionsWithoutSecrets(vhost: vhost)
    }

    /// The cluster's identity, and what it does not report.
    struct Cluster: Sendable {
        var part: ClusterPart
        /// Why the nodes could not be listed.
        var refusal: ManagementError?
        var address: String

        /// The status of the management API, including what it leaves out.
        var source: SourceStatus {
            let problem = part.gaps.map { $0.words(user: part.user) }.joined(separator: "; ")
            return SourceStatus(
                name: .management, state: .live, lastSuccess: part.at, problem: problem.isEmpty ? nil : problem,
                advice: part.gaps.first?.advice(user: part.user))
        }

        func lacking(_ gap: ClusterGap) -> ManagementError {
            ManagementError(.statisticsDisabled, request: "GET /api/overview", address: address)
        }
    }

    func cluster() async throws(ManagementError) -> Cluster {
        let overview = try await management.overview()
        let identity = try await management.whoAmI()
        var nodes: [NodeInfo]?
        var refusal: ManagementError?
        if identity.canMonitor {
            nodes = try await management.nodes().items
        } else {
            // A user may have access to the overview but not to the nodes. This is known beforehand, and the broker
            // logs each refusal.
            refusal = ManagementError(
                .notPermitted, request: "GET /api/nodes", address: management.configuration.address.description)
        }
        var part = ClusterPart(at: Date(), overview, nodes: nodes, identity: identity)
        // A user who may ask for nothing else of vhosts may ask for their names and states.
        if let vhosts = try? await management.vhosts().items { part.take(vhosts) }
        return Cluster(part: part, refusal: refusal, address: management.configuration.address.description)
    }

    func rows(
        of view: ViewID, _ cluster: Cluster, vhost: Name?
    ) async throws(ManagementError) -> [Snapshot] {
        switch view {
        case .overview, .nodes, .events, .client, .lab: []
        case .queues: try await queues(vhost, cluster.part)
        case .connections:
            [.connections(try await lists.connections().part.keeping { vhost == nil || $0.vhost == vhost })]
        case .channels: [.channels(try await channels(vhost))]
        case .consumers: [.channels(try await channels(vhost)), .consumers(try await consumers(vhost))]
        case .exchanges: [.exchanges(try await exchanges(vhost))]
        case .named(let view): [.named(try await named.part(of: view, vhost: vhost))]
        }
    }

    private func queues(_ vhost: Name?, _ cluster: ClusterPart) async throws(ManagementError) -> [Snapshot] {
        let rows = try await lists.queues(vhost: vhost, lacksStatistics: cluster.gaps.contains(.statistics))
        let rich = QueuesRichPart(at: Date(), rows, majorVersion: BrokerVersion(cluster.version)?.major)
        return [
            .queueDepths(
                QueueDepthsPart(at: rich.at, source: .management, vhost: vhost, depths: rich.queues.map(\.depth))),
            .queuesRich(rich),
        ]
    }

    private func channels(_ vhost: Name?) async throws(ManagementError) -> ListPart<ChannelRow> {
        var part = try await lists.channels()
        let names = try await lists.connections().part.clientNames
        for index in part.rows.indices { part.rows[index].clientName = names[part.rows[index].id.connection] }
        return part.keeping { vhost == nil || $0.vhost == vhost }
    }

    private func consumers(_ vhost: Name?) async throws(ManagementError) -> ListPart<ConsumerRow> {
        var part = try await lists.consumers(vhost: vhost)
        part.complete(try await lists.connections().part.clientNames)
        return part
    }

    private func exchanges(_ vhost: Name?) async throws(ManagementError) -> ListPart<ExchangeRow> {
        var part = try await lists.exchanges(vhost: vhost)
        part.complete(try await lists.bindingsOut(vhost: vhost))
        return part
    }
}

extension OneShotPoll {
    /// Returns everything that the diagnosis reads: cluster, queues, connections, channels and consumers, each with all
    /// its rows.
    ///
    /// What the broker does not report is noted in the cluster's part; other parts that cannot be read are left out,
    /// and the first failure is returned.
    ///
    /// - Parameter vhost: the vhost to list; nil for all.
    public func everything(vhost: Name?) async -> (snapshots: [Snapshot], failure: ManagementError?) {
        let cluster: Cluster
        do throws(ManagementError) {
            cluster = try await self.cluster()
        } catch {
            return ([], error)
        }
        var snapshots: [Snapshot] = [.cluster(cluster.part)]
        var failure: ManagementError?
        for view in [ViewID.queues, .connections, .channels, .consumers]
        where !cluster.part.gaps.contains(where: { $0 == .statistics && $0.empties(view) }) {
            do throws(ManagementError) {
                snapshots += try await rows(of: view, cluster, vhost: vhost)
            } catch {
                failure = failure ?? error
                // An unreachable broker is not requested three more times.
                if case .unreachable = error.code { break }
            }
        }
        return (snapshots, failure)
    }
}
