public import Foundation
import Names

/// The messages of the whole cluster.
public struct MessageTotals: Sendable, Equatable {
    public var ready: Int?
    public var unacked: Int?
    public var messages: Int?
    /// When they were counted.
    public var at: Date
    /// Whether they are the sum over the queue rows; else the broker's own, which may be of another moment than the rows.
    public var isSumOfRows: Bool

    public init(ready: Int? = nil, unacked: Int? = nil, messages: Int? = nil, at: Date, isSumOfRows: Bool) {
        self.ready = ready
        self.unacked = unacked
        self.messages = messages
        self.at = at
        self.isSumOfRows = isSumOfRows
    }
}

extension State {
    /// Seconds for which a whole report of the queues counts: it comes every five.
    static let reportPeriod = 15.0

    /// Counts the messages anew: over the rows where those are all there are, so that the sum above them is theirs.
    mutating func countMessages() {
        guard frozenAt == nil else { return }
        // Where no queues are shown, nobody asks for their depths.
        let showsQueues = view == .queues || view == .overview
        if showsQueues, let at = queues.at, hasAllQueues {
            var ready = 0
            var unacked = 0
            var messages = 0
            // By place: neither a row nor an identity is copied for each of what may be 100,000 queues.
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
        guard let totals else { return }
        history.record(.cluster, .ready, totals.ready, at: totals.at)
        history.record(.cluster, .unacked, totals.unacked, at: totals.at)
    }

    /// Takes note of a report of all queues, or of all that one node hosts.
    mutating func noteReport(_ part: QueueDepthsPart) {
        guard part.isComplete, part.vhost == nil else { return }
        if wholeReports.count > 1_000 { wholeReports = [:] }
        wholeReports[part.source == .management ? "" : part.node ?? ""] = part.at
    }

    /// Whether the rows are all queues there are: a whole list was had lately, or a report of every running node.
    private var hasAllQueues: Bool {
        let oldest = now.addingTimeInterval(-Self.reportPeriod)
        func isFresh(_ node: Name) -> Bool { wholeReports[node].map { $0 >= oldest } ?? false }
        if isFresh("") { return true }
        let running = (cluster?.nodes ?? []).filter(\.running)
        return !running.isEmpty && running.allSatisfy { isFresh($0.name) }
    }

    /// How many there are of what a view lists: by its rows where they are the newer count, so that both say the same.
    public func count(of view: ViewID) -> Int? {
        let told: Int? =
            switch view {
            case .connections: cluster?.overview.connections
            case .channels: cluster?.overview.channels
            case .consumers: cluster?.overview.consumers
            case .queues: cluster?.overview.queues
            case .exchanges: cluster?.overview.exchanges
            case .overview, .nodes, .events, .client, .lab: nil
            }
        guard view == self.view, scope == nil, vhost == nil, let table = table(of: view), table.filter == .none,
            let at = table.at
        else { return told }
        guard let cluster else { return table.total }
        return at >= cluster.at || told == nil ? table.total : told
    }
}
