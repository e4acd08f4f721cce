import Names

extension State {
    /// The maximum number of queues that are polled individually.
    static let watchedQueues = 50
    /// The number of longest queues that the overview shows.
    static let overviewQueues = 10

    /// Returns the current interest when it differs from the last one requested; otherwise `nil`.
    mutating func changedInterest() -> Interest? {
        let wanted = wantedInterest
        guard wanted != interest else { return nil }
        interest = wanted
        return wanted
    }

    private var wantedInterest: Interest {
        var wanted = Interest()
        wanted.view = view
        wanted.vhost = vhost
        wanted.interval = interval
        wanted.queues = watchedQueueIDs
        // There are no further details of a row that ended.
        if isDetailOpen, !isSelectedEnded { wanted.detail = selectedID }
        if let table = table(of: view) {
            wanted.order = table.rowOrder
            wanted.filter = Name(table.filter.typed)
        }
        wanted.scope = scope
        wanted.frozen = frozenAt != nil
        return wanted
    }

    private var watchedQueueIDs: [EntityID] {
        guard frozenAt == nil else { return interest?.queues ?? [] }
        var ids: [EntityID] = []
        switch view {
        case .queues:
            let visible = queues.window(min(tableRows, Self.watchedQueues)).map(\.id)
            if let selected = queues.selected?.id {
                ids = [selected] + visible.filter { $0 != selected }
            } else {
                ids = visible
            }
        case .overview:
            ids = queues.order.prefix(Self.overviewQueues).map { queues.rows[$0].id }
        case .consumers:
            if case .queue(let id) = scope { ids = [id] }
        case .connections, .channels, .exchanges, .nodes, .events, .client, .lab: break
        }
        if case .queue(let id)? = queues.ended?.id { ids.removeAll { $0 == id } }
        return Array(ids.prefix(Self.watchedQueues))
    }
}
