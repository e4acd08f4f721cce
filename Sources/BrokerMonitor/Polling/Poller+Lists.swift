import Foundation
import Names
import RabbitMQManagement
import TopCore

extension Poller {
    // MARK: Connections

    func pollConnections() async throws(ManagementError) {
        var (part, namesByID) = try await lists.connections(query(.connections))
        if let name = scopedConnection, !part.rows.contains(where: { $0.name == name }) {
            do {
                part.rows.append(ConnectionRow(try await lists.client.connection(name)))
            } catch {
                guard case .notFound = error.code else { throw error }
            }
        }
        // Without statistics 4.x lists no connections, but counts them.
        let counted = facts.lacksStatistics ? Int(count: overview?.connections.map(Int64.init)) ?? 0 : 0
        part.total = max(part.total, part.rows.count, counted)
        connections = part
        self.namesByID = namesByID
        postConnections()
        await onNames?(part.rows.map { ($0.name, $0) })
        if interest.view == .channels || interest.view == .consumers, channels != nil { postChannels() }
    }

    func postConnections() {
        guard let part = connections ?? (sessions.isEmpty ? nil : ListPart(at: clock.date(), rows: [])) else { return }
        inbox.post(.connections(withSessions(part.keeping { shows($0.name) })))
    }

    var scopedConnection: Name? {
        switch interest.scope {
        case .connection(let name)?: name
        case .channel(let id)?: id.connection
        case .queue?, .exchange?, .node?, nil: nil
        }
    }

    // MARK: Channels

    func pollChannels() async throws(ManagementError) {
        if let name = scopedConnection {
            channels = try await lists.channels(ofConnection: name)
        } else {
            channels = try await lists.channels(query(.channels))
        }
        postChannels()
    }

    /// Posts the channels, completed with what their list does not contain: the client-provided name, and which
    /// channels belong to this process.
    func postChannels() {
        guard var part = channels ?? (sessions.isEmpty ? nil : ListPart(at: clock.date(), rows: [])) else { return }
        let names = connections?.clientNames ?? [:]
        let ours = Dictionary(
            own.report(with: configuration.registry).connections.map { (Name($0.name), Name($0.clientName)) },
            uniquingKeysWith: { first, _ in first })
        for index in part.rows.indices {
            let connection = part.rows[index].id.connection
            part.rows[index].local = ours[connection] != nil
            part.rows[index].clientName = names[connection] ?? ours[connection] ?? nil
        }
        if channels != nil { channels = part }
        inbox.post(.channels(withSessions(part.keeping { shows($0.id.connection) })))
    }

    // MARK: Consumers

    func pollConsumers() async throws(ManagementError) {
        let scope = interest.scope
        let vhost = consumersVhost
        var part = try await asking(vhost) { () async throws(ManagementError) in
            if case .queue(let id)? = scope { return try await lists.consumers(of: id) }
            return try await lists.consumers(vhost: vhost)
        }
        part.complete(connections?.clientNames ?? [:])
        inbox.post(.consumers(part.keeping { $0.id.connection.map(shows) ?? true }))
    }

    // MARK: Exchanges

    func pollExchanges() async throws(ManagementError) {
        let vhost = interest.vhost
        var part = try await asking(vhost) { () async throws(ManagementError) in
            try await lists.exchanges(query(.exchanges), vhost: vhost)
        }
        if let bindingsOut { part.complete(bindingsOut) }
        exchanges = part
        inbox.post(.exchanges(part))
    }

    func pollBindings() async throws(ManagementError) {
        let vhost = interest.vhost
        let counts = try await asking(vhost) { () async throws(ManagementError) in
            try await lists.bindingsOut(vhost: vhost)
        }
        bindingsOut = counts
        guard var part = exchanges else { return }
        part.complete(counts)
        exchanges = part
        inbox.post(.exchanges(part))
    }

    // MARK: Queries

    /// Returns the query for the first page, sorted and filtered as in its view.
    private func query(_ view: ViewID) -> ListQuery {
        guard interest.view == view else { return ListQuery(page: 1, pageSize: BrokerLists.pageSize, sort: "name") }
        let filter = Self.nameFilter(interest.filter)
        // The broker filters by name only, the screen by more, so the broker filters only if the list is long.
        let isLong = (knownTotal(view) ?? 0) > BrokerLists.pageSize
        return ListQuery(
            page: 1, pageSize: BrokerLists.pageSize, sort: interest.order?.brokerName ?? "name",
            isDescending: interest.order?.descending ?? false,
            name: isLong ? filter?.name : nil, isRegularExpression: filter?.isExpression ?? false)
    }

    private func knownTotal(_ view: ViewID) -> Int? {
        switch view {
        case .connections: overview?.connections
        case .channels: overview?.channels
        case .exchanges: overview?.exchanges
        case .overview, .queues, .consumers, .nodes, .events, .client, .lab: nil
        }
    }
}
