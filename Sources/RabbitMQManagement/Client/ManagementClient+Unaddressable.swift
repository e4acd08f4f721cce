import Names

// `.` and `..` are names like others to the broker, and no path of the HTTP API can hold them. What can be read of them is
// found in the lists that hold everything.
extension ManagementClient {
    /// A list of a vhost, or of all: of a vhost that cannot be addressed its part of the list of all.
    func vhostList<Row: ManagementObject>(
        _ what: Name, _ vhost: Name?, vhostOf: (Row) -> Name
    ) async throws(ManagementError) -> ObjectList<Row> {
        guard let vhost, !vhost.isAddressable else { return try await list(RequestPath(what).in(vhost)) }
        var all: ObjectList<Row> = try await list(RequestPath(what))
        all.items.removeAll { vhostOf($0) != vhost }
        return all
    }

    /// The rows of one vhost, of a page that has those of all.
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

    /// A list of bindings, or those of the vhost that fit where the list cannot be addressed.
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
    /// The same without pages, where no filter needs them.
    var unpaged: ListQuery {
        var query = self
        query.page = nil
        return query
    }
}
