import Foundation
import Names
import RabbitMQManagement
import TopCore

/// Requests the lists of the management API, and converts their rows to those of the views: the one place that knows
/// which list is requested how.
///
/// A query asks for one page, `.allPages` for every row.
struct BrokerLists: Sendable {
    /// The number of rows of a page, the highest that the API allows.
    static let pageSize = 500
    /// The highest number of rows of one list; a longer answer does not come from a broker.
    private static let mostRows = 200_000

    let client: ManagementClient
    let clock: MonitorClock

    /// Returns the connections, and the broker's names of those that have a `connection_id` among their client
    /// properties.
    func connections(
        _ query: ListQuery = .allPages
    ) async throws(ManagementError) -> (part: ListPart<ConnectionRow>, namesByID: [Name: Name]) {
        let page = try await pages("connections", query) { (query) async throws(ManagementError) in
            try await client.connections(query)
        }
        let names = page.items.compactMap { row in
            row.clientProperties["connection_id"]?.text.map { (Name($0), row.name) }
        }
        return (ListPart(page, at: clock.date(), ConnectionRow.init), Dictionary(names) { first, _ in first })
    }

    func channels(_ query: ListQuery = .allPages) async throws(ManagementError) -> ListPart<ChannelRow> {
        let page = try await pages("channels", query) { (query) async throws(ManagementError) in
            try await client.channels(query)
        }
        return ListPart(page, at: clock.date(), ChannelRow.init)
    }

    /// Returns the channels of a connection; none if it is closed.
    func channels(ofConnection name: Name) async throws(ManagementError) -> ListPart<ChannelRow> {
        let list = try await Self.unlessMissing { () async throws(ManagementError) in
            try await client.channels(ofConnection: name)
        }
        return ListPart(
            Page(items: list?.items ?? [], filteredCount: 0, undecodable: list?.undecodable ?? 0),
            at: clock.date(), ChannelRow.init)
    }

    func consumers(vhost: Name?) async throws(ManagementError) -> ListPart<ConsumerRow> {
        let list = try await client.consumers(vhost: vhost)
        return ListPart(at: clock.date(), rows: ConsumerRow.rows(of: list.items), undecodable: list.undecodable)
    }

    /// Returns the consumers of a queue; none if it is deleted.
    func consumers(of queue: EntityID) async throws(ManagementError) -> ListPart<ConsumerRow> {
        let detail = try await Self.unlessMissing { () async throws(ManagementError) in
            try await client.queue(vhost: queue.vhost, name: queue.name)
        }
        return ListPart(at: clock.date(), rows: ConsumerRow.rows(of: detail?.consumers ?? []))
    }

    /// Returns the exchanges; the numbers of their bindings are requested apart.
    func exchanges(
        _ query: ListQuery = .allPages, vhost: Name?
    ) async throws(ManagementError) -> ListPart<ExchangeRow> {
        let page = try await pages("exchanges", query) { (query) async throws(ManagementError) in
            try await client.exchanges(query, vhost: vhost)
        }
        return ListPart(page, at: clock.date()) { ExchangeRow($0, bindingsOut: nil) }
    }

    /// Returns the number of bindings of each exchange that has some.
    func bindingsOut(vhost: Name?) async throws(ManagementError) -> [EntityID: Int] {
        Self.bindingsOut(try await client.bindings(vhost: vhost).items)
    }

    static func bindingsOut(_ bindings: [BindingInfo]) -> [EntityID: Int] {
        bindings.reduce(into: [:]) { counts, binding in
            counts[EntityID(vhost: binding.vhost, name: binding.source), default: 0] += 1
        }
    }

    /// - Parameters:
    ///   - lacksStatistics: whether the broker collects no statistics.
    ///   - enough: the number of rows after which no further page is requested; nil: all are wanted.
    func queues(
        _ query: ListQuery = .allPages, vhost: Name?, lacksStatistics: Bool = false, enough: Int? = nil
    ) async throws(ManagementError) -> [QueueInfo] {
        // Without statistics only the totals contain depths.
        let mode: QueueListMode = lacksStatistics ? .totals : .full
        return try await pages("queues", query, enough: enough) { (query) async throws(ManagementError) in
            try await client.queues(query, vhost: vhost, mode: mode)
        }.items
    }

