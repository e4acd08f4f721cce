import TopCore

// What is polled whatever is on the screen, so that the rules and the history know the whole broker.
extension PollPlan {
    /// The highest number of rows of which the whole list is polled. Of longer lists the depths in bulk and the rows on
    /// the screen are known, and the details of suspects. Queues are paged; the other lists are one answer.
    static func longestList(_ list: WatchedList) -> Int {
        switch list {
        case .queues: 20_000
        case .connections, .channels, .consumers, .exchanges: 10_000
        }
    }

    /// Adds what is watched in the background. What the screen polls anyway is polled once, at the screen's pace.
    static func addBackground(to wants: inout [Ask: Want], _ interest: Interest, _ facts: BrokerFacts) {
        // RabbitMQ 4.3 and later write a line into their log for each request.
        let interval: Double = facts.logsEveryRequest ? 10 : 5
        for node in facts.prometheusNodes {
            wants[.bulk(node: node)] = wants[.bulk(node: node)] ?? .background(every: facts.isBulkIncomplete ? 1 : 5)
        }
        for list in WatchedList.allCases where facts.mayList(list) {
            let every = list == .exchanges ? 60 : interval
            // Where the screen's own request returns the whole list, it counts for the background, too.
            wants[.whole(list)] = .background(every: showsWhole(list, interest, facts) ? 3 * every : every)
        }
        if facts.hasNodeDown, !facts.mayList(.queues) {
            wants[.downQueues] = wants[.downQueues] ?? .background(every: 10)
        }
        wants[.client] = wants[.client] ?? Want(every: max(1, interest.interval))
        if facts.isAttached { wants[.attached] = wants[.attached] ?? Want(every: 5) }
        // Before the overview it is not known which lists are too long.
        guard facts.queueCount != nil else { return }
        wants[.configuration] = .background(every: 60)
        for node in facts.prometheusNodes where !facts.restingLogs.contains(node) {
            if !facts.logFamilies.isEmpty { wants[.logs(node: node)] = .background(every: 15) }
            if facts.hasUnroutable { wants[.unroutable(node: node)] = .background(every: 10) }
        }
        if facts.hasStreamConsumers { wants[.streamConsumers] = .background(every: 10) }
        let suspects = interest.suspects.prefix(Interest.mostSuspects)
        if !suspects.isEmpty {
            wants[.suspects] = .background(every: interval, subject: Set(suspects).hashValue)
        }
    }

    /// Whether the list that the screen requests is the whole one.
    private static func showsWhole(_ list: WatchedList, _ interest: Interest, _ facts: BrokerFacts) -> Bool {
        guard !interest.frozen, (facts.count(of: list) ?? .max) <= BrokerLists.pageSize else { return false }
        switch list {
        case .queues: return false
        case .connections:
            switch interest.view {
            case .connections, .channels, .consumers, .client: return true
            case .overview, .queues, .exchanges, .nodes, .events, .lab, .named: return false
            }
        case .channels:
            guard interest.scope == nil else { return false }
            switch interest.view {
            case .connections, .channels, .consumers, .client: return true
            case .overview, .queues, .exchanges, .nodes, .events, .lab, .named: return false
            }
        case .consumers: return interest.view == .consumers && interest.scope == nil && interest.vhost == nil
        case .exchanges: return interest.view == .exchanges && interest.vhost == nil
        }
    }
}

extension PollPlan.Want {
    /// A request whose pace is set by the budget, at most one in so many seconds.
    static func background(every interval: Double, subject: Int = 0) -> Self {
        var want = Self(every: interval, subject: subject)
        want.isBackground = true
        return want
    }
}

extension BrokerFacts {
    /// The number of rows of a list; nil while it is not known.
    func count(of list: WatchedList) -> Int? {
        switch list {
        case .queues: queueCount
        case .connections: connectionCount
        case .channels: channelCount
        case .consumers: consumerCount
        case .exchanges: exchangeCount
        }
    }

    /// Whether the whole list is polled: it is known to be short enough, and the broker answers it.
    func mayList(_ list: WatchedList) -> Bool {
        if lacksStatistics, list == .channels || list == .consumers { return false }
        return count(of: list).map { $0 <= PollPlan.longestList(list) } ?? false
    }
}
