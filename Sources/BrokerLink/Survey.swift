import Foundation
public import RabbitMQManagement
public import TopCore

/// Asks once for all rows of one view, however many there are: for scripts, which pay for what they ask.
///
/// The dashboard asks for what is on the screen instead; see `BrokerLink`.
public struct Survey: Sendable {
    private let management: ManagementClient
    private static let pageSize = 500

    /// - Throws: when a file named in the TLS settings cannot be read.
    public init(_ configuration: ManagementConfiguration) throws(ManagementError) {
        management = try ManagementClient(configuration: configuration)
    }

    public func shutdown() async {
        await management.shutdown()
    }

    /// The snapshots that fill this view: the cluster's first.
    ///
    /// The views of events and of our own clients are made of what happens while one watches; for them it is the
    /// cluster alone.
    ///
    /// - Parameter vhost: the one to ask about; nil for all.
    public func snapshots(of view: ViewID, vhost: String?) async throws(ManagementError) -> [Snapshot] {
        let overview = try await management.overview()
        var nodes: [RabbitMQManagement.NodeRow] = []
        do {
            nodes = try await management.nodes().items
        } catch {
            // A user may see the overview and not the nodes.
            guard view != .nodes, error.code == .notPermitted else { throw error }
        }
        let version = overview.rabbitMQVersion ?? overview.managementVersion
        let cluster = ClusterPart(
            at: Date(), name: overview.clusterName, version: version,
            overview: TopCore.OverviewRow(overview, nodes: nodes), nodes: nodes.map(TopCore.NodeRow.init))
        let sources = [SourceStatus(name: .management, state: .live, lastSuccess: Date())]
        let major = version?.split(separator: ".").first.flatMap { Int($0) }
        var snapshots: [Snapshot] = [.cluster(cluster), .sources(sources)]
        switch view {
        case .overview, .nodes, .events, .client, .lab: break
        case .queues: snapshots += try await queues(vhost, majorVersion: major)
        case .connections: snapshots.append(.connections(try await connections(vhost)))
        case .channels: snapshots.append(.channels(try await channels(vhost)))
        case .consumers: snapshots.append(.consumers(try await consumers(vhost)))
        case .exchanges: snapshots.append(.exchanges(try await exchanges(vhost)))
        }
        return snapshots
    }

    private func queues(_ vhost: String?, majorVersion: Int?) async throws(ManagementError) -> [Snapshot] {
        let (rows, _) = try await all { (query) async throws(ManagementError) in
            try await management.queues(query, vhost: vhost)
        }
        let at = Date()
        let rich = rows.map { (depth: QueueDepth($0), details: QueueDetails($0, majorVersion: majorVersion)) }
        return [
            .queueDepths(
                QueueDepthsPart(at: at, source: .management, vhost: vhost, depths: rich.map(\.depth))),
            .queuesRich(QueuesRichPart(at: at, queues: rich)),
        ]
    }

    private func connections(_ vhost: String?) async throws(ManagementError) -> ListPart<TopCore.ConnectionRow> {
        let (items, undecodable) = try await all { (query) async throws(ManagementError) in
            try await management.connections(query)
        }
        let rows = items.map(TopCore.ConnectionRow.init).filter { vhost == nil || $0.vhost == vhost }
        return ListPart(at: Date(), rows: rows, undecodable: undecodable)
    }

    private func channels(_ vhost: String?) async throws(ManagementError) -> ListPart<TopCore.ChannelRow> {
        let (items, undecodable) = try await all { (query) async throws(ManagementError) in
            try await management.channels(query)
        }
        let names = try await clientNames()
        var rows = items.compactMap(TopCore.ChannelRow.init)
        let unreadable = items.count - rows.count
        for index in rows.indices { rows[index].clientName = names[rows[index].id.connection] }
        rows.removeAll { vhost != nil && $0.vhost != vhost }
        return ListPart(at: Date(), rows: rows, undecodable: undecodable + unreadable)
    }

    private func consumers(_ vhost: String?) async throws(ManagementError) -> ListPart<TopCore.ConsumerRow> {
        let list = try await management.consumers(vhost: vhost)
        let names = try await clientNames()
        let rows = list.items.map { item in
            var row = TopCore.ConsumerRow(item)
            row.clientName = names[row.id.channel.connection]
            return row
        }
        return ListPart(at: Date(), rows: rows, undecodable: list.undecodable)
    }

    private func exchanges(_ vhost: String?) async throws(ManagementError) -> ListPart<TopCore.ExchangeRow> {
        let (items, undecodable) = try await all { (query) async throws(ManagementError) in
            try await management.exchanges(query, vhost: vhost)
        }
        var bindings: [EntityID: Int] = [:]
        for binding in try await management.bindings(vhost: vhost).items {
            bindings[EntityID(vhost: binding.vhost, name: binding.source), default: 0] += 1
        }
        let rows = items.map { exchange in
            let id = EntityID(vhost: exchange.vhost, name: exchange.name)
            return TopCore.ExchangeRow(exchange, bindingsOut: bindings[id] ?? 0)
        }
        return ListPart(at: Date(), rows: rows, undecodable: undecodable)
    }

    /// The names that clients gave their connections, by the connections' own.
    private func clientNames() async throws(ManagementError) -> [String: String] {
        let (items, _) = try await all { (query) async throws(ManagementError) in
            try await management.connections(query)
        }
        return items.reduce(into: [:]) { names, connection in names[connection.name] = connection.clientName }
    }

    /// All pages. Rows that come and go between two pages may be missed or come twice, as with every paged list.
    private func all<Row: Sendable>(
        _ page: (ListQuery) async throws(ManagementError) -> Page<Row>
    ) async throws(ManagementError) -> (rows: [Row], undecodable: Int) {
        var rows: [Row] = []
        var undecodable = 0
        // Unsorted pages are cheap on the broker; the view sorts.
        var query = ListQuery(page: 1, pageSize: Self.pageSize)
        while true {
            let answer: Page<Row>
            do {
                answer = try await page(query)
            } catch {
                // The list has become shorter in the meantime.
                if error.code == .pageOutOfRange, !rows.isEmpty { break }
                throw error
            }
            rows += answer.items
            undecodable += answer.undecodable
            guard answer.page < answer.pageCount, !answer.items.isEmpty else { break }
            query.page = answer.page + 1
        }
        return (rows, undecodable)
    }
}

extension Survey {
    /// All that the diagnoses look at: cluster, queues, connections, channels and consumers, each with all its rows.
    ///
    /// What cannot be had is left out, and the first failure told.
    ///
    /// - Parameter vhost: the one to ask about; nil for all.
    public func everything(vhost: String?) async -> (snapshots: [Snapshot], failure: ManagementError?) {
        var snapshots: [Snapshot] = []
        var failure: ManagementError?
        for view in [ViewID.queues, .connections, .channels, .consumers] {
            let parts: [Snapshot]
            do throws(ManagementError) {
                parts = try await self.snapshots(of: view, vhost: vhost)
            } catch {
                failure = failure ?? error
                // Who cannot be reached is not asked three times more.
                if snapshots.isEmpty, case .unreachable = error.code { break }
                continue
            }
            // The cluster and our own source come with each view.
            snapshots += parts.filter { part in
                switch part {
                case .cluster: view == .queues
                case .sources: false
                default: true
                }
            }
        }
        return (snapshots, failure)
    }
}
