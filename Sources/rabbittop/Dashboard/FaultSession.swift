import AMQPProxy
import BrokerMonitor
import BrokerOperations
import Faults
import Foundation
import Glibc
import Logging
import RabbitMQClient
import RabbitMQManagement
import Screen
import Synchronization
import Terminal
import TopCore

/// The fault registry of a dashboard or a command with every available injector: for the broker, rabbittop's own
/// connections, the proxy, and a private broker's nodes.
struct FaultSession: Sendable {
    let registry: FaultRegistry
    let proxy: ProxyServer?
    private let journal: FaultJournal
    private let management: ManagementClient
    private let locator: BrokerLocator?
    private let doesNodes: Bool
    /// The dashboard's link, whose connections are spared when many are closed.
    private let links = LinkBox()

    /// How long a start may wait for the broker's answers, in seconds.
    private static let patience = 1.5

    /// Creates a session.
    ///
    /// - Parameters:
    ///   - proxyPort: the port of a proxy on the loopback interface.
    ///   - nodes: carries out faults on a private broker's nodes.
    ///   - locator: restricts faults to a broker of this machine; nil: any broker is permitted.
    /// - Throws: `CommandError` if the proxy cannot listen.
    init(
        _ link: BrokerConfiguration, proxyPort: Int? = nil, nodes: (any FaultInjector)? = nil,
        locator: BrokerLocator?, journal: FaultJournal = .standard()
    ) async throws {
        var settings = link.management
        settings.isReadOnly = link.isReadOnly
        self.journal = journal
        self.locator = locator
        management = try ManagementClient(
            configuration: settings, logger: Logger(label: "rabbittop") { _ in SwiftLogNoOpLogHandler() })
        let links = self.links
        var injectors: [FaultDescription.InjectionPoint: any FaultInjector] = [
            .broker: BrokerFaults(
                management: management, journal: journal, rabbitmqctl: link.rabbitmqctl,
                ownConnections: { links.link?.monitor.ownConnections ?? [] }),
            .own: OwnPeerFaults(link),
        ]
        injectors[.node] = nodes
        doesNodes = nodes != nil
        do {
            if let proxyPort {
                let server = try await ProxyServer.start(try await Self.proxy(link, port: proxyPort))
                injectors[.proxy] = ProxyFaults(server)
                proxy = server
            } else {
                proxy = nil
            }
        } catch {
            await management.shutdown()
            if let error = error as? ProxyFailure { throw CommandError("\(error)\nName another port with --proxy.") }
            throw error
        }
        if let locator { injectors = injectors.mapValues { GuardedFaults($0, locator) } }
        registry = FaultRegistry(injectors: injectors)
    }

    static func result(
        _ link: BrokerConfiguration, proxyPort: Int? = nil, nodes: (any FaultInjector)? = nil,
        locator: BrokerLocator?, journal: FaultJournal = .standard()
    ) async -> Result<FaultSession, any Error> {
        do {
            return .success(
                try await FaultSession(
                    link, proxyPort: proxyPort, nodes: nodes, locator: locator, journal: journal))
        } catch {
            return .failure(error)
        }
    }

    /// Returns the proxy's configuration. If the broker's own listener is not known, RabbitMQ's default address is
    /// used.
    private static func proxy(_ link: BrokerConfiguration, port: Int) async throws -> ProxyConfiguration {
        var quick = link
        quick.management.timeout = .seconds(patience)
        let amqp = (try? await quick.amqpAddress()) ?? nil
        let usesTLS = amqp?.tls != nil || (amqp == nil && link.amqpTLS != nil)
        var configuration = ProxyConfiguration(
            listen: ("127.0.0.1", port),
            upstream: (amqp?.host ?? link.management.address.host, amqp?.port ?? (usesTLS ? 5671 : 5672)))
        if usesTLS { configuration.upstreamTLS = try (amqp?.tls ?? link.amqpTLS)?.makeContext() }
        return configuration
    }

    /// Reports the proxy's sessions and the state of the faults to the link, until both end.
    func feed(_ link: BrokerLink) async {
        links.link = link
        await withTaskGroup(of: Void.self) { tasks in
            if let proxy {
                tasks.addTask {
                    for await event in proxy.events {
                        if let report = event.report { link.monitor.report(report) }
                    }
                }
            }
            let changes = registry.changes
            tasks.addTask {
                for await record in changes { link.monitor.report(.fault(record, at: Date())) }
            }
            await tasks.waitForAll()
        }
    }

