import Faults
import Names
import Synchronization
public import TopCore

/// Passes data from the tasks that poll the broker to the thread that shows it.
///
/// Only the latest snapshot of each part is kept; events wait in a bounded, counted queue; reports of operations are
/// never lost, except for progress that is superseded by later progress.
public final class Inbox: Sendable {
    private struct Contents {
        var snapshots: [PartKey: Snapshot] = [:]
        var order: [PartKey] = []
        var entries: [LedgerEntry] = []
        var eventBytes = 0
        var dropped: UInt64 = 0
        var ledger: [LedgerReport] = []
        var reports: [(id: OperationID, report: OperationReport)] = []
        /// The index in `reports` of an operation's latest progress.
        var progress: [OperationID: Int] = [:]
        /// The latest answers of the history.
        var moment: Moment??
        var curves: [CurveRequest: Curve] = [:]
        var recording: RecordingStatus?
        var clusters: [Name: ClusterSummary] = [:]
        var clusterChange: ClusterChange?
        var hasCalled = false

        var isEmpty: Bool {
            snapshots.isEmpty && entries.isEmpty && ledger.isEmpty && dropped == 0 && reports.isEmpty
                && moment == nil && curves.isEmpty && recording == nil && clusters.isEmpty && clusterChange == nil
        }
    }

    private let eventCapacity: Int
    private let eventByteCapacity: Int
    private let onArrival: @Sendable () -> Void
    private let contents = Mutex(Contents())

    /// Creates an inbox.
    ///
    /// - Parameters:
    ///   - eventCapacity: the highest number of waiting entries; further ones are dropped and counted.
    ///   - eventByteCapacity: the highest size of the waiting entries, in bytes.
    ///   - onArrival: called from any thread when something arrives in the empty inbox, once until the next `drain`.
    public init(
        eventCapacity: Int = 20_000, eventByteCapacity: Int = 16 << 20, onArrival: @escaping @Sendable () -> Void = {}
    ) {
        precondition(eventCapacity > 0, "an inbox holds at least one event")
        self.eventCapacity = eventCapacity
        self.eventByteCapacity = eventByteCapacity
        self.onArrival = onArrival
    }

    /// Removes and returns everything, each kind in order of arrival: snapshots, events, then operations.
    public func drain() -> [Event] {
        let taken = contents.withLock { contents in
            let taken = contents
            contents = Contents()
            return taken
        }
        var events: [Event] = taken.order.compactMap { key in taken.snapshots[key].map(Event.snapshot) }
        if !taken.ledger.isEmpty { events.append(.reports(taken.ledger)) }
        if !taken.entries.isEmpty || taken.dropped > 0 {
            events.append(.entries(taken.entries, dropped: taken.dropped))
        }
        events.append(contentsOf: taken.reports.map { Event.operation($0.id, $0.report) })
        if let recording = taken.recording { events.append(.recording(recording)) }
        if !taken.clusters.isEmpty { events.append(.clusters(Array(taken.clusters.values))) }
        if let change = taken.clusterChange { events.append(.clusterChange(change)) }
        if let moment = taken.moment { events.append(.moment(moment)) }
        if !taken.curves.isEmpty { events.append(.curves(Array(taken.curves.values))) }
        return events
    }

    /// Adds a snapshot, replacing an earlier one of the same part.
    package func post(_ snapshot: Snapshot) {
        change { contents in
            let key = PartKey(snapshot)
            if let earlier = contents.snapshots[key] {
                contents.snapshots[key] = snapshot.keeping(earlier)
            } else {
                contents.order.append(key)
                contents.snapshots[key] = snapshot
            }
        }
    }

    package func post(entries: [LedgerEntry], dropped: UInt64 = 0) {
        guard !entries.isEmpty || dropped > 0 else { return }
        change { contents in
            contents.dropped += dropped
            for (index, entry) in entries.enumerated() {
                guard contents.entries.count < eventCapacity, contents.eventBytes < eventByteCapacity else {
                    contents.dropped += UInt64(entries.count - index)
                    break
                }
                contents.entries.append(entry)
                contents.eventBytes += entry.byteCount
            }
        }
    }

