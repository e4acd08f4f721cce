import Foundation
import Names
import RabbitMQManagement
import TopCore

extension Poller {
    // MARK: Connections

    func pollConnections() async throws(ManagementError) {
        let query = query(.connections)
        var (part, namesByID) = try await lists.connections(query)
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
        part.isWhole = query.name == nil && part.hasAll
        connections = part
        if part.isWhole || wholeConnections == nil {
            clientNames = part.clientNames
            self.namesByID = namesByID
        } else {
            clientNames.merge(part.clientNames) { _, new in new }
            self.namesByID.merge(namesByID) { _, new in new }
        }
        if part.isWhole { plan.served(.whole(.connections), at: clock.uptime()) }
        postConnections()
        await onNames?(part.rows.map { ($0.name, $0) })
        if interest.view == .channels || interest.view == .consumers, channels != nil { postChannels() }
    }

    func postConnections() {
        guard let part = shownConnections ?? (sessions.isEmpty ? nil : ListPart(at: clock.date(), rows: [])) else {
            return
        }
        post(connections: part)
    }

    func post(connections part: ListPart<ConnectionRow>) {
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
            let query = query(.channels)
            var part = try await lists.channels(query)
            part.isWhole = query.name == nil && part.hasAll
            channels = part
            if part.isWhole { plan.served(.whole(.channels), at: clock.uptime()) }
        }
        postChannels()
    }

    /// Posts the channels, completed with what their list does not contain: the client-provided name, and which
    /// channels belong to this process.
    func postChannels() {
        guard let part = shownChannels ?? (sessions.isEmpty ? nil : ListPart(at: clock.date(), rows: [])) else {
            return
        }
        post(channels: part)
    }

    func post(channels part: ListPart<ChannelRow>) {
        var part = withSuspects(part)
        let ours = Dictionary(
            own.report(with: configuration.registry).connections.map { (Name($0.name), Name($0.clientName)) },
            uniquingKeysWith: { first, _ in first })
        for index in part.rows.indices {
            let connection = part.rows[index].id.connection
            part.rows[index].local = ours[connection] != nil
            part.rows[index].clientName = clientNames[connection] ?? ours[connection] ?? nil
        }
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
        if scope == nil, vhost == nil, part.hasAll {
            part.isWhole = true
            learnStreamConsumers(part.rows)
            plan.served(.whole(.consumers), at: clock.uptime())
        }
        post(consumers: part)
    }

    func post(consumers part: ListPart<ConsumerRow>) {
        var part = part
        part.complete(clientNames)
        part.complete(suspectChannels)
        part.complete(lags.streams, at: clock.date())
        inbox.post(.consumers(part.keeping { $0.id.connection.map(shows) ?? true }))
    }

    // MARK: Exchanges

    func pollExchanges() async throws(ManagementError) {
        let vhost = interest.vhost
        var part = try await asking(vhost) { () async throws(ManagementError) in
            try await lists.exchanges(query(.exchanges), vhost: vhost)
        }
        if let bindingsOut { part.complete(bindingsOut) }
        part.isWhole = vhost == nil && query(.exchanges).name == nil && part.hasAll
        exchanges = part
        inbox.post(.exchanges(part))
    }

    func pollBindings() async throws(ManagementError) {
        let vhost = interest.vhost
        let bindings = try await asking(vhost) { () async throws(ManagementError) in
            try await lists.client.bindings(vhost: vhost).items
        }
        let counts = BrokerLists.bindingsOut(withoutOwn(bindings))
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
        case .overview, .queues, .consumers, .nodes, .events, .client, .lab, .named: nil
        }
    }
}