    /// Undoes every fault.
    ///
    /// - Returns: descriptions of the faults that could not be undone.
    func undoAll(within seconds: Double) async -> [String] {
        var left = await registry.close(within: seconds)
        // The nodes belong to this process, and end with it.
        if doesNodes { left.removeAll { FaultCatalogue[$0.fault.name]?.injectionPoint == .node } }
        return left.map { "\($0.label) could not be undone: \($0.note ?? "it did not answer in time")" }
    }

    /// Stops the proxy, and closes the connections to the broker.
    func end() async {
        await proxy?.stop(timeout: .milliseconds(500))
        await management.shutdown()
    }

    /// Undoes every fault and ends the session.
    ///
    /// - Returns: descriptions of the faults that could not be undone.
    func close(within seconds: Double) async -> [String] {
        let left = await undoAll(within: seconds)
        await end()
        return left
    }

    /// Locates the broker in the background while something else is done. If the broker does not answer, its addresses
    /// decide; the check is repeated when a fault is injected.
    func locating() -> () -> BrokerPlace {
        guard let locator else { return { .thisMachine } }
        let addresses = BackgroundTask { await locator.placeByAddress() }
        let asking = BackgroundTask { () async -> BrokerPlace in
            do throws(FaultError) { return try await locator.place(for: .own) } catch {
                return await locator.placeByAddress()
            }
        }
        let end = ContinuousClock.now + .seconds(Self.patience)
        return {
            if let place = asking.value(within: max(0.1, (end - .now) / .seconds(1))) { return place }
            asking.cancel()
            return addresses.value(within: 0.1) ?? .elsewhere("its addresses are not known yet")
        }
    }

    // MARK: What a crash left

    /// Returns what an earlier rabbittop process left in force on this broker.
    func leftBehind() async throws(FaultError) -> [LeftBehind] { try await journal.left(on: management) }

    /// Asks on the terminal whether to undo it, before the dashboard takes the terminal over.
    ///
    /// - Parameter isReadOnly: whether to report it without undoing anything.
    func offerToUndoWhatWasLeft(isReadOnly: Bool) {
        // If the broker does not answer, the dashboard starts nevertheless.
        let looking = BackgroundTask { () async -> [LeftBehind]? in try? await leftBehind() }
        let found = looking.value(within: Self.patience) ?? nil
        looking.cancel()
        guard let left = found else {
            let count = MainThread.wait { await journal.abandoned() }
            guard count > 0 else { return }
            let faults = count == 1 ? "a fault" : "\(count) faults"
            return Output.note(
                """
                An earlier rabbittop left \(faults) in force, here or on another broker: this one gives no answer yet.
                'rabbittop fault undo' undoes what is left once it does.
                """)
        }
        guard !left.isEmpty else { return }
        Output.note("An earlier rabbittop left faults in force on this broker:")
        for fault in left { Output.note("  \(Text.visible(fault.words))") }
        if isReadOnly { return Output.note("Read-only: they stay; 'rabbittop fault undo' undoes them.") }
        Output.ask("Undo them now? [y/N] ")
        let answer = Self.line()
        guard answer.hasPrefix("y") else {
            return Output.note("They stay in force; 'rabbittop fault undo' undoes them.")
        }
        for fault in left {
            let outcome = MainThread.wait { () async -> Result<String, FaultError> in
                do throws(FaultError) { return .success(try await undo(fault)) } catch { return .failure(error) }
            }
            switch outcome {
            case .success(let words): Output.note(Text.visible(words))
            case .failure(let error): Output.complain("\(fault.words): \(error)")
            }
        }
    }

    /// Returns the typed line; empty at the end of the input. Signals that end the program are blocked at this point,
    /// and are checked for here.
    private static func line() -> String {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while poll(&descriptor, 1, 100) == 0 {
            if let signal = SignalMask.takeTermination() {
                Output.note("")
                exit(128 + signal)
            }
        }
        return readLine()?.trimmingCharacters(in: .whitespaces).lowercased() ?? ""
    }

    func undo(_ left: LeftBehind) async throws(FaultError) -> String { try await journal.undo(left, on: management) }
}

/// The link, which a dashboard makes after its fault session.
private final class LinkBox: Sendable {
    private let box = Mutex<BrokerLink?>(nil)

    var link: BrokerLink? {
        get { box.withLock { $0 } }
        set { box.withLock { $0 = newValue } }
    }
}