    /// Adds activities, faults and the connections they hit. Entries are added by `post(entries:dropped:)`, when all
    /// sources have reported what they know.
    package func post(reports: [LedgerReport]) {
        guard !reports.isEmpty else { return }
        change { contents in
            contents.ledger.append(contentsOf: reports.prefix(max(0, eventCapacity - contents.ledger.count)))
        }
    }

    /// Adds the answer of the history to a search; the latest one counts.
    package func post(_ moment: Moment?) {
        change { $0.moment = .some(moment) }
    }

    /// Adds figures over time; for the same request the latest ones count.
    package func post(_ curves: [Curve]) {
        change { contents in
            for curve in curves { contents.curves[curve.request] = curve }
        }
    }

    /// Adds what the history holds and what is recorded; the latest status counts.
    package func post(_ recording: RecordingStatus) {
        change { $0.recording = recording }
    }

    /// Adds how a cluster of the configuration is; the latest summary counts.
    package func post(_ summary: ClusterSummary) {
        change { $0.clusters[summary.name] = summary }
    }

    /// Adds whether another cluster can be shown; the latest answer counts.
    package func post(_ answer: ClusterChange) {
        change { $0.clusterChange = answer }
    }

    package func post(_ report: OperationReport, of id: OperationID) {
        change { contents in
            guard case .progress = report else {
                contents.progress[id] = nil
                contents.reports.append((id, report))
                return
            }
            if let place = contents.progress[id] {
                contents.reports[place].report = report
            } else {
                contents.progress[id] = contents.reports.count
                contents.reports.append((id, report))
            }
        }
    }

    private func change(_ body: (inout Contents) -> Void) {
        let calls = contents.withLock { contents in
            body(&contents)
            guard !contents.hasCalled, !contents.isEmpty else { return false }
            contents.hasCalled = true
            return true
        }
        if calls { onArrival() }
    }
}

/// Identifies what a snapshot replaces: the earlier one of the same part, source and node.
enum PartKey: Hashable {
    case cluster
    case queueDepths(DepthSource, node: Name?, vhost: Name?)
    case queuesLive, queuesRich
    case connections(isWhole: Bool), channels(isWhole: Bool), consumers(isWhole: Bool), exchanges(isWhole: Bool)
    case client, lab
    case vhosts, detail, sources, cost, faults, configuration, route, incoming
    case named(NamedView)

    init(_ snapshot: Snapshot) {
        self =
            switch snapshot {
            case .cluster: .cluster
            case .queueDepths(let part): .queueDepths(part.source, node: part.node, vhost: part.vhost)
            case .queuesLive: .queuesLive
            case .queuesRich: .queuesRich
            case .connections(let part): .connections(isWhole: part.isWhole)
            case .channels(let part): .channels(isWhole: part.isWhole)
            case .consumers(let part): .consumers(isWhole: part.isWhole)
            case .exchanges(let part): .exchanges(isWhole: part.isWhole)
            case .client: .client
            case .lab: .lab
            case .vhosts: .vhosts
            case .detail: .detail
            case .sources: .sources
            case .cost: .cost
            case .faults: .faults
            case .configuration: .configuration
            case .route: .route
            case .incoming: .incoming
            case .named(let part): .named(part.view)
            }
    }
}

extension Snapshot {
    /// Returns the snapshot completed from the one it replaces. A part that describes only some queues keeps the other
    /// queues.
    fileprivate func keeping(_ earlier: Snapshot) -> Snapshot {
        switch (self, earlier) {
        case (.queuesLive(var part), .queuesLive(let before)) where part.depths.count + before.depths.count < 5_000:
            let told = Set(part.depths.map(\.id)).union(part.gone)
            part.depths.append(contentsOf: before.depths.filter { !told.contains($0.id) })
            part.gone.append(contentsOf: before.gone.filter { !told.contains($0) })
            return .queuesLive(part)
        case (.queuesRich(var part), .queuesRich(let before)) where part.queues.count + before.queues.count < 50_000:
            let told = Set(part.queues.map(\.depth.id)).union(part.gone)
            part.queues.append(contentsOf: before.queues.filter { !told.contains($0.depth.id) })
            part.gone.append(contentsOf: before.gone.filter { !told.contains($0) })
            return .queuesRich(part)
        default: return self
        }
    }
}
