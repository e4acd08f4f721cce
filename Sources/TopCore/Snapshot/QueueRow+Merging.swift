import Foundation

extension DepthSource {
    /// The age of a figure when the source reports it, in seconds: the broker collects statistics every five.
    var lag: Double {
        switch self {
        case .amqp: 0
        case .prometheus, .management: 5
        }
    }

    /// The priority among figures of the same time.
    var rank: Int {
        switch self {
        case .amqp: 2
        case .prometheus: 1
        case .management: 0
        }
    }
}

extension Measured {
    /// Replaces the figure when `newer` was measured later, or at the same time by the better source.
    static func merge(_ newer: Self, into figure: inout Self?) {
        guard let old = figure else {
            figure = newer
            return
        }
        let mine = old.at.addingTimeInterval(-old.source.lag)
        let theirs = newer.at.addingTimeInterval(-newer.source.lag)
        if theirs > mine || (theirs == mine && newer.source.rank >= old.source.rank) { figure = newer }
    }
}

extension QueueRow {
    /// A live figure that contradicts a report younger than this, in seconds, has to be confirmed first.
    static let contradictionPeriod = 10.0

    /// The latest time at which anything was reported about the queue.
    var lastHeard: Date? {
        [ready?.at, unacked?.at, total?.at, consumers?.at, detailsAt].compactMap(\.self).max()
    }

    /// Merges figures of Prometheus or the management API.
    mutating func merge(reported depth: QueueDepth, at: Date, source: DepthSource) {
        func figure(_ value: Int?) -> Measured<Int>? {
            value.map { Measured(max(0, $0), at: at, source: source) }
        }
        if let ready = figure(depth.ready) {
            Measured.merge(ready, into: &self.ready)
            Measured.merge(ready, into: &reportedReady)
        }
        if let unacked = figure(depth.unacked) { Measured.merge(unacked, into: &self.unacked) }
        if let total = figure(depth.messages) { Measured.merge(total, into: &self.total) }
        if let consumers = figure(depth.consumers) {
            Measured.merge(consumers, into: &self.consumers)
            Measured.merge(consumers, into: &reportedConsumers)
        }
    }

    /// Merges figures of a passive declare. Some of them are known to be wrong: 0 consumers for every stream, and 0/0
    /// for a quorum queue whose leader is unreachable.
    mutating func merge(live depth: QueueDepth, at: Date) {
        if details?.isDown == true { return }
        if isDoubtful(depth, at: at) { return }
        if let ready = depth.ready {
            Measured.merge(Measured(max(0, ready), at: at, source: .amqp), into: &self.ready)
        }
        if let unacked = depth.unacked {
            Measured.merge(Measured(max(0, unacked), at: at, source: .amqp), into: &self.unacked)
        }
        guard let consumers = depth.consumers, details?.declareCountsConsumers ?? true else { return }
        // The queue may be of a type whose consumers a declare does not count.
        if details?.type == nil, let reportedConsumers, consumers < reportedConsumers.value { return }
        Measured.merge(Measured(max(0, consumers), at: at, source: .amqp), into: &self.consumers)
    }

    private func isDoubtful(_ depth: QueueDepth, at: Date) -> Bool {
        guard depth.ready == 0, (depth.consumers ?? 0) == 0 else { return false }
        guard details?.type == nil || details?.type == "quorum" else { return false }
        return [reportedReady, reportedConsumers].contains { reported in
            guard let reported, reported.value > 0 else { return false }
            // It was counted before rabbittop purged the queue.
            if let purgedAt, reported.at.timeIntervalSince(purgedAt) < Self.contradictionPeriod { return false }
            return at.timeIntervalSince(reported.at) < Self.contradictionPeriod
        }
    }

    mutating func merge(_ details: QueueDetails, at: Date) {
        if let detailsAt, detailsAt > at { return }
        self.details = details
        detailsAt = at
        if details.isDown {
            // The known figures are outdated, and 0 would be misleading.
            ready = nil
            unacked = nil
            total = nil
            consumers = nil
            reportedReady = nil
            reportedConsumers = nil
        }
        if !details.declareCountsConsumers, consumers?.source == .amqp { consumers = reportedConsumers }
    }
}

extension QueueRow {
    /// Whether a queue that is missing from a complete report is gone; `reporters` no longer has the report's source.
    func isGone(absentFrom part: QueueDepthsPart) -> Bool {
        if let lastHeard, lastHeard > part.at { return false }
        // Prometheus does not report a queue whose node is down, although the queue exists.
        if part.source == .prometheus, details?.isDown == true { return false }
        // The management API lists the whole cluster; a node's report only lists the queues it hosts.
        if part.source == .management { return true }
        guard reporters == 0 else { return false }
        return wasListed || (part.node != nil && details?.node == part.node)
    }
}

extension QueueRow {
    /// Merges one depth of a report of many.
    ///
    /// - Parameter bit: The report's source, when the report is complete.
    mutating func take(_ depth: QueueDepth, of part: QueueDepthsPart, bit: UInt64?) {
        merge(reported: depth, at: part.at, source: part.source)
        guard let bit else { return }
        reporters |= bit
        wasListed = true
    }

    /// Merges the management API's report of a queue.
    mutating func take(_ depth: QueueDepth, _ details: QueueDetails, at: Date) {
        merge(details, at: at)
        merge(reported: depth, at: at, source: .management)
    }
}
