import Foundation
import Names
import RabbitMQManagement
import TopCore

extension Poller {
    /// The number of queues whose details are remembered.
    static let knownQueues = 5_000

    var majorVersion: Int? { BrokerVersion(overview?.brokerVersion)?.major }

    // MARK: Bulk

    /// Compares the number of queues in Prometheus with the overview. A queue appears some seconds after its broker
    /// started, and the queues of rabbittop's own listeners are added meanwhile. Until Prometheus reports all queues,
    /// both are polled every second for some time. A later difference only means that queues come and go.
    private func noteBulk(rows: Int, of node: Name, vhost: Name?) {
        bulkRows = bulkRows.filter { facts.prometheusNodes.contains($0.key) }
        bulkRows[node] = rows
        let told = bulkRows.values.reduce(0, +)
        // The number of queues in one vhost is not known.
        let differs = vhost == nil && bulkRows.count == facts.prometheusNodes.count && told != overview?.queues
        let isIncomplete = told == 0 || differs
        if !facts.isStarting { incompletePollsLeft = isIncomplete ? max(0, incompletePollsLeft - 1) : 0 }
        facts.isBulkIncomplete = incompletePollsLeft > 0
    }

    func pollBulk(_ node: Name) async -> AskResult {
        guard let address = prometheus[node] else { return .skipped }
        let vhost = PollPlan.depthVhost(interest)
        do {
            let gauges = try await lists.client.queueGauges(at: address, vhost: vhost)
            let at = clock.date()
            if isPrometheusAssumed, let cluster = overview?.clusterName, let found = gauges.cluster,
                found != Name(cluster)
            {
                markUseless(node)
                sourceHealth.set(
                    .prometheus, node: node, .notEnabled,
                    "\(address) is another broker: its cluster is '\(found)', not '\(cluster)'",
                    advice: Self.prometheusAdvice)
                return .refused
            }
            guard gauges.hasDepths || overview?.queues == 0 else {
                markUseless(node)
                sourceHealth.failed(
                    .prometheus, node: node,
                    SourceHealth.Trouble(
                        state: .notEnabled, problem: "\(address) has no depths of single queues",
                        advice: "RabbitMQ 3.9 and later has them."))
                return .refused
            }
            let depths = gauges.rows.compactMap { $0.hasDepth ? QueueDepth($0) : nil }
            inbox.post(
                .queueDepths(
                    QueueDepthsPart(
                        at: at, source: .prometheus, node: node, vhost: vhost,
                        depths: withoutOwn(depths))))
            noteBulk(rows: depths.count, of: node, vhost: vhost)
            if believes(.prometheus(node: node)) {
                let interval = max(5, plan.pace(of: .bulk(node: node)) ?? 5)
                sourceHealth.answered(.prometheus, node: node, at: at, interval: interval)
            }
            return .answered
        } catch {
            if case .cancelled = error.code { return .skipped }
            if isPrometheusAssumed, sourceHealth.status(.prometheus, node: node)?.lastSuccess == nil {
                // The endpoint was only assumed, so the management API is used instead.
                markUseless(node)
                sourceHealth.set(
                    .prometheus, node: node, .notEnabled, "no Prometheus endpoint answers at \(address)",
                    advice: Self.prometheusAdvice)
                return .refused
            }
            sourceHealth.failed(.prometheus, node: node, SourceHealth.Trouble(error))
            switch error.code {
            case .notEnabled, .notFound, .badRequest, .notJSON, .methodNotAllowed:
                markUseless(node)
                return .refused
            default: return error.result == .refused ? .dead : error.result
            }
        }
    }

    private static let prometheusAdvice =
        "The broker does not report its ports to this user: name its own with --prometheus-port."

    private var isPrometheusAssumed: Bool {
        overview.map { BrokerAddress.isPrometheusAssumed(configuration, $0) } ?? false
    }

    private func markUseless(_ node: Name) {
        uselessEndpoints.insert(node)
        facts.prometheusNodes.removeAll { $0 == node }
        facts.lacksBulk = facts.prometheusNodes.isEmpty
    }

