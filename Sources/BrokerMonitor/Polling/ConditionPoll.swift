import Foundation
public import Names
public import RabbitMQManagement
public import TopCore

/// Asks a broker what a condition needs to know, and no more: single objects where it names them, lists where it counts.
public struct ConditionPoll: Sendable {
    private let poll: OneShotPoll
    private let vhost: Name?
    private let objects: [ConditionObject]
    private let countedViews: [ViewID]
    /// The vhosts in which each queue was found that is named without one.
    private var places: [Name: [Name]] = [:]

    /// Prepares to ask.
    ///
    /// - Parameter vhost: The vhost to look at; `nil` for all.
    /// - Throws: `ManagementError` if a file named in the TLS settings cannot be read.
    public init(
        _ configuration: ManagementConfiguration, for condition: BrokerCondition, vhost: Name?
    ) throws(ManagementError) {
        poll = try OneShotPoll(configuration)
        self.vhost = vhost
        objects = Array(condition.objects)
        countedViews = condition.countedViews.sorted { $0.rawValue < $1.rawValue }
    }

    /// Closes the connections to the management API.
    public func shutdown() async { await poll.shutdown() }

    /// Returns what is known now of what the condition names. What the broker does not list for this user is not known.
    ///
    /// - Throws: The first failure of a request; a missing object is none.
    public mutating func moment() async throws(ManagementError) -> Moment {
        var moment = Moment(at: Date())
        if objects.contains(where: { $0.kind == .overview || $0.kind == .node }) || !countedViews.isEmpty {
            let cluster = try await poll.cluster()
            moment.cluster = cluster.part
            moment.sources = [cluster.source]
            for view in countedViews where !cluster.part.gaps.contains(where: { $0.empties(view) }) {
                for snapshot in try await poll.rows(of: view, cluster, vhost: vhost) { moment.take(snapshot) }
            }
        }
        for object in objects where !countedViews.contains(object.kind.view) {
            switch object.kind {
            case .overview, .node: break
            case .queue: moment.add(queues: try await queues(object))
            case .exchange: try await addExchanges(to: &moment)
            case .connection:
                let name = object.name
                let found = try await BrokerLists.unlessMissing { [poll] () async throws(ManagementError) in
                    try await poll.management.connection(name)
                }
                moment.connections.add(found.map(ConnectionRow.init))
            case .channel:
                let name = object.name
                let found = try await BrokerLists.unlessMissing { [poll] () async throws(ManagementError) in
                    try await poll.management.channel(name)
                }
                moment.channels.add(found.flatMap { ChannelRow($0.channel) })
            }
        }
        moment.at = Date()
        return moment
    }

    /// Returns the queues of a name: in the vhost that is named or chosen, otherwise in each that has one.
    private mutating func queues(_ object: ConditionObject) async throws(ManagementError) -> [QueueInfo] {
        let name = object.name
        if let vhost = object.vhost ?? vhost { return try await queue(name, in: vhost).map { [$0] } ?? [] }
        // Looking for it takes the broker longer than asking for it where it was.
        if let known = places[name], known.count == 1, let queue = try await queue(name, in: known[0]) {
            return [queue]
        }
        let found = try await poll.lists.queues(.named(name), vhost: nil, enough: 0).filter { $0.name == name }
        places[name] = found.map(\.vhost)
        return found
    }

    private func queue(_ name: Name, in vhost: Name) async throws(ManagementError) -> QueueInfo? {
        try await BrokerLists.unlessMissing { [poll] () async throws(ManagementError) in
            try await poll.management.queue(vhost: vhost, name: name)
        }?.queue
    }

    private func addExchanges(to moment: inout Moment) async throws(ManagementError) {
        guard moment.exchanges == nil else { return }
        var part = try await poll.lists.exchanges(vhost: vhost)
        part.complete(try await poll.lists.bindingsOut(vhost: vhost))
        moment.exchanges = part
    }
}

extension Moment {
    /// Takes the rows of a list.
    fileprivate mutating func take(_ snapshot: Snapshot) {
        switch snapshot {
        case .queuesRich(let part): queues = ListPart(at: part.at, rows: part.rows)
        case .connections(let part): connections = part
        case .channels(let part): channels = part
        case .consumers(let part): consumers = part
        case .exchanges(let part): exchanges = part
        case .cluster, .queueDepths, .queuesLive, .client, .lab, .vhosts, .detail, .sources, .cost, .faults,
            .configuration, .route, .incoming, .named:
            break
        }
    }

    fileprivate mutating func add(queues found: [QueueInfo]) {
        let rich = QueuesRichPart(at: at, found, majorVersion: nil)
        queues = ListPart(at: at, rows: (queues?.rows ?? []) + rich.rows)
    }
}

extension QueuesRichPart {
    /// The queues as rows.
    fileprivate var rows: [QueueRow] {
        var book = QueueBook()
        _ = book.merge(self) { _, _ in }
        return queues.compactMap { book[$0.depth.id] }
    }
}

extension Optional {
    /// Adds a row to a list, which is known from then on; no row says that it is missing.
    fileprivate mutating func add<Row: Sendable & Equatable>(_ row: Row?) where Wrapped == ListPart<Row> {
        self = ListPart(at: self?.at ?? Date(), rows: (self?.rows ?? []) + (row.map { [$0] } ?? []))
    }
}
