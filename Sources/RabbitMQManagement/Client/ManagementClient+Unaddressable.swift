import Names

// `.` and `..` are valid names for the broker, but a path of the HTTP API cannot contain them. Objects with these names
// are read from the lists that contain everything.
extension ManagementClient {
    /// Returns a list of a vhost, or of all. For a vhost that cannot be addressed, its rows are taken from the list of
    /// all.
    func vhostList<Row: ManagementObject>(
        _ what: Name, _ vhost: Name?, vhostOf: (Row) -> Name
    ) async throws(ManagementError) -> ObjectList<Row> {
        guard let vhost, !vhost.isAddressable else { return try await list(RequestPath(what).in(vhost)) }
        var all: ObjectList<Row> = try await list(RequestPath(what))
        all.items.removeAll { vhostOf($0) != vhost }
        return all
    }

    /// Returns the rows of one vhost from a page with the rows of all.
    static func rows<Row>(_ page: Page<Row>, of vhost: Name, _ vhostOf: (Row) -> Name) -> Page<Row> {
        let items = page.items.filter { vhostOf($0) == vhost }
        return Page(items: items, undecodable: page.undecodable)
    }

    func listedQueue(
        _ vhost: Name, _ name: Name, _ path: RequestPath
    ) async throws(ManagementError) -> QueueDetail {
        let rows = try await queues(.named(name), vhost: vhost).items
        guard let row = rows.first(where: { $0.name == name && $0.vhost == vhost }) else { throw missing(path) }
        let consumers = try await consumers(vhost: vhost).items.filter { $0.queue.name == name }
        return QueueDetail(row, consumers: consumers)
    }

    func listedExchange(
        _ vhost: Name, _ name: Name, _ path: RequestPath
    ) async throws(ManagementError) -> ExchangeDetail {
        let rows = try await exchanges(.named(name), vhost: vhost).items
        guard let row = rows.first(where: { $0.name == name && $0.vhost == vhost }) else { throw missing(path) }
        return ExchangeDetail(row)
    }

    /// Returns a list of bindings, or, if the list cannot be addressed, the matching ones of the vhost.
    func list(
        _ path: RequestPath, orBindingsOf vhost: Name, where fits: (BindingInfo) -> Bool
    ) async throws(ManagementError) -> ObjectList<BindingInfo> {
        guard path.unaddressable != nil else { return try await list(path) }
        var all = try await bindings(vhost: vhost)
        all.items.removeAll { !fits($0) }
        return all
    }
}

extension ListQuery {
    /// The query without pages, unless a filter requires them.
    var unpaged: ListQuery {
        var query = self
        query.page = nil
        return query
    }
}
