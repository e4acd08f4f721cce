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
    private var events = EventExchangeParser()
    /// Consumers that ended recently; if their channel closes as well, they are not reported separately.
    private var consumers: [(channel: String, entry: LedgerEntry, dueAt: Double)] = []
    private var activity = ClientActivity()
    private let registry: ClientRegistry
    private static let consumerHold = 0.5
    private static let consumerCapacity = 1_000

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
            names.note(
                connection: name, clientName: finding.clientName, user: finding.user, vhost: finding.vhost)
        }
        guard var entry = finding.entry else { return }
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
            names.note(
                connection: connection, clientName: finding.clientName, user: finding.user, vhost: finding.vhost)
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
        names.note(
            connection: event.connectionName, clientName: event.clientName, user: event.user, vhost: event.virtualHost)
        if event.isInterruption { activity.restart(registry.report(), connection: event.connectionID) }
        inbox.post(reports: ApplicationActivity.of(event).map(LedgerReport.activity))
        if let entry = LedgerEntry(event) { take(entry) }
    }

    /// Adds a report of the proxy or of the fault registry.
    func take(_ report: LedgerReport) {
        switch report {
        case .entry(let entry):
            if let connection = entry.connection {
                names.note(
                    connection: connection, clientName: entry.clientName, user: entry.user, vhost: entry.vhost)
            }
            take(entry)
        case .activity(let activity): take(activity)
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
        for (connection, row) in rows where row.clientName != nil && names[connection.text] == nil {
            names.note(
                connection: connection.text, clientName: row.clientName?.text, user: row.user?.text,
                vhost: row.vhost?.text)
        }
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
            return entry
        }
        inbox.post(entries: due)
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

extension LedgerEntry {
    /// Creates an entry for an event of the client library; `nil` for routine events.
    init?(_ event: ClientEvent) {
        self.init(
            at: Date(timeIntervalSince1970: event.at), kind: .closed,
            scope: event.channel == nil ? .connection : .channel,
            connection: event.connectionName, clientName: event.clientName, user: event.user, vhost: event.virtualHost,
            channel: event.channel.map(Int.init), text: "", source: .client)
        switch event.kind {
        case .connectionOpened:
            kind = .opened
            text = "opened"
        case .channelOpened:
            return nil
        case .connectionClosed(let reason):
            fill(reason)
            if reason.initiator == .local, reason.code == 200 {
                code = nil
                codeName = nil
                text = "closed by the client"
            }
        case .connectionLost(let reason):
            fill(reason)
        case .connectionRecovered(let report):
            kind = .opened
            text = Self.words(report)
        case .channelClosed(let reason):
            // A channel that ends in order, or with its connection, adds nothing to the connection's entry.
            guard !reason.isOrderly, reason.scope == .channel else { return nil }
            fill(reason)
        case .connectionBlocked(let reason):
            kind = .blocked
            text = reason
        case .connectionUnblocked:
            kind = .unblocked
            text = "unblocked"
        case .publishReturned(let returned):
            kind = .returned
            code = Int(returned.code)
            codeName = ReplyCode(rawValue: returned.code).name
            text = "\(returned.text): exchange '\(returned.exchange)', routing key '\(returned.routingKey)'"
            methodClass = "basic"
            method = "return"
        case .consumerCancelled(let tag, let name):
            kind = .cancelled
            queue = name.text
            text = "the broker cancelled consumer \(tag)"
            methodClass = "basic"
            method = "cancel"
        }
    }

    private static func words(_ report: RecoveryReport) -> String {
        let seconds = (report.seconds * 10).rounded() / 10
        var text = "recovered after \(seconds) s"
        if report.attempts > 1 { text += ", \(report.attempts) attempts" }
        if let first = report.failures.first {
            text += "; not restored: \(first.entity)"
            if report.failures.count > 1 { text += " and \(report.failures.count - 1) more" }
        }
        return text
    }

    private mutating func fill(_ reason: CloseReason) {
        text = ReplyName.textWithoutName(reason.text, name: reason.name)
        queue = BrokerLogParser.queue(in: text)
        if reason.code != 0 {
            code = Int(reason.code)
            codeName = reason.name
        }
        // 320 is sent for an operator's close or the broker's own shutdown; 0 means that the socket ended.
        kind = reason.code == 320 || reason.isOrderly ? .closed : .error
        let parts = (reason.methodName ?? "").parts(separatedBy: ".", maxSplits: 1)
        if parts.count == 2 {
            methodClass = String(parts[0])
            method = String(parts[1])
        }
    }
}
