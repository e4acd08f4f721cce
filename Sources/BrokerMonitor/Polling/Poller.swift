import Foundation
import Names
import RabbitMQClient
import RabbitMQManagement
import TopCore

/// Requests from the broker what the interest needs, when the plan says so, and posts the answers to the inbox.
actor Poller {
    let configuration: BrokerConfiguration
    let inbox: Inbox
    let sourceHealth: SourceHealth
    let entrance: AMQPEntrance
    /// The client for small requests, with a short timeout.
    let management: ManagementClient
    /// Requests lists, with a client of its own because they may take long.
    let lists: BrokerLists
    let clock: MonitorClock
    /// Returns a random number from -1 to 1, by which requests are spread.
    private let jitter: @Sendable () -> Double
    let wakeSignal: WakeSignal

    var plan = PollPlan()
    var interest = Interest()
    /// The number of interests that have been set.
    private var watches: UInt64 = 0
    var facts = BrokerFacts()

    // What was learned, as far as later requests depend on it.
    var overview: Overview?
    /// The vhosts as last listed, with their states.
    var vhosts: [VhostInfo]?
    /// The user as the broker reports it.
    var identity: UserIdentity?
    /// What the broker does not report.
    var gaps: [ClusterGap] = []
    var amqp: ConnectionConfiguration?
    var prometheus: [Name: ManagementAddress] = [:]
    /// Prometheus endpoints that answered without depths; they are not polled again until the broker restarts.
    var uselessEndpoints: Set<Name> = []
    var queues: [EntityID: KnownQueue] = [:]
    var live: [Name: LiveVhost] = [:]
    /// The state of live depths in each vhost on the screen.
    var liveStates: [Name: LiveState] = [:]
    /// Which queues the user may declare, for each vhost in which a declare was refused.
    var trials: [Name: DeclareTrials] = [:]
    /// The vhosts that the user has access to; `nil` while that is not known.
    var access: Set<Name>?
    /// The vhosts that exist and that the lists leave out, as the user has no access to them.
    var hiddenVhosts: Set<Name> = []
    /// The vhosts that the user had access to at some time.
    var onceOpenVhosts: Set<Name> = []
    /// The vhosts that a whole list last had something of.
    var listedVhosts: [Ask: Set<Name>] = [:]
    /// The last report of the cluster.
    var lastCluster: ClusterPart?
    /// The vhosts in which the user was recently refused, whatever is known of the access.
    var refusals = VhostRefusals()
    /// Queues that are listed but unavailable because their node is down.
    var downQueues: Set<EntityID> = []
    /// The number of consecutive polls in which the broker reported no AMQP listener.
    var startPolls = 0
    /// The number of queues that each Prometheus endpoint reported.
    var bulkRows: [Name: Int] = [:]
    /// How many more times the endpoints are polled early while they report fewer queues than exist.
    var incompletePollsLeft = Poller.mostIncompletePolls
    private static let mostIncompletePolls = 10
    var connections: ListPart<ConnectionRow>?
    /// The broker's connection names by the `connection_id` among their client properties.
    var namesByID: [Name: Name] = [:]
    var channels: ListPart<ChannelRow>?
    /// The connections through the proxy, while a view shows them.
    var sessions: [ProxiedConnection] = []
    // What the background knows whole; nil while it is not polled.
    var wholeConnections: ListPart<ConnectionRow>?
    var wholeChannels: ListPart<ChannelRow>?
    /// The client-provided names of the connections that are known.
    var clientNames: [Name: Name] = [:]
    /// What the details of suspects tell.
    var suspectChannels: [ChannelID: ChannelRow] = [:]
    var allBindingsOut: [EntityID: Int]?
    var queueArguments: [ConfigurationItem]?
    var exchangeItems: [ConfigurationItem]?
    var versions: [ConfigurationItem]?
    /// The parts of the configuration that the user may not read, and when they were refused.
    var refusedParts: [ConfigurationSource: Double] = [:]
    var bindingsOut: [EntityID: Int]?
    var exchanges: ListPart<ExchangeRow>?
    /// What is known of who is behind, and of unroutable messages.
    var lags = LagBook()
    var suspicions: [ClientRowID: ClientComparison.Suspicion] = [:]
    /// The process whose clients are shown beside rabbittop's own, with its last report.
    let attached: AttachedClient?
    var attachedReport: (report: ClientReport, at: Date)?
    var attachedSuspicions: [ClientRowID: ClientComparison.Suspicion] = [:]
    var meter = CostMeter()
    /// The requests that the management API refuses, with the reason.
    var limitations: [Ask: Limitation] = [:]

    /// The refusal of a request, valid as long as the same subject is wanted.
    struct Limitation {
        var trouble: SourceHealth.Trouble
        var subject: Int
    }
    /// Called with all connection names, so that events can name their connection.
    var onNames: (@Sendable ([(connection: Name, row: ConnectionRow)]) async -> Void)?
    /// Called when the broker seems to have died or come back.
    var onSuspicion: (@Sendable () -> Void)?

    var own: OwnConnections { entrance.own }
    /// Tracks whether the AMQP address is assumed because the broker does not report its listeners.
    var assumed: AssumedAddress { entrance.assumed }

    /// What is known of a queue from its details.
    struct KnownQueue {
        var details: TopCore.QueueDetails
        var at: Double
        /// Whether the queue may be declared passively.
        var isDeclarable: Bool
    }

    init(
        configuration: BrokerConfiguration, inbox: Inbox, sourceHealth: SourceHealth, entrance: AMQPEntrance,
        management: ManagementClient, lists: ManagementClient, clock: MonitorClock,
        jitter: @escaping @Sendable () -> Double = { .random(in: -1...1) }
    ) {
        self.clock = clock
        self.jitter = jitter
        wakeSignal = WakeSignal(clock: clock)
        self.configuration = configuration
        self.inbox = inbox
        self.sourceHealth = sourceHealth
        self.entrance = entrance
        self.management = management
        self.lists = BrokerLists(client: lists, clock: clock)
        amqp = configuration.amqp
        attached = configuration.attach.map { AttachedClient($0, on: entrance.group, logger: entrance.logger) }
        facts.isAttached = attached != nil
    }

    func connect(
        onNames: @escaping @Sendable ([(connection: Name, row: ConnectionRow)]) async -> Void,
        onSuspicion: @escaping @Sendable () -> Void
    ) {
        self.onNames = onNames
        self.onSuspicion = onSuspicion
    }

    func watch(_ interest: Interest) {
        self.interest = interest
        watches += 1
        wakeSignal.ring()
    }

    /// Whether everything that the interest with this number needs was answered or refused at least once.
    func isSettled(watches count: UInt64) -> Bool {
        guard watches >= count else { return false }
        takeWants(at: clock.uptime())
        return plan.isSettled
    }

    /// Polls until the task is cancelled, then closes its connections.
    func run() async {
        sourceHealth.set(.management, .connecting, interval: 5)
        if attached != nil { sourceHealth.set(.attached, .off) }
        await withDiscardingTaskGroup { tasks in
            while !Task.isCancelled {
                let now = clock.uptime()
                takeWants(at: now)
                restSources()
                for ask in plan.due(at: now) { tasks.addTask { await self.carryOut(ask) } }
                let pause = min((plan.nextDue ?? .infinity) - clock.uptime(), 1)
                await wakeSignal.wait(atMost: max(0, pause) + 0.001)
                await closeUnusedConnections()
            }
            tasks.cancelAll()
        }
        for vhost in live.values { await vhost.close() }
        live = [:]
        await attached?.shutdown()
    }

    private func takeWants(at now: Double) {
        facts.liveQueues = liveSubjects()
        facts.missing = plan.dead.filter { source in
            switch source {
            case .prometheus(let node): prometheus[node] != nil && !uselessEndpoints.contains(node)
            case .amqp: amqp != nil
            case .management, .client, .attached: false
            }
        }
        plan.want(PollPlan.wants(interest, facts), at: now)
        let lasting = limitations.filter { plan.subject(of: $0.key) == $0.value.subject }
        guard lasting.count < limitations.count else { return }
        limitations = lasting
        sourceHealth.limit(.management, limitation)
    }

    /// Marks sources that nothing on the screen needs as not polled, so that they do not count as late.
    private func restSources() {
        for node in prometheus.keys where !plan.wants(.bulk(node: node)) { sourceHealth.rest(.prometheus, node: node) }
        if !plan.wants(.client) { sourceHealth.rest(.client) }
        if !plan.wants(.attached) { sourceHealth.rest(.attached) }
        let closed = Set(amqp == nil || interest.frozen ? [] : interest.queues.map(\.vhost)).filter { !mayOpen($0) }
        for vhost in closed where liveStates[vhost] == nil { note(.denied(Self.noLiveAccess(vhost)), of: vhost) }
        if liveStates.isEmpty { return }
        liveStates = liveStates.filter { plan.wants(.live(vhost: $0.key)) || closed.contains($0.key) }
        if liveStates.isEmpty { sourceHealth.rest(.amqp, evenDenied: true) }
    }

    /// Whether a source that has just answered is shown as live; one that comes and goes has to stay up first.
    func believes(_ source: PolledSource) -> Bool {
        if plan.believes(source, at: clock.uptime()) { return true }
        sourceHealth.failed(
            source.shown.name, node: source.shown.node,
            SourceHealth.Trouble(
                state: .unreachable,
                problem: "it answers again after it came and went; waiting until it stays",
                advice: "Check whether the node is in maintenance mode, and the network to it."))
        return false
    }

    /// Probes everything immediately, because something else found the broker dead or alive.
    func probe() {
        plan.hurry(at: clock.uptime()) {
            $0 == .pulse || $0.source != .management && $0.source != .client && $0.source != .attached
        }
        wakeSignal.ring()
    }

    private func carryOut(_ ask: Ask) async {
        let result = await answer(ask)
        let end = clock.uptime()
        guard !Task.isCancelled else { return }
        let changed = plan.ended(ask, result, at: end, jitter: jitter())
        if changed {
            if ask.source == .management, result == .answered || result == .refused {
                uselessEndpoints = []
                incompletePollsLeft = Self.mostIncompletePolls
            }
            onSuspicion?()
        }
        if let cost = meter.cost(
            at: end, date: clock.date(), clients: [management.cost, lists.client.cost], paces: paces)
        {
            inbox.post(.cost(cost))
        }
        wakeSignal.ring()
    }

    private func answer(_ ask: Ask) async -> AskResult {
        switch ask {
        case .pulse: await pulse()
        case .cluster: await request(ask) { try await self.pollCluster() }
        case .vhosts: await request(ask) { try await self.pollVhosts() }
        case .bulk(let node): await pollBulk(node)
        case .cheap: await request(ask) { try await self.pollCheap() }
        case .rich: await request(ask) { try await self.pollRich() }
        case .page: await request(ask) { try await self.pollPage() }
        case .downQueues: await request(ask) { try await self.pollDownQueues() }
        case .live(let vhost): await pollLive(vhost)
        case .connections: await request(ask) { try await self.pollConnections() }
        case .channels: await request(ask) { try await self.pollChannels() }
        case .consumers: await request(ask) { try await self.pollConsumers() }
        case .exchanges: await request(ask) { try await self.pollExchanges() }
        case .bindings: await request(ask) { try await self.pollBindings() }
        case .client: pollClient()
        case .attached: await pollAttached()
        case .detail: await request(ask) { try await self.pollDetail() }
        case .route: await request(ask) { try await self.pollRoute() }
        case .incoming: await request(ask) { try await self.pollIncoming() }
        case .named(let view): await request(ask) { try await self.pollNamed(view) }
        case .whole(let list): await request(ask) { try await self.pollWhole(list) }
        case .suspects: await request(ask) { try await self.pollSuspects() }
        case .configuration: await request(ask) { try await self.pollConfiguration() }
        case .logs(let node): await pollLogs(node)
        case .unroutable(let node): await pollUnroutable(node)
        case .streamConsumers: await request(ask) { try await self.pollStreamConsumers() }
        }
    }

    /// Runs requests to the management API, and reports on its source how they ended.
    private func request(_ ask: Ask, _ body: () async throws -> Void) async -> AskResult {
        let subject = plan.subject(of: ask)
        do {
            try await body()
            limit(ask, ask == .cluster ? gapTrouble : nil, subject)
            managementAnswered()
            return .answered
        } catch let error as ManagementError {
            return failed(error, ask, subject)
        } catch {
            return .refused
        }
    }

    private func pulse() async -> AskResult {
        do {
            let identity = try await management.whoAmI()
            self.identity = identity
            if plan.isDead(.management) || sourceHealth.status(.management)?.state != .live || facts.logsEveryRequest {
                managementAnswered()
            }
            return .answered
        } catch {
            return failed(error, .pulse)
        }
    }
}
