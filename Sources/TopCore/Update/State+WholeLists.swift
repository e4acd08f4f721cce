import Foundation

extension State {
    /// Seconds for which the rows that the screen asked for stay when a whole list arrives: it asks every 5 s.
    static let partialListPeriod = 12.0

    /// Seconds for which a whole list stays in the place of pages while the filter is a condition, which the broker does
    /// not know: its pages may lack rows for which it holds.
    static let wholeListPeriod = 300.0

    /// Whether a list is shown in its table. A whole list from the background does not replace the page, the vhost or
    /// the drill-down that the screen has asked for; the rules read it all the same.
    mutating func shows<Row>(_ part: ListPart<Row>, in view: ViewID) -> Bool {
        guard part.isWhole else {
            if part.total > part.rows.count, hasCondition(view), let whole = wholeLists[view],
                part.at.timeIntervalSince(whole) < Self.wholeListPeriod
            {
                return false
            }
            wholeLists[view] = nil
            partialLists[view] = part.at
            return true
        }
        if let shown = partialLists[view], part.at.timeIntervalSince(shown) < Self.partialListPeriod {
            // The screen's own request may have become the whole list: a filter or a drill-down has ended.
            let isWanted = view == self.view && !asksForPart(of: part.rows.count)
            guard isWanted || hasCondition(view) && scope == nil && vhost == nil else { return false }
        }
        partialLists[view] = nil
        wholeLists[view] = part.at
        return true
    }

    private func hasCondition(_ view: ViewID) -> Bool { table(of: view)?.filter.condition != nil }

    /// Whether the screen asks for less than the whole list of the view shown.
    private func asksForPart(of count: Int) -> Bool {
        switch view {
        case .connections: count > Self.pageSize
        case .channels: count > Self.pageSize || scope?.isOfConnection == true
        case .consumers: vhost != nil || scope?.isOfQueue == true
        case .exchanges: count > Self.pageSize || vhost != nil
        case .overview, .queues, .nodes, .events, .client, .lab, .named: false
        }
    }

    /// The number of rows of a page that the screen asks for.
    static let pageSize = 500
}

extension Snapshot {
    /// Whether it is a whole list or depths of all queues, whatever the screen is narrowed to.
    var isWholeList: Bool {
        switch self {
        case .queueDepths(let part): part.isComplete && part.vhost == nil
        case .connections(let part): part.isWhole
        case .channels(let part): part.isWhole
        case .consumers(let part): part.isWhole
        case .exchanges(let part): part.isWhole
        case .cluster, .queuesLive, .queuesRich, .client, .lab, .vhosts, .detail, .sources, .cost, .faults,
            .configuration, .route, .incoming, .named:
            false
        }
    }
}

extension Scope {
    fileprivate var isOfConnection: Bool {
        switch self {
        case .connection, .channel: true
        case .queue, .exchange, .node: false
        }
    }

    fileprivate var isOfQueue: Bool {
        if case .queue = self { true } else { false }
    }
}