    /// Returns the exchanges with their arguments.
    func exchangeInfos() async throws(ManagementError) -> Page<ExchangeInfo> {
        try await client.exchanges(.all, vhost: nil)
    }

    /// Requests one page, or page after page. Rows that are added or removed between two pages may be missing or
    /// repeated, as with every paged list.
    private func pages<Row>(
        _ list: String, _ query: ListQuery, enough: Int? = nil,
        _ request: (ListQuery) async throws(ManagementError) -> Page<Row>
    ) async throws(ManagementError) -> Page<Row> {
        guard query.page == nil, query != .all else { return try await request(query) }
        let (name, address) = ("GET /api/\(list)", client.configuration.address.description)
        var query = query
        var walk = PageWalk()
        var rows: [Row] = []
        var undecodable = 0
        while true {
            query.page = walk.page
            let answer: Page<Row>
            do {
                answer = try await request(query)
            } catch {
                // The list has become shorter in the meantime.
                if error.code == .pageOutOfRange, walk.page > 1 { break }
                throw error
            }
            let goesOn = try walk.goesOn(after: answer, of: name, at: address)
            rows += answer.items
            undecodable += answer.undecodable
            guard goesOn, rows.count <= enough ?? .max else { break }
            guard rows.count < Self.mostRows else {
                throw ManagementError(
                    .unexpectedAnswer(reason: "the list has more than \(Self.mostRows) rows"), request: name,
                    address: address)
            }
        }
        // What was read is all there is; rows that cannot be shown are counted apart.
        return Page(items: rows, filteredCount: 0, undecodable: undecodable)
    }

    static func unlessMissing<Answer>(
        _ request: () async throws(ManagementError) -> Answer
    ) async throws(ManagementError) -> Answer? {
        do throws(ManagementError) {
            return try await request()
        } catch {
            guard case .notFound = error.code else { throw error }
            return nil
        }
    }
}

extension ListQuery {
    /// All rows, page by page. Unsorted pages are cheap for the broker; the view sorts the rows.
    static let allPages = ListQuery(page: nil, pageSize: BrokerLists.pageSize)
}

extension ListPart {
    /// Converts the rows of a page; one that cannot be converted counts as undecodable.
    fileprivate init<Item>(_ page: Page<Item>, at: Date, _ row: (Item) -> Row?) {
        let rows = page.items.compactMap(row)
        self.init(
            at: at, rows: rows, total: max(rows.count, page.filteredCount),
            undecodable: page.undecodable + page.items.count - rows.count)
    }

    /// Returns the list without rows that are not to be shown, which are subtracted from the count.
    func keeping(_ isKept: (Row) -> Bool) -> Self {
        var part = self
        part.rows.removeAll { !isKept($0) }
        part.total -= rows.count - part.rows.count
        return part
    }
}

extension ListPart {
    /// Whether the rows are all that the broker counts.
    var hasAll: Bool { total <= rows.count && undecodable == 0 }
}

extension ListPart<ConnectionRow> {
    /// The client-provided names, by the broker's names.
    var clientNames: [Name: Name] {
        rows.reduce(into: [:]) { names, row in names[row.name] = row.clientName }
    }
}

extension ListPart<ExchangeRow> {
    /// Completes the exchanges with the numbers of their bindings; an exchange that is not named has none.
    mutating func complete(_ bindingsOut: [EntityID: Int]) {
        for index in rows.indices { rows[index].bindingsOut = bindingsOut[rows[index].id] ?? 0 }
    }
}

extension ListPart<ConsumerRow> {
    /// Completes the consumers with what the details of their channels tell.
    mutating func complete(_ channels: [ChannelID: ChannelRow]) {
        guard !channels.isEmpty else { return }
        for index in rows.indices {
            let id = rows[index].id
            guard let channel = id.channel, let deliveries = channels[channel]?.deliveries else { continue }
            rows[index].deliverRate = deliveries.first { $0.queue == id.queue }?.rate
        }
    }

    /// Completes the consumers with the client-provided names of their connections.
    mutating func complete(_ clientNames: [Name: Name]) {
        for index in rows.indices { rows[index].clientName = rows[index].id.connection.flatMap { clientNames[$0] } }
    }
}
