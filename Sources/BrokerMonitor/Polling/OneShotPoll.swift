import Foundation
public import Names
public import RabbitMQManagement
public import TopCore

/// Requests all rows of one view once, for scripts.
///
/// The dashboard polls only what is on the screen instead; see `Monitor`.
public struct OneShotPoll: Sendable {
    private let management: ManagementClient
    private static let pageSize = 500
    /// The highest number of rows of one list; a longer answer does not come from a broker.
    private static let mostRows = 200_000

    /// - Throws: `ManagementError` if a file named in the TLS settings cannot be read.
    public init(_ configuration: ManagementConfiguration) throws(ManagementError) {
        management = try ManagementClient(configuration: configuration)
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

    /// The cluster's identity, and what it does not report.
    struct Cluster: Sendable {
        var part: ClusterPart
        /// Why the nodes could not be listed.
        var refusal: ManagementError?
        var address: String

        var majorVersion: Int? { part.version?.parts(separatedBy: ".").first.flatMap { Int($0) } }

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
        let part = ClusterPart(
            at: Date(), name: overview.clusterName, version: overview.rabbitMQVersion ?? overview.managementVersion,
            user: identity.name, overview: TopCore.OverviewRow(overview, nodes: nodes),
            nodes: (nodes ?? []).map(NodeRow.init),
            gaps: ClusterGap.all(of: overview, nodes: nodes, identity: identity))
        return Cluster(part: part, refusal: refusal, address: management.configuration.address.description)
    }

    private func rows(
        of view: ViewID, _ cluster: Cluster, vhost: Name?
    ) async throws(ManagementError) -> [Snapshot] {
        switch view {
        case .overview, .nodes, .events, .client, .lab: []
        case .queues: try await queues(vhost, cluster)
        case .connections: [.connections(try await connections(vhost))]
        case .channels: [.channels(try await channels(vhost))]
        case .consumers: [.consumers(try await consumers(vhost))]
        case .exchanges: [.exchanges(try await exchanges(vhost))]
        }
    }

    private func queues(_ vhost: Name?, _ cluster: Cluster) async throws(ManagementError) -> [Snapshot] {
        let majorVersion = cluster.majorVersion
        // Without statistics only the totals contain depths.
        let mode: QueueListMode = cluster.part.gaps.contains(.statistics) ? .totals : .full
        let (rows, _) = try await all { (query) async throws(ManagementError) in
            try await management.queues(query, vhost: vhost, mode: mode)
        }
        let at = Date()
        let rich = rows.map { (depth: QueueDepth($0), details: QueueDetails($0, majorVersion: majorVersion)) }
        return [
            .queueDepths(
                QueueDepthsPart(at: at, source: .management, vhost: vhost, depths: rich.map(\.depth))),
            .queuesRich(QueuesRichPart(at: at, queues: rich)),
        ]
    }

    private func connections(_ vhost: Name?) async throws(ManagementError) -> ListPart<ConnectionRow> {
        let (items, undecodable) = try await all { (query) async throws(ManagementError) in
            try await management.connections(query)
        }
        let rows = items.map(ConnectionRow.init).filter { vhost == nil || $0.vhost == vhost }
        return ListPart(at: Date(), rows: rows, undecodable: undecodable)
    }

    private func channels(_ vhost: Name?) async throws(ManagementError) -> ListPart<ChannelRow> {
        let (items, undecodable) = try await all { (query) async throws(ManagementError) in
            try await management.channels(query)
        }
        let names = try await clientNames()
        var rows = items.compactMap(ChannelRow.init)
        let unreadable = items.count - rows.count
        for index in rows.indices { rows[index].clientName = names[rows[index].id.connection] }
        rows.removeAll { vhost != nil && $0.vhost != vhost }
        return ListPart(at: Date(), rows: rows, undecodable: undecodable + unreadable)
    }

    private func consumers(_ vhost: Name?) async throws(ManagementError) -> ListPart<ConsumerRow> {
        let list = try await management.consumers(vhost: vhost)
        let names = try await clientNames()
        var rows = ConsumerRow.rows(of: list.items)
        for index in rows.indices { rows[index].clientName = rows[index].id.connection.flatMap { names[$0] } }
        return ListPart(at: Date(), rows: rows, undecodable: list.undecodable)
    }

    private func exchanges(_ vhost: Name?) async throws(ManagementError) -> ListPart<ExchangeRow> {
        let (items, undecodable) = try await all { (query) async throws(ManagementError) in
            try await management.exchanges(query, vhost: vhost)
        }
        var bindings: [EntityID: Int] = [:]
        for binding in try await management.bindings(vhost: vhost).items {
            bindings[EntityID(vhost: binding.vhost, name: binding.source), default: 0] += 1
        }
        let rows = items.map { exchange in
            let id = EntityID(vhost: exchange.vhost, name: exchange.name)
            return ExchangeRow(exchange, bindingsOut: bindings[id] ?? 0)
        }
        return ListPart(at: Date(), rows: rows, undecodable: undecodable)
    }

    /// Returns the client-provided connection names, by the broker's names of the connections.
    private func clientNames() async throws(ManagementError) -> [Name: Name] {
        let (items, _) = try await all { (query) async throws(ManagementError) in
            try await management.connections(query)
        }
        return items.reduce(into: [:]) { names, connection in names[connection.name] = connection.clientName }
    }

    /// Returns the rows of all pages. Rows that are added or removed between two pages may be missing or repeated, as
    /// with every paged list.
    private func all<Row: Sendable>(
        _ page: (ListQuery) async throws(ManagementError) -> Page<Row>
    ) async throws(ManagementError) -> (rows: [Row], undecodable: Int) {
        var rows: [Row] = []
        var undecodable = 0
        var walk = PageWalk()
        while true {
            let answer: Page<Row>
            do {
                // Unsorted pages are cheap for the broker; the view sorts the rows.
                answer = try await page(ListQuery(page: walk.page, pageSize: Self.pageSize))
            } catch {
                // The list has become shorter in the meantime.
                if error.code == .pageOutOfRange, walk.page > 1 { break }
                throw error
            }
            let address = management.configuration.address.description
            let goesOn = try walk.goesOn(after: answer, of: "a list by pages", at: address)
            rows += answer.items
            undecodable += answer.undecodable
            guard goesOn else { break }
            guard rows.count < Self.mostRows else {
                throw ManagementError(
                    .unexpectedAnswer(reason: "the list has more than \(Self.mostRows) rows"),
                    request: "a list by pages", address: address)
            }
        }
        return (rows, undecodable)
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
