public import Faults
import Foundation
public import Logging
public import NIOCore
import NIOPosix
public import Names
import RabbitMQClient
public import RabbitMQManagement
import Synchronization
public import TopCore

/// Watches a broker: polls it, listens to its events, and posts snapshots and events to an `Inbox`.
///
///     let inbox = Inbox(onArrival: { wakeTheTerminal() })
///     let monitor = try Monitor(configuration, inbox: inbox)
///     let service = Task.detached { await monitor.run() }
///     monitor.watch(interest)
///     for event in inbox.drain() { … }
///     service.cancel()
///     await service.value
public final class Monitor: Sendable {
    /// The configuration that the monitor was created with. Its gate for refused passwords is set, so that clients
    /// created from it share the gate.
    public let configuration: BrokerConfiguration
    /// The inbox that receives snapshots and events.
    public let inbox: Inbox

    /// The clock by which the broker is watched.
    package let clock: MonitorClock
    private let sourceHealth: SourceHealth
    private let poller: Poller
    private let aggregator: EventAggregator
    private let listener: ExchangeListener
    private let clients: [ManagementClient]
    private let interests: AsyncStream<Interest>
    private let continuation: AsyncStream<Interest>.Continuation
    private let watches = Atomic<UInt64>(0)
    private let reports: AsyncStream<LedgerReport>
    private let reporting: AsyncStream<LedgerReport>.Continuation

    /// Creates a monitor. No request is sent before `run`.
    ///
    /// - Throws: `ManagementError` if a file named in the TLS settings cannot be read.
    public convenience init(
        _ configuration: BrokerConfiguration, inbox: Inbox,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger? = nil
    ) throws(ManagementError) {
        try self.init(configuration, inbox: inbox, on: group, logger: logger, clock: .system)
    }

    init(
        _ configuration: BrokerConfiguration, inbox: Inbox, on group: any EventLoopGroup, logger: Logger?,
        clock: MonitorClock
    ) throws(ManagementError) {
        let logger = logger ?? Logger(label: "rabbittop") { _ in SwiftLogNoOpLogHandler() }
        var configuration = configuration
        // All clients share one gate for refused passwords.
        let gate = configuration.management.gate ?? CredentialsGate()
        configuration.management.gate = gate
        var settings = configuration.management
        settings.isReadOnly = configuration.isReadOnly
        let lists = try ManagementClient(configuration: settings, logger: logger)
        settings.timeout = min(settings.timeout, .seconds(2))
        let quick = try ManagementClient(configuration: settings, logger: logger)
        let sourceHealth = SourceHealth(inbox: inbox)
        let entrance = AMQPEntrance(
            group: group, own: OwnConnections(clock: clock), logger: logger, gate: gate, assumed: AssumedAddress())
        let aggregator = EventAggregator(
            inbox: inbox, own: entrance.own, registry: configuration.registry, clock: clock)
        let poller = Poller(
            configuration: configuration, inbox: inbox, sourceHealth: sourceHealth, entrance: entrance,
            management: quick, lists: lists, clock: clock)
        self.clock = clock
        self.configuration = configuration
        self.inbox = inbox
        self.sourceHealth = sourceHealth
        self.poller = poller
        self.aggregator = aggregator
        clients = [quick, lists]
        listener = ExchangeListener(
            address: { await poller.amqp }, mayOpen: { await poller.mayOpen($0, within: 3) },
            onRefusal: { await poller.noteRefusal(in: $0) }, entrance: entrance, sourceHealth: sourceHealth,
            aggregator: aggregator, management: quick, connectionName: configuration.connectionName,
            wakeSignal: WakeSignal(clock: clock), clock: clock, onLoss: { await poller.probe() })
        (interests, continuation) = AsyncStream.makeStream()
        (reports, reporting) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(20_000))
    }

    /// Sets what to watch from now on. Never blocks; the answers arrive in the inbox.
    public func watch(_ interest: Interest) {
        watches.add(1, ordering: .relaxed)
        continuation.yield(interest)
    }

    /// Adds reports from elsewhere in their order: sessions of the proxy, faults, and the connections that faults hit.
    /// Never blocks.
    ///
    /// An entry is merged with the entries that other sources have for the same event.
    public func report(_ report: LedgerReport) {
        reporting.yield(report)
    }

    /// Waits until everything that the last interest needs was answered or refused at least once. A command that prints
    /// one view waits for this. Some needs show only in the answers (a queue's details come after its name), so wait
    /// again if draining the inbox led to another interest.
    ///
    /// - Returns: false if the time limit was reached first, or the task was cancelled.
    public func settle(within limit: Duration) async -> Bool {
        let count = watches.load(ordering: .relaxed)
        return await clock.wait(within: limit / .seconds(1), every: 0.01) { await poller.isSettled(watches: count) }
    }

    /// The names of rabbittop's own connections to the broker, as the broker lists them.
    public var ownConnections: Set<Name> { entrance.own.known }

    /// The current status of each data source.
    public var sources: [SourceStatus] { sourceHealth.all }

    /// Watches until the task is cancelled; then closes every connection, within about two seconds.
    public func run() async {
        let wakeSignal = listener.wakeSignal
        let aggregator = aggregator
        await poller.connect(
            onNames: { await aggregator.note($0) }, onSuspicion: { wakeSignal.ring() })
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { [interests, poller] in
                for await interest in interests { await poller.watch(interest) }
            }
            tasks.addTask { [poller] in await poller.run() }
            if configuration.listens {
                tasks.addTask { [listener] in await listener.run() }
            } else {
                for source in [SourceName.logExchange, .eventExchange] {
                    sourceHealth.set(source, .off, advice: "Start without --no-listen.")
                }
            }
            tasks.addTask { await aggregator.run() }
            tasks.addTask { await aggregator.followClients() }
            tasks.addTask { [reports] in
                for await report in reports { await aggregator.take(report) }
            }
            tasks.addTask { [configuration] in
                for await event in configuration.registry.events(capacity: 20_000) { await aggregator.take(event) }
            }
            if let sessions = configuration.proxySessions {
                tasks.addTask { [poller] in await poller.followProxy(sessions) }
            }
            if let path = configuration.brokerLogFile {
                tasks.addTask { [sourceHealth] in await aggregator.follow(path, sourceHealth: sourceHealth) }
            } else {
                sourceHealth.set(.logFile, .off, advice: "Name the broker's log with --broker-log FILE.")
            }
        }
        for client in clients { await client.shutdown() }
    }
}