    /// Requests all queues with their depths from the management API, page by page.
    func pollCheap() async throws(ManagementError) {
        let vhost = PollPlan.depthVhost(interest)
        let lacksStatistics = facts.lacksStatistics
        let rows = try await asking(vhost) { () async throws(ManagementError) in
            try await lists.queues(
                vhost: vhost, lacksStatistics: lacksStatistics, enough: PollPlan.smallList)
        }
        let depths = rows.map(QueueDepth.init)
        if vhost == nil { try await noteVhosts(Set(rows.map(\.vhost)), of: .cheap) }
        take(rows.filter { Self.isDown($0.state) })
        inbox.post(
            .queueDepths(
                QueueDepthsPart(at: clock.date(), source: .management, vhost: vhost, depths: withoutOwn(depths))))
    }

    // MARK: Rich

    /// Requests the queues on the screen one by one, a few at a time, except those that were reported recently.
    func pollRich() async throws(ManagementError) {
        let now = clock.uptime()
        let wanted = interest.queues.prefix(50)
        var due = Array(wanted).filter {
            now - (queues[$0]?.at ?? -.infinity) > 4 && mayOpen($0.vhost) && !downQueues.contains($0)
        }
        if facts.logsEveryRequest {
            try await pollRichPages(due)
        } else {
            let open = Set(due.map(\.vhost)).filter { refusals.mayAsk($0, .http, at: now) }
            due.removeAll { !open.contains($0.vhost) }
            try await pollRichOneByOne(due)
        }
        // What was refused recently would be refused again, and was not requested.
        for id in wanted where refusals.holds(id.vhost, .http, at: now) { throw refusal(in: id.vhost) }
    }

    func pollRichOneByOne(_ due: [EntityID]) async throws(ManagementError) {
        guard !due.isEmpty else { return }
        let client = management
        let answers = await withTaskGroup(of: QueueAnswer.self, returning: [QueueAnswer].self) { tasks in
            var answers: [QueueAnswer] = []
            var rest = due[...]
            func next() {
                guard !answers.contains(where: \.isFailure), let id = rest.popFirst() else { return }
                tasks.addTask { await QueueAnswer(asking: client, for: id) }
            }
            for _ in 0..<2 { next() }
            while let answer = await tasks.next() {
                answers.append(answer)
                next()
            }
            return answers
        }
        var gone: [EntityID] = []
        for answer in answers {
            if let error = answer.error { note(error, in: answer.id.vhost) }
            if answer.queue != nil { refusals.admitted(answer.id.vhost, .http) }
            if answer.isGone { gone.append(answer.id) }
        }
        let found = answers.compactMap(\.queue)
        let failure = answers.first(where: \.isFailure)?.error
        take(found)
        for id in gone { queues[id] = nil }
        if let failure { throw failure }
    }

    /// Requests the queues on the screen, many in one request.
    func pollRichPages(_ due: [EntityID]) async throws(ManagementError) {
        for (vhost, ids) in Dictionary(grouping: due, by: \.vhost) {
            var found: [QueueInfo] = []
            for pattern in NamePattern.patterns(matching: ids.map(\.name)) {
                let query = ListQuery(
                    page: 1, pageSize: BrokerLists.pageSize, name: pattern, isRegularExpression: true,
                    columns: Self.richColumns)
                let page = try await asking(vhost) { () async throws(ManagementError) in
                    try await lists.queues(query, vhost: vhost)
                }
                found += page
            }
            take(found.filter { ids.contains(EntityID(vhost: $0.vhost, name: $0.name)) })
        }
    }

    /// What the rows show; messages on their way to a dead-letter exchange, bytes and the like are in a queue's
    /// details.
    static let richColumns: [String] = {
        // What no column shows, and the details and the diagnosis need.
        let more = [
            "exclusive", "owner_pid_details", "operator_policy", "effective_policy_definition", "delivery_limit",
            "head_message_timestamp", "message_bytes", "members", "online", "leader", "consumer_capacity",
        ]
        var members: [String] = []
        for member in QueueRow.columns.compactMap(\.brokerMember) + more where !members.contains(member) {
            members.append(member)
        }
        return members
    }()

