import Foundation
import Names
import RabbitMQManagement
import TopCore

extension Poller {
    func pollCluster() async throws(ManagementError) {
        let overview = try await management.overview()
        if identity == nil { identity = try await management.whoAmI() }
        var nodes: [NodeInfo]?
        var refusal: ManagementError?
        // A user may have access to the overview but not to the nodes. This is known beforehand, and each refusal would
        // be logged.
        if identity?.canMonitor != false {
            do {
                nodes = try await management.nodes().items
            } catch {
                guard error.result != .dead else { throw error }
                if error.code != .notPermitted { refusal = error }
            }
        }
        var part = ClusterPart(at: clock.date(), overview, nodes: nodes, identity: identity)
        if let vhosts { part.take(vhosts) }
        if part.overview.unroutableRate ?? 0 > 0 { lags.unroutableAt = clock.uptime() }
        facts.hasUnroutable = lags.unroutableAt.map { clock.uptime() - $0 <= Self.unroutablePeriod } ?? false
        part.unroutable = facts.hasUnroutable ? lags.unroutable.exchanges(at: part.at) : nil
        gaps = part.gaps
        versions = knownVersions(of: nodes)
        learn(overview)
        learnLogs(nodes: nodes?.count)
        facts.hasNodeDown = (nodes ?? []).contains { $0.isRunning == false }
        if nodes != nil, !facts.hasNodeDown { takeDown([]) }
        if !configuration.showsOwn { part.overview.leaveOut(own) }
        part.hiddenVhosts = hiddenVhosts.sorted()
        lastCluster = part
        inbox.post(.cluster(part))
        if let refusal { throw refusal }
    }

    /// Returns the versions of all nodes; `nil` when not all are known. A node that is down or has just started does not
    /// tell its version: it has the one that it told last.
    private func knownVersions(of nodes: [NodeInfo]?) -> [ConfigurationItem]? {
        guard let nodes else { return nil }
        var items: [ConfigurationItem] = []
        for node in nodes {
            guard let item = ConfigurationItem(node) ?? versions?.first(where: { $0.name == node.name }) else {
                return nil
            }
            items.append(item)
        }
        return items
    }

    /// Derives the other addresses and the available data from the overview.
    private func learn(_ overview: Overview) {
        let isFirst = self.overview == nil
        self.overview = overview
        facts.queueCount = overview.queues
        facts.connectionCount = overview.connections
        facts.channelCount = overview.channels
        facts.consumerCount = overview.consumers
        facts.exchangeCount = overview.exchanges
        facts.logsEveryRequest = BrokerVersion(overview.brokerVersion)?.logsEveryRequest ?? false
        let counts = [overview.connections, overview.channels, overview.consumers]
        facts.isSmall = counts.allSatisfy { ($0 ?? .max) <= PollPlan.smallBroker }
        assumed.note(
            isAssumed: BrokerAddress.isAMQPAssumed(configuration, overview), cluster: Name(overview.clusterName))
        facts.lacksStatistics = overview.isStatisticsDisabled
        let finding = BrokerAddress.amqp(configuration, overview)
        noteStart(isIncomplete: finding.address == nil && !finding.isElsewhere && !assumed.isRefuted)
        // Addresses that are known already do not change.
        if amqp != nil, facts.isStarting { return wakeSignal.ring() }
        amqp = assumed.isRefuted ? nil : finding.address
        prometheus = BrokerAddress.prometheus(configuration, overview)
        sourceHealth.keep(.prometheus, nodes: Set(prometheus.keys))
        let usable = prometheus.keys.filter { !uselessEndpoints.contains($0) }.sorted()
        facts.prometheusNodes = usable
        facts.lacksBulk = usable.isEmpty
        if prometheus.isEmpty {
            sourceHealth.set(
                .prometheus, .notEnabled, "the broker reports no Prometheus endpoint",
                advice: "rabbitmq-plugins enable rabbitmq_prometheus, on every node")
        } else {
            sourceHealth.remove(.prometheus)
        }
        if amqp == nil {
            sourceHealth.set(
                .amqp, .notEnabled,
                assumed.problem.map(SourceHealth.Trouble.clause)
                    ?? (finding.isElsewhere
                        ? finding.problem : "the broker reports no AMQP listener that we could use"),
                advice: assumed.isRefuted ? AssumedAddress.advice : "Name the address with --amqp-uri.")
        } else if isFirst {
            sourceHealth.set(.amqp, .off, interval: 1)
            onSuspicion?()
        }
        wakeSignal.ring()
    }

    /// Detects a broker that is starting: it reports its listeners one after the other, and lists without what it has
    /// not opened yet. It is polled every second for some time, and for everything when it is complete.
    private func noteStart(isIncomplete: Bool) {
        let wasIncomplete = startPolls > 0
        startPolls = isIncomplete ? min(startPolls + 1, Self.mostStartPolls) : 0
        facts.isStarting = isIncomplete && startPolls < Self.mostStartPolls
        guard wasIncomplete, !isIncomplete else { return }
        plan.hurry(at: clock.uptime()) { ask in
            switch ask.source {
            case .management: ask != .pulse
            case .prometheus: true
            case .amqp, .client, .attached: false
            }
        }
    }

    private static let mostStartPolls = 20

    func pollVhosts() async throws(ManagementError) {
        let list = try await lists.client.vhosts().items
        vhosts = list
        inbox.post(.vhosts(list.map(\.name).sorted()))
        try await learnAccess()
    }

    /// Finds out which vhosts the user may open. A list over all vhosts silently leaves out the others, whereas a
    /// request for one of them is refused, and the refusal logged. Every vhost contains this exchange.
    private func learnAccess() async throws(ManagementError) {
        let page = try await lists.client.exchanges(
            ListQuery(
                page: 1, pageSize: BrokerLists.pageSize, name: "^amq\\.direct$", isRegularExpression: true,
                columns: ["name", "vhost"]))
        // If there are too many for one page, the access is found out on demand.
        let before = access
        access = page.pageCount > 1 || page.undecodable > 0 ? nil : Set(page.items.map(\.vhost))
        // Earlier refusals say nothing about permissions that were granted since.
        if let access, let before { for vhost in access.subtracting(before) { refusals.forget(vhost) } }
        learnHidden()
    }
}
