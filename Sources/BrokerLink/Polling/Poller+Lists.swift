import Foundation
import Names
import RabbitMQManagement
import TopCore

extension Poller {
    /// The highest number of requested rows of a list; longer ones are sorted and filtered by the broker.
    static let pageSize = 500

    // MARK: Connections

    func pollConnections() async throws(ManagementError) {
        let page = try await lists.connections(query(.connections))
        var rows = page.items.map(ConnectionRow.init)
        if let name = scopedConnection, !rows.contains(where: { $0.name == name }) {
            do {
                rows.append(ConnectionRow(try await lists.connection(name)))
            } catch {
                guard case .notFound = error.code else { throw error }
            }
        }
        let part = ListPart(
            at: Date(), rows: rows,
            // Without statistics 4.x lists no connections, but counts them.
            total: max(
                rows.count, page.filteredCount,
                facts.lacksStatistics ? Int(count: overview?.connections.map(Int64.init)) ?? 0 : 0),
            undecodable: page.undecodable)
        connections = part
        namesByID = Dictionary(
            page.items.compactMap { row in row.clientProperties["connection_id"]?.text.map { (Name($0), row.name) } }
        ) { first, _ in first }
        postConnections()
        await onNames?(rows.map { ($0.name, $0) })
        if interest.view == .channels || interest.view == .consumers, channels != nil { postChannels() }
    }

    func postConnections() {
        guard var part = connections ?? (sessions.isEmpty ? nil : ListPart(at: Date(), rows: [])) else { return }
        part.keepRows { shows($0.name) }
        inbox.post(.connections(withSessions(part)))
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
        let items: [ChannelInfo]
        var total = 0
        var undecodable = 0
        if let name = scopedConnection {
            do {
                let list = try await lists.channels(ofConnection: name)
                items = list.items
                undecodable = list.undecodable
            } catch {
                // The connection is closed, and its channels with it.
                guard case .notFound = error.code else { throw error }
                items = []
            }
        } else {
            let page = try await lists.channels(query(.channels))
            items = page.items
            total = page.filteredCount
            undecodable = page.undecodable
        }
        let rows = items.compactMap(ChannelRow.init)
        channels = ListPart(
            at: Date(), rows: rows, total: max(rows.count, total),
            undecodable: undecodable + items.count - rows.count)
        postChannels()
    }

    /// Posts the channels, completed with what their list does not contain: the client-provided name, and which
    /// channels belong to this process.
    func postChannels() {
        guard var part = channels ?? (sessions.isEmpty ? nil : ListPart(at: Date(), rows: [])) else { return }
        let names = Dictionary((connections?.rows ?? []).map { ($0.name, $0.clientName) }) { first, _ in first }
        let ours = Dictionary(
            own.report(with: configuration.registry).connections.map { (Name($0.name), Name($0.clientName)) },
            uniquingKeysWith: { first, _ in first })
        for index in part.rows.indices {
            let connection = part.rows[index].id.connection
            part.rows[index].local = ours[connection] != nil
            part.rows[index].clientName = (names[connection] ?? nil) ?? (ours[connection] ?? nil)
        }
        if channels != nil { channels = part }
        part.keepRows { shows($0.id.connection) }
        inbox.post(.channels(withSessions(part)))
    }

    // MARK: Consumers

    func pollConsumers() async throws(ManagementError) {
        let list: [ConsumerInfo]
        var undecodable = 0
        let vhost = consumersVhost
        if case .queue(let id)? = interest.scope {
            do throws(ManagementError) {
                list = try await asking(vhost) { () async throws(ManagementError) in
                    try await lists.queue(vhost: id.vhost, name: id.name).consumers
                }
            } catch {
                guard case .notFound = error.code else { throw error }
                list = []
            }
        } else {
            let all = try await asking(vhost) { () async throws(ManagementError) in
                try await lists.consumers(vhost: vhost)
            }
            list = all.items
            undecodable = all.undecodable
        }
        let names = Dictionary((connections?.rows ?? []).map { ($0.name, $0.clientName) }) { first, _ in first }
        var rows = ConsumerRow.rows(of: list)
        for index in rows.indices { rows[index].clientName = rows[index].id.connection.flatMap { names[$0] ?? nil } }
        var part = ListPart(at: Date(), rows: rows, undecodable: undecodable)
        part.keepRows { $0.id.connection.map(shows) ?? true }
        inbox.post(.consumers(part))
    }

    // MARK: Exchanges

    func pollExchanges() async throws(ManagementError) {
        let vhost = interest.vhost
        let page = try await asking(vhost) { () async throws(ManagementError) in
            try await lists.exchanges(query(.exchanges), vhost: vhost)
        }
        let rows = page.items.map { exchange in
            let id = EntityID(vhost: exchange.vhost, name: exchange.name)
            return ExchangeRow(exchange, bindingsOut: bindingsOut.map { $0[id] ?? 0 })
        }
        let part = ListPart(
            at: Date(), rows: rows, total: max(rows.count, page.filteredCount), undecodable: page.undecodable)
        exchanges = part
        inbox.post(.exchanges(part))
    }

    func pollBindings() async throws(ManagementError) {
        let vhost = interest.vhost
        let bindings = try await asking(vhost) { () async throws(ManagementError) in
            try await lists.bindings(vhost: vhost)
        }
        var counts: [EntityID: Int] = [:]
        for binding in bindings.items {
            counts[EntityID(vhost: binding.vhost, name: binding.source), default: 0] += 1
        }
        bindingsOut = counts
        guard var part = exchanges else { return }
        for index in part.rows.indices { part.rows[index].bindingsOut = counts[part.rows[index].id] ?? 0 }
        exchanges = part
        inbox.post(.exchanges(part))
    }

    // MARK: Queries

    /// Returns the query for the first page, sorted and filtered as in its view.
    private func query(_ view: ViewID) -> ListQuery {
        guard interest.view == view else { return ListQuery(page: 1, pageSize: Self.pageSize, sort: "name") }
        let filter = Self.nameFilter(interest.filter)
        // The broker filters by name only, the screen by more, so the broker filters only if the list is long.
        let isLong = (knownTotal(view) ?? 0) > Self.pageSize
        return ListQuery(
            page: 1, pageSize: Self.pageSize, sort: interest.order?.brokerName ?? "name",
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

extension ListPart {
    /// Removes rows that are not to be shown, and subtracts them from the count.
    mutating func keepRows(where isKept: (Row) -> Bool) {
        let before = rows.count
        rows.removeAll { !isKept($0) }
        total -= before - rows.count
    }
}