    /// Whether the queue has no process that could report its state.
    static func isDown(_ state: String?) -> Bool {
        switch state {
        case "down", "stopped", "crashed": true
        default: false
        }
    }

    /// Requests the queues whose node is down, which Prometheus does not report; sorted by state they come first.
    func pollDownQueues() async throws(ManagementError) {
        let vhost = PollPlan.depthVhost(interest)
        let page = try await asking(vhost) { () async throws(ManagementError) in
            try await lists.queues(
                ListQuery(page: 1, pageSize: BrokerLists.pageSize, sort: "state", columns: Self.richColumns),
                vhost: vhost)
        }
        let down = page.filter { Self.isDown($0.state) }
        takeDown(Set(down.map { EntityID(vhost: $0.vhost, name: $0.name) }))
        take(down)
    }

    /// Marks queues as available again, so that they are polled like all others.
    func takeDown(_ ids: Set<EntityID>) {
        for id in downQueues.subtracting(ids) { queues[id] = nil }
        downQueues = ids
    }

    /// Requests one page, sorted by a column that only the broker knows.
    func pollPage() async throws(ManagementError) {
        guard let order = interest.order, order.tier == .rich, let sort = order.brokerName else { return }
        let filter = Self.nameFilter(interest.filter)
        let query = ListQuery(
            page: 1, pageSize: BrokerLists.pageSize, sort: sort, isDescending: order.descending, name: filter?.name,
            isRegularExpression: filter?.isExpression ?? false)
        let vhost = interest.vhost
        let page = try await asking(vhost) { () async throws(ManagementError) in
            try await lists.queues(query, vhost: vhost)
        }
        take(page)
    }

    /// - Parameter isWhole: whether the rows are of the list of all queues, of which many are not remembered.
    func take(_ rows: [QueueInfo], isWhole: Bool = false) {
        let now = clock.uptime()
        let ours = configuration.showsOwn ? [] : own.queues
        let rows = rows.filter { $0.vhost != ExchangeListener.vhost || !ours.contains($0.name) }
        let at = clock.date()
        var part = QueuesRichPart(at: at, rows, majorVersion: majorVersion)
        complete(&part, at: at)
        var hasNew = false
        let remembersAll = !isWhole || facts.queueCount ?? .max <= Self.knownQueues
        for (depth, details) in part.queues {
            guard remembersAll || queues[depth.id] != nil else { continue }
            hasNew = hasNew || queues[depth.id] == nil
            let isDeclarable =
                details.expires == nil && details.exclusive != true && !Self.isDown(details.state)
                && details.state != "minority"
            queues[depth.id] = KnownQueue(details: details, at: now, isDeclarable: isDeclarable)
        }
        if queues.count > Self.knownQueues {
            let shown = Set(interest.queues)
            queues = queues.filter { shown.contains($0.key) || now - $0.value.at < 30 }
        }
        if !part.queues.isEmpty { inbox.post(.queuesRich(part)) }
        if hasNew { wakeSignal.ring() }
    }

    /// Returns a filter of the screen in the form of the API: plain text, or a regular expression between slashes.
    static func nameFilter(_ filter: Name) -> (name: Name, isExpression: Bool)? {
        guard !filter.isEmpty else { return nil }
        guard filter.count > 2, filter.hasPrefix("/"), filter.hasSuffix("/") else { return (filter, false) }
        return (Name(bytes: filter.bytes.dropFirst().dropLast()), true)
    }
}

/// The broker's answer for one queue.
///
/// A separate type, because Swift 6.3 with optimization corrupts a tuple of an identity and a `Result` that is returned
/// from a task group, and crashes.
private struct QueueAnswer: Sendable {
    var id: EntityID
    var queue: QueueInfo?
    var error: ManagementError?

    /// A queue on a node that is down is listed, but answers 404 when requested; only the lists show which queues are
    /// deleted.
    var isGone: Bool { error?.code == .notFound }
    var isFailure: Bool { error != nil && !isGone }

    init(asking client: ManagementClient, for id: EntityID) async {
        self.id = id
        do throws(ManagementError) {
            queue = try await client.queue(vhost: id.vhost, name: id.name).queue
        } catch {
            self.error = error
        }
    }
}
