import Foundation
import RabbitMQManagement
import TopCore

extension Conductor {
    /// How many details of queues are remembered.
    static let knownQueues = 5_000

    var majorVersion: Int? {
        (overview?.rabbitMQVersion ?? overview?.managementVersion)?.split(separator: ".").first.flatMap { Int($0) }
    }

    // MARK: Bulk

    func pollBulk(_ node: String) async -> AskResult {
        guard let address = prometheus[node] else { return .skipped }
        let vhost = interest.vhost
        do {
            let gauges = try await lists.queueGauges(at: address, vhost: vhost)
            let at = Date()
            guard gauges.hasDepths || overview?.queues == 0 else {
                markUseless(node)
                board.failed(
                    .prometheus, node: node,
                    SourceBoard.Trouble(
                        state: .notEnabled, problem: "\(address) has no depths of single queues",
                        advice: "RabbitMQ 3.9 and later has them."))
                return .refused
            }
            inbox.post(
                .queueDepths(
                    QueueDepthsPart(
                        at: at, source: .prometheus, node: node, vhost: vhost, depths: gauges.rows.map(QueueDepth.init))
                ))
            board.answered(.prometheus, node: node, at: at, interval: 5)
            return .answered
        } catch {
            if case .cancelled = error.code { return .skipped }
            board.failed(.prometheus, node: node, SourceBoard.Trouble(error))
            switch error.code {
            case .notEnabled, .notFound, .badRequest, .notJSON, .methodNotAllowed:
                markUseless(node)
                return .refused
            default: return error.result == .refused ? .dead : error.result
            }
        }
    }

    private func markUseless(_ node: String) {
        uselessEndpoints.insert(node)
        facts.prometheusNodes.removeAll { $0 == node }
        facts.lacksBulk = facts.prometheusNodes.isEmpty
    }

    /// All queues with their depths from the management API, page by page.
    func pollCheap() async throws(ManagementError) {
        let vhost = interest.vhost
        let mode: QueueListMode = overview?.isStatisticsDisabled == true ? .totals : .full
        var depths: [QueueDepth] = []
        var page = 1
        while true {
            let answer = try await lists.queues(
                ListQuery(page: page, pageSize: 500, sort: "name"), vhost: vhost, mode: mode)
            depths.append(contentsOf: answer.items.map(QueueDepth.init))
            page += 1
            guard page <= answer.pageCount, !answer.items.isEmpty, depths.count <= PollPlan.smallList else { break }
        }
        inbox.post(.queueDepths(QueueDepthsPart(at: Date(), source: .management, vhost: vhost, depths: depths)))
    }

    // MARK: Rich

    /// The queues on the screen one by one, a few at a time; those that were told of a moment ago are left out.
    func pollRich() async throws(ManagementError) {
        let now = Uptime.now
        let wanted = interest.queues.prefix(50)
        let due = wanted.filter { now - (queues[$0]?.at ?? -.infinity) > 4 }
        guard !due.isEmpty else { return }
        let client = management
        var found: [RabbitMQManagement.QueueRow] = []
        var gone: [EntityID] = []
        var failure: ManagementError?
        await withTaskGroup(of: QueueAnswer.self) { tasks in
            var rest = due[...]
            func next() {
                guard failure == nil, let id = rest.popFirst() else { return }
                tasks.addTask { await QueueAnswer(asking: client, for: id) }
            }
            for _ in 0..<4 { next() }
            while let answer = await tasks.next() {
                if let queue = answer.queue { found.append(queue) }
                if let error = answer.error {
                    // A queue on a node that is down is listed, and 404 when asked for: only the lists say what is gone.
                    if case .notFound = error.code { gone.append(answer.id) } else { failure = failure ?? error }
                }
                next()
            }
        }
        take(found)
        for id in gone { queues[id] = nil }
        if let failure { throw failure }
    }

    /// One page, sorted by the broker by what only it knows.
    func pollPage() async throws(ManagementError) {
        guard let sort = Self.queueSort[interest.sort] else { return }
        let filter = Self.nameFilter(interest.filter)
        let page = try await lists.queues(
            ListQuery(
                page: 1, pageSize: 500, sort: sort, isDescending: interest.descending, name: filter?.name,
                isRegularExpression: filter?.isExpression ?? false), vhost: interest.vhost)
        take(page.items)
    }

    private func take(_ rows: [RabbitMQManagement.QueueRow]) {
        let now = Uptime.now
        let part = rows.map { row in
            (depth: QueueDepth(row), details: TopCore.QueueDetails(row, majorVersion: majorVersion))
        }
        var hasNew = false
        for (depth, details) in part {
            hasNew = hasNew || queues[depth.id] == nil
            let isDeclarable = details.expires == nil && details.exclusive != true
            queues[depth.id] = KnownQueue(details: details, at: now, isDeclarable: isDeclarable)
        }
        if queues.count > Self.knownQueues {
            let shown = Set(interest.queues)
            queues = queues.filter { shown.contains($0.key) || now - $0.value.at < 30 }
        }
        if !part.isEmpty { inbox.post(.queuesRich(QueuesRichPart(at: Date(), queues: part))) }
        if hasNew { bell.ring() }
    }

    /// The management API's names of the columns that it is left to sort by.
    static let queueSort: [String: String] = [
        "type": "type", "state": "state", "node": "node", "memory": "memory", "policy": "policy",
        "publish_rate": "message_stats.publish_details.rate", "deliver_rate": "message_stats.deliver_get_details.rate",
        "ack_rate": "message_stats.ack_details.rate", "redeliver_rate": "message_stats.redeliver_details.rate",
        "dead_letter_exchange": "arguments.x-dead-letter-exchange", "idle_since": "idle_since",
    ]

    /// A filter of the screen as the API takes it: plain text, or a regular expression between slashes.
    static func nameFilter(_ filter: String) -> (name: String, isExpression: Bool)? {
        guard !filter.isEmpty else { return nil }
        guard filter.count > 2, filter.hasPrefix("/"), filter.hasSuffix("/") else { return (filter, false) }
        return (String(filter.dropFirst().dropLast()), true)
    }
}

/// What the broker said of one queue.
///
/// A type of its own: Swift 6.3 with optimization takes a tuple of an identity and a `Result` out of a task group with its
/// words in the wrong places, and crashes.
private struct QueueAnswer: Sendable {
    var id: EntityID
    var queue: RabbitMQManagement.QueueRow?
    var error: ManagementError?

    init(asking client: ManagementClient, for id: EntityID) async {
        self.id = id
        do throws(ManagementError) {
            queue = try await client.queue(vhost: id.vhost, name: id.name).queue
        } catch {
            self.error = error
        }
    }
}
