import Names
import TopCore

/// What is known of the broker, as far as it decides what is worth asking.
struct BrokerFacts: Sendable, Equatable {
    /// The nodes whose Prometheus endpoint is to be asked, by name.
    var prometheusNodes: [Name] = []
    /// Whether no endpoint serves depths in bulk, as far as is known.
    var lacksBulk = false
    /// Whether the broker collects no statistics: then it refuses the lists of channels and consumers, or gives empty ones.
    var lacksStatistics = false
    /// How many queues there are.
    var queueCount: Int?
    /// Whether connections, channels and consumers are so few that looking at all of them costs next to nothing.
    var isSmall = false
    /// Whether there is an attached process to ask.
    var isAttached = false
    /// The vhosts of the queues on the screen that may be declared.
    var liveQueues: [Name: Int] = [:]
    /// Feeds that were lost: they are asked whether they are back, whatever is on the screen.
    var missing: [Feed] = []
    /// Whether the broker writes each HTTP request into its log (RabbitMQ 4.3 and later): fewer and larger ones then.
    var logsEveryRequest = false
    /// Whether some queues are listed whose node is down: Prometheus does not tell of them.
    var hasNodeDown = false
    /// Whether the broker seems to be starting: it answers, and not all of its listeners are there.
    var isStarting = false
    /// Whether Prometheus does not yet tell of the queues that there are, as for some seconds after a broker's start.
    var isBulkIncomplete = false
}

extension PollPlan {
    /// The most connections, channels and consumers that are looked at for the diagnosis alone.
    static let smallBroker = 500

    /// The most queues that are listed whole where the bulk tier is missing.
    static let smallList = 2_000

    /// Columns of the queue view that the bulk tier knows: by these rabbittop sorts itself.
    static let bulkColumns: Set<String> = [
        "", "name", "vhost", "messages", "ready", "unacked", "consumers", "depth_source", "depth_age_s",
    ]

    /// What this interest needs. Nothing else is asked.
    static func wants(_ interest: Interest, _ facts: BrokerFacts) -> [Ask: Want] {
        var wants: [Ask: Want] = [
            // A little longer than anything else takes: where something answers, it is not asked.
            .pulse: Want(every: facts.logsEveryRequest ? 8 : 1),
            .cluster: Want(every: facts.isStarting || facts.isBulkIncomplete ? 1 : 5),
            .vhosts: Want(every: facts.logsEveryRequest ? 60 : 15),
        ]
        for feed in facts.missing {
            switch feed {
            case .prometheus(let node): wants[.bulk(node: node)] = Want(every: 5, subject: interest.vhost.hashValue)
            case .amqp(let vhost): wants[.live(vhost: vhost)] = Want(every: 1)
            case .management, .client, .attached: break
            }
        }
        guard !interest.frozen else { return wants }
        let list = listSubject(interest)
        let showsQueues = interest.view == .queues || interest.view == .overview || !interest.queues.isEmpty
        if showsQueues {
            for node in facts.prometheusNodes {
                wants[.bulk(node: node)] = Want(
                    every: facts.isBulkIncomplete ? 1 : 5, subject: interest.vhost.hashValue)
            }
            if facts.lacksBulk, (facts.queueCount ?? 0) <= smallList {
                wants[.cheap] = Want(every: 5, subject: interest.vhost.hashValue)
            }
            if facts.hasNodeDown { wants[.downQueues] = Want(every: 10, subject: interest.vhost.hashValue) }
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
            // The diagnosis looks at all of them; of many rows it sees those that are on the screen.
            if facts.isSmall, !facts.lacksStatistics {
                wants[.connections] = Want(every: 10, subject: list)
                wants[.channels] = Want(every: 10, subject: list)
                wants[.consumers] = Want(every: 10, subject: list)
            }
        // What our own clients do is an event at once.
        case .events: wants[.client] = Want(every: max(1, interest.interval))
        case .nodes, .lab: break
        case .queues:
            if !bulkColumns.contains(interest.sort) { wants[.page] = Want(every: 5, subject: list) }
        case .connections, .channels:
            wants[.connections] = Want(every: 5, subject: list)
            wants[.channels] = Want(every: 5, subject: list)
        case .consumers:
            wants[.consumers] = Want(every: 5, subject: list)
            wants[.connections] = Want(every: 5, subject: list)
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

    private static func listSubject(_ interest: Interest) -> Int {
        var hasher = Hasher()
        hasher.combine(interest.view)
        hasher.combine(interest.vhost)
        hasher.combine(interest.sort)
        hasher.combine(interest.descending)
        hasher.combine(interest.filter)
        hasher.combine(interest.scope)
        return hasher.finalize()
    }
}
