import AMQPWire
import Faults
import Foundation
import Names
import RabbitMQClient
import RabbitMQManagement
import TopCore

/// Collects events about connections and channels from all sources, and passes each event on once.
actor EventAggregator {
    private let inbox: Inbox
    private let own: OwnConnections
    let clock: MonitorClock
    private let wakeSignal: WakeSignal
    private var deduplicator = EventDeduplicator()
    private var names = ClientNames()
    private var nameless = NamelessConnections()
    /// Deliveries that were not acknowledged in time, whose channels the broker is about to close.
    private var timeouts: [(timeout: ConsumerTimeout, at: Double)] = []
    private var events = EventExchangeParser()
    /// Consumers that ended recently; if their channel closes as well, they are not reported separately.
    private var consumers: [(channel: String, entry: LedgerEntry, dueAt: Double)] = []
    private var activity = ClientActivity()
    private let registry: ClientRegistry
    private static let consumerHold = 0.5
    private static let consumerCapacity = 1_000
    /// How long the log may take from a consumer's timeout to the error of its channel, in seconds.
    private static let timeoutPeriod = 5.0

    init(inbox: Inbox, own: OwnConnections, registry: ClientRegistry, clock: MonitorClock = .system) {
        self.clock = clock
        wakeSignal = WakeSignal(clock: clock)
        self.registry = registry
        self.inbox = inbox
        self.own = own
    }

    /// Passes on the entries that are due until the task is cancelled; then the remaining ones.
    func run() async {
        while !Task.isCancelled {
            release()
            let next = min(deduplicator.nextRelease ?? .infinity, consumers.first?.dueAt ?? .infinity)
            let pause = next - clock.uptime()
            await wakeSignal.wait(atMost: max(0.005, min(pause, 1)))
        }
        release(all: true)
    }

    /// Adds an entry of the broker's log.
    func take(_ message: LogMessage, parser: BrokerLogParser) {
        let finding = parser.read(message, now: clock.date())
        var connection = finding.connection
        if let process = finding.process {
            if let connection { names.note(process: process, connection: connection) }
            connection = connection ?? names.connection(ofProcess: process)
        }
        if let name = connection, finding.clientName != nil || finding.user != nil || finding.vhost != nil {
            learn(name, clientName: finding.clientName, user: finding.user, vhost: finding.vhost)
        }
        if let timeout = finding.timeout, timeouts.count < Self.consumerCapacity {
            timeouts.append((timeout, clock.uptime()))
        }
        guard var entry = finding.entry else { return }
        if let timeout = takeTimeout(explaining: entry) {
            entry.queue = timeout.queue
            entry.vhost = entry.vhost ?? timeout.vhost
        }
        if entry.connection == nil, let connection {
            // An operator's request and entries about AMQP 1.0 name only a process.
            entry.connection = connection
            entry.peer = Self.peer(connection)
        }
        // Without its connection it adds nothing: the next entry contains everything.
        if entry.connection == nil, entry.scope == .connection { return }
        take(entry)
    }

    /// Adds an event of the event exchange.
    func take(event routingKey: String, headers: FieldTable) {
        let finding = events.read(routingKey: routingKey, headers: headers, now: clock.date())
        if let connection = finding.connection {
            if let process = finding.process { names.note(process: process, connection: connection) }
            learn(connection, clientName: finding.clientName, user: finding.user, vhost: finding.vhost)
        }
        if let closed = finding.closedChannel { consumers.removeAll { $0.channel == closed } }
        if let activity = finding.activity { take(activity) }
        guard var entry = finding.entry else { return }
        entry.shorten()
        if let channel = finding.consumersChannel?.shortened(to: String.longestName),
            consumers.count < Self.consumerCapacity
        {
            consumers.append((channel, entry, clock.uptime() + Self.consumerHold))
        } else {
            take(entry)
        }
    }

    /// Adds an event of this process's own client library.
    func take(_ event: ClientEvent) {
        learn(event.connectionName, clientName: event.clientName, user: event.user, vhost: event.virtualHost)
        if event.isInterruption { activity.restart(registry.report(), connection: event.connectionID) }
        inbox.post(reports: ApplicationActivity.of(event).map(LedgerReport.activity))
        if let entry = LedgerEntry(event) { take(entry) }
    }

    /// Adds a report of the proxy or of the fault registry.
    func take(_ report: LedgerReport) {
        switch report {
        case .entry(let entry):
            if let connection = entry.connection {
                learn(connection, clientName: entry.clientName, user: entry.user, vhost: entry.vhost)
            }
            take(entry)
        case .activity(let activity): take(activity)
        case .client(let client, _):
            if let connection = client.connection {
                learn(connection, clientName: client.clientName, user: client.user, vhost: client.vhost)
            }
        case .touch, .fault:
            activity.restart(registry.report())
            inbox.post(reports: [report])
        }
    }

    /// Follows the activity of rabbittop's own clients until the task is cancelled.
    func followClients() async {
        while !Task.isCancelled {
            let activities = activity.compare(registry.report())
            if !activities.isEmpty { inbox.post(reports: activities.map(LedgerReport.activity)) }
            try? await clock.sleep(0.25)
        }
    }

    private func take(_ activity: ApplicationActivity) {
        var activity = activity
        if let connection = activity.clientIdentity.connection {
            if own.purpose(connection) == .watching { return }
            names.complete(&activity.clientIdentity)
            if activity.clientIdentity.peer == nil { activity.clientIdentity.peer = Self.peer(connection) }
        }
        inbox.post(reports: [.activity(activity)])
    }

    /// Adds the names of connections from the management API.
    func note(_ rows: [(connection: Name, row: ConnectionRow)]) {
        // The log of an error tells user and vhost, but not the client's name.
        for (connection, row) in rows where row.clientName != nil && names[connection.text]?.clientName == nil {
            learn(
                connection.text, clientName: row.clientName?.text, user: row.user?.text, vhost: row.vhost?.text)
        }
    }

    /// Notes what is known of a connection's client, and completes the entries that were passed on without its name.
    private func learn(_ connection: String, clientName: String?, user: String?, vhost: String?) {
        names.note(connection: connection, clientName: clientName, user: user, vhost: vhost)
        guard let clientName, let since = nameless.remove(connection), own.purpose(connection) == nil else { return }
        let known = names[connection]
        let client = ClientIdentity(
            connection: connection, clientName: clientName, user: known?.user, vhost: known?.vhost)
        inbox.post(reports: [.client(client, since: since)])
    }

    /// Returns the timeout that an error follows from, if there is one only; it is used once.
    private func takeTimeout(explaining entry: LedgerEntry) -> ConsumerTimeout? {
        guard !timeouts.isEmpty else { return nil }
        let oldest = clock.uptime() - Self.timeoutPeriod
        timeouts.removeAll { $0.at < oldest }
        let matching = timeouts.indices.filter { timeouts[$0].timeout.explains(entry) }
        guard let first = matching.first else { return nil }
        let timeout = timeouts[first].timeout
        // Channels of several connections have the same number.
        guard matching.allSatisfy({ timeouts[$0].timeout == timeout }) else { return nil }
        timeouts.remove(at: first)
        return timeout
    }

    func noteLost(_ count: UInt64) {
        inbox.post(entries: [], dropped: count)
    }

    private func take(_ entry: LedgerEntry) {
        var entry = entry
        entry.shorten()
        let before = deduplicator.nextRelease
        deduplicator.take(entry, at: clock.uptime())
        if before == nil { wakeSignal.ring() }
    }

    private func release(all: Bool = false) {
        let now = clock.uptime()
        let ended = consumers.prefix { all || $0.dueAt <= now }
        for consumer in ended { deduplicator.take(consumer.entry, at: now) }
        consumers.removeFirst(ended.count)
        let due = deduplicator.release(at: now, all: all).compactMap { entry -> LedgerEntry? in
            guard isReported(entry) else { return nil }
            var entry = entry
            names.complete(&entry)
            if entry.peer == nil { entry.peer = entry.connection.map(Self.peer) }
            noteNameless(entry)
            return entry
        }
        inbox.post(entries: due)
    }

    private func noteNameless(_ entry: LedgerEntry) {
        guard let connection = entry.connection else { return }
        // The name may have been used by an earlier connection.
        if entry.kind == .opened { _ = nameless.remove(connection) }
        if entry.clientName == nil { nameless.note(connection, at: entry.at) }
    }

    /// Whether an entry is passed on. What rabbittop itself does to watch the broker is not reported, nor that the
    /// connections of its operations open and close.
    private func isReported(_ entry: LedgerEntry) -> Bool {
        guard let connection = entry.connection, let purpose = own.purpose(connection) else {
            // One of rabbittop's connections that was refused has no broker name.
            return entry.clientName.map { !own.watches(as: $0) } ?? true
        }
        switch purpose {
        case .watching: return false
        case .operating:
            switch entry.kind {
            case .opened: return false
            case .closed: return entry.code != nil && entry.code != 200
            case .error, .returned, .cancelled, .blocked, .unblocked, .alarm, .authentication, .action, .source, .fault,
                .recovered, .finding:
                return true
            }
        }
    }

    private static func peer(_ connection: String) -> String {
        ConnectionLabel.peer(of: connection)
    }
}