// What operations need of the broker that is watched.
extension Monitor {
    /// Opens connections that are known as rabbittop's own.
    package var entrance: AMQPEntrance { listener.entrance }

    /// The status of the management API, which reports the AMQP address.
    package var managementStatus: SourceStatus? { sourceHealth.status(.management) }

    /// Returns the AMQP address as soon as it is known, within a limit in seconds; `nil` once it is known that the
    /// broker does not report one.
    package func amqpAddress(within limit: Double) async -> ConnectionConfiguration? {
        await poller.amqpAddress(within: limit)
    }

    /// Requests a queue's figures immediately, because an operation changed it.
    package func askAnew(_ id: EntityID) async { await poller.askAnew(id) }

    /// Requests the rows of a view that is reached by its name immediately, because an operation changed them.
    package func askViewAnew(_ view: NamedView) async { await poller.askViewAnew(view) }
}

extension Poller {
    /// Whether the user has access to a vhost. Waits up to the limit, in seconds, until that is known; returns true if it stays
    /// unknown.
    func mayOpen(_ vhost: Name, within limit: Double) async -> Bool {
        _ = await clock.wait(within: limit, every: 0.02) {
            access != nil || plan.isDead(.management) || overview == nil
        }
        return mayOpen(vhost)
    }

    /// Returns the AMQP address as soon as it is known; `nil` once it is known that the broker does not report one.
    func amqpAddress(within limit: Double) async -> ConnectionConfiguration? {
        _ = await clock.wait(within: limit, every: 0.02) {
            // With an overview the broker was polled, and reports no address.
            if amqp != nil || assumed.isRefuted || overview != nil { return true }
            let management = sourceHealth.status(.management)?.state
            return management == .denied || management == .unreachable
        }
        return amqp ?? configuration.amqp
    }
}
