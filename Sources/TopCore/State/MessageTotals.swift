public import Foundation
import Names

/// The number of messages in the whole cluster.
public struct MessageTotals: Sendable, Equatable {
    /// Messages ready for delivery.
    public var ready: Int?
    /// Messages delivered and not yet acknowledged.
    public var unacked: Int?
    /// All messages, ready and unacknowledged.
    public var messages: Int?
    /// When the messages were counted.
    public var at: Date
    /// Whether the totals are the sum over the queue rows; otherwise they are the broker's own, which may have been
    /// measured at a different time than the rows.
    public var isSumOfRows: Bool

    /// Creates totals; what is not given is unknown.
    public init(ready: Int? = nil, unacked: Int? = nil, messages: Int? = nil, at: Date, isSumOfRows: Bool) {
        self.ready = ready
        self.unacked = unacked
        self.messages = messages
        self.at = at
        self.isSumOfRows = isSumOfRows
    }
}

extension State {
    /// Seconds for which a complete report of the queues is current; reports arrive every 5 seconds.
    static let reportPeriod = 15.0

    /// Updates the message totals: from the rows when they are complete, so that the totals match the rows shown.
    mutating func countMessages() {
        guard frozenAt == nil else { return }
        // Queue depths are polled only while queues are shown.
        let showsQueues = view == .queues || view == .overview
        if showsQueues, let at = queues.at, hasAllQueues {
            var ready = 0
            var unacked = 0
            var messages = 0
            // By index: copies neither a row nor an identity for each of up to 100,000 queues.
            let ended = queues.ended.flatMap { queues.places[$0.id] }
            for place in queues.rows.indices where place != ended {
                ready = ready.saturatingAdding(max(0, queues.rows[place].ready?.value ?? 0))
                unacked = unacked.saturatingAdding(max(0, queues.rows[place].unacked?.value ?? 0))
                messages = messages.saturatingAdding(max(0, queues.rows[place].messages ?? 0))
            }
            totals = MessageTotals(ready: ready, unacked: unacked, messages: messages, at: at, isSumOfRows: true)
        } else if let cluster {
            totals = MessageTotals(
                ready: cluster.overview.ready, unacked: cluster.overview.unacked, messages: cluster.overview.messages,
                at: cluster.at, isSumOfRows: false)
        }
        // The history has the earlier times already.
        guard let totals, isPresent else { return }
        history.record(.cluster, .ready, totals.ready, at: totals.at)
        history.record(.cluster, .unacked, totals.unacked, at: totals.at)
    }

    /// Records a report of all queues, or of all queues that one node hosts.
    mutating func noteReport(_ part: QueueDepthsPart) {
        guard part.isComplete, part.vhost == nil else { return }
        if wholeReports.count > 1_000 { wholeReports = [:] }
        wholeReports[part.source == .management ? "" : part.node ?? ""] = part.at
    }

    /// Whether the rows are all queues: a complete list arrived recently, or a report of every running node.
    var hasAllQueues: Bool {
        let oldest = now.addingTimeInterval(-Self.reportPeriod)
        func isFresh(_ node: Name) -> Bool { wholeReports[node].map { $0 >= oldest } ?? false }
        if isFresh("") { return true }
        let running = (cluster?.nodes ?? []).filter(\.running)
        return !running.isEmpty && running.allSatisfy { isFresh($0.name) }
    }

    /// Returns the number of objects that a view lists: from its rows when they are newer than the broker's count, so
    /// that all parts of the screen show the same number.
    public func count(of view: ViewID) -> Int? {
        let told: Int? =
            switch view {
            case .connections: cluster?.overview.connections
            case .channels: cluster?.overview.channels
            case .consumers: cluster?.overview.consumers
            case .queues: cluster?.overview.queues
            case .exchanges: cluster?.overview.exchanges
            case .overview, .nodes, .events, .client, .lab, .named: nil
            }
        guard view == self.view, scope == nil, vhost == nil, let table = table(of: view), table.filter == .none,
            let at = table.at
        else { return told }
        guard let cluster else { return table.total }
        return at >= cluster.at || told == nil ? table.total : told
    }
}
