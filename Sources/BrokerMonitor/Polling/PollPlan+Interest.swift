import Names
import RabbitMQManagement
import TopCore

/// What is known of the broker, as far as it decides what to poll.
struct BrokerFacts: Sendable, Equatable {
    /// The names of the nodes whose Prometheus endpoint is polled.
    var prometheusNodes: [Name] = []
    /// Whether no endpoint is known to serve depths in bulk.
    var lacksBulk = false
    /// Whether the broker collects no statistics; then it refuses the lists of channels and consumers, or returns empty
    /// ones.
    var lacksStatistics = false
    /// The number of queues.
    var queueCount: Int?
    /// The numbers of connections, channels, consumers and exchanges; nil while they are not known.
    var connectionCount: Int?
    var channelCount: Int?
    var consumerCount: Int?
    var exchangeCount: Int?
    /// Whether there are so few connections, channels and consumers that listing all of them is cheap.
    var isSmall = false
    /// Whether there is an attached process to poll.
    var isAttached = false
    /// The number of queues on the screen that may be declared passively, by vhost.
    var liveQueues: [Name: Int] = [:]
    /// Feeds that were lost; they are probed whatever is on the screen.
    var missing: [PolledSource] = []
    /// Whether the broker logs each HTTP request (RabbitMQ 4.3 and later); then fewer and larger requests are sent.
    var logsEveryRequest = false
    /// Whether some listed queues are on a node that is down; Prometheus does not report them.
    var hasNodeDown = false
    /// Whether the broker seems to be starting: it answers, but not all of its listeners are reported.
    var isStarting = false
    /// What to request of the logs of quorum queues and streams; none where there is nothing to learn.
    var logFamilies: Set<LogGauges.Family> = []
    /// The nodes that are not asked for them now, because that failed.
    var restingLogs: Set<Name> = []
    /// Whether messages reached no queue lately.
    var hasUnroutable = false
    /// Whether consumers of the stream protocol are known, and the broker tells how far they are.
    var hasStreamConsumers = false
    /// Whether Prometheus does not report all queues yet, as happens for some seconds after a broker's start.
    var isBulkIncomplete = false
}

extension PollPlan {
    /// The highest number of connections, channels and consumers that are polled for the diagnosis alone.
    static let smallBroker = 500

    /// The highest number of queues for which the whole list is polled if the bulk tier is missing.
    static let smallList = 2_000

    /// Returns the requests that this interest needs: what is on the screen, and with `watchesAll` everything else in
    /// the background.
    static func wants(_ interest: Interest, _ facts: BrokerFacts) -> [Ask: Want] {
        var wants = shown(interest, facts)
        if interest.watchesAll { addBackground(to: &wants, interest, facts) }
        return wants
    }

    /// Returns the requests for what is on the screen and in the header.
    private static func shown(_ interest: Interest, _ facts: BrokerFacts) -> [Ask: Want] {
        let depths = depthSubject(interest)
        var wants: [Ask: Want] = [
            // A little longer than any other interval: while something else answers, the pulse is not sent.
            .pulse: Want(every: facts.logsEveryRequest ? 8 : 1),
            .cluster: Want(every: facts.isStarting || facts.isBulkIncomplete ? 1 : 5),
            .vhosts: Want(every: facts.logsEveryRequest ? 60 : 15),
        ]
        for source in facts.missing {
            switch source {
            case .prometheus(let node): wants[.bulk(node: node)] = Want(every: 5, subject: depths)
            case .amqp(let vhost): wants[.live(vhost: vhost)] = Want(every: 1)
            case .management, .client, .attached: break
            }
        }
        if let route = interest.route { wants[.route] = Want(every: 10, subject: route.hashValue) }
        if let row = interest.incoming { wants[.incoming] = Want(every: 10, subject: row.hashValue) }
        guard !interest.frozen else { return wants }
        let list = listSubject(interest)
        let showsQueues = interest.view == .queues || interest.view == .overview || !interest.queues.isEmpty
        if showsQueues {
            for node in facts.prometheusNodes {
                wants[.bulk(node: node)] = Want(
                    every: facts.isBulkIncomplete ? 1 : 5, subject: depths)
            }
            if facts.lacksBulk, (facts.queueCount ?? 0) <= smallList {
                wants[.cheap] = Want(every: 5, subject: depths)
            }
            if facts.hasNodeDown { wants[.downQueues] = Want(every: 10, subject: depths) }
        }
        if !interest.queues.isEmpty {
            wants[.rich] = Want(every: 5, subject: Set(interest.queues).hashValue)
            for (vhost, subject) in facts.liveQueues {
                wants[.live(vhost: vhost)] = Want(every: max(0.2, interest.interval), subject: subject)
            }
        }
        switch interest.view {
        case .overview:
            wants[.client] = Want(every: max(1, interest.interval))
            if facts.isAttached { wants[.attached] = Want(every: max(2, interest.interval)) }
            // The diagnosis reads all of them; of long lists it sees only the rows on the screen.
            if facts.isSmall, !facts.lacksStatistics, !interest.watchesAll {
                wants[.connections] = Want(every: 10, subject: list)
                wants[.channels] = Want(every: 10, subject: list)
                wants[.consumers] = Want(every: 10, subject: list)
            }
        // Activity of rabbittop's own clients becomes an event immediately.
        case .events: wants[.client] = Want(every: max(1, interest.interval))
        case .nodes, .lab: break
        case .named(let view): wants[.named(view)] = Want(every: view.interval, subject: list)
        case .queues:
            if interest.order?.tier == .rich { wants[.page] = Want(every: 5, subject: list) }
        case .connections, .channels:
            wants[.connections] = Want(every: 5, subject: list)
            wants[.channels] = Want(every: 5, subject: list)
        case .consumers:
            wants[.consumers] = Want(every: 5, subject: list)
            wants[.connections] = Want(every: 5, subject: list)
            wants[.channels] = Want(every: 5, subject: list)
        case .exchanges:
            wants[.exchanges] = Want(every: 5, subject: list)
            wants[.bindings] = Want(every: 5, subject: list)
        case .client:
            wants[.client] = Want(every: max(0.2, interest.interval))
            if facts.isAttached { wants[.attached] = Want(every: max(0.5, interest.interval)) }
            wants[.connections] = Want(every: 5)
            wants[.channels] = Want(every: 5)
        }
        if let scope = interest.scope {
            switch scope {
            case .connection, .channel:
                wants[.connections] = wants[.connections] ?? Want(every: 5, subject: list)
                wants[.channels] = wants[.channels] ?? Want(every: 5, subject: list)
            case .queue, .exchange, .node: break
            }
        }
        if facts.lacksStatistics {
            wants[.channels] = nil
            wants[.consumers] = nil
            wants[.page] = nil
        }
        if let detail = interest.detail { wants[.detail] = Want(every: 5, subject: detail.hashValue) }
        return wants
    }

    /// The depths of all queues are the same for every vhost that is shown, unless only one is asked for.
    private static func depthSubject(_ interest: Interest) -> Int { depthVhost(interest).hashValue }

    /// The vhost whose depths are polled; nil for all. In the background all are watched, and the vhost shown narrows
    /// only the table.
    static func depthVhost(_ interest: Interest) -> Name? { interest.watchesAll ? nil : interest.vhost }

    private static func listSubject(_ interest: Interest) -> Int {
        var hasher = Hasher()
        hasher.combine(interest.view)
        hasher.combine(interest.vhost)
        hasher.combine(interest.order)
        hasher.combine(interest.filter)
        hasher.combine(interest.scope)
        return hasher.finalize()
    }
}
