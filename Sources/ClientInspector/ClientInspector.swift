import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
public import NIOCore
public import NIOPosix
public import RabbitMQClient
public import ServiceLifecycle
import Synchronization

/// A service that shows the state of this process's AMQP clients: health, report and metrics over a Unix socket or the
/// loopback interface.
///
///     let inspector = ClientInspector(at: .unix(path: "/run/shop/client.sock"), registry: registry)
///     let group = ServiceGroup(services: [connection, inspector], gracefulShutdownSignals: [.sigterm], logger: logger)
///     try await group.run()
///
/// - `GET /health` returns 200 while the process can communicate with its broker, otherwise 503, with the reasons as
///   JSON: a connection that connects, recovers or has ended by an error, or no connection at all; see ``HealthRules``.
///   The application's own checks are reported separately from the broker.
/// - `GET /report` returns the `ClientReport` of the registry as JSON: what `rabbittop --attach` reads.
/// - `GET /metrics` returns the same as metrics in Prometheus' text format 0.0.4.
///
/// Nothing can be changed through it. Several inspectors may serve one registry, and one process may serve several
/// registries.
public struct ClientInspector: Service {
    /// A check of something else that the application needs. Returns nil if it is in order, otherwise what is wrong.
    public typealias Check = @Sendable () async -> String?

    /// The address to listen on.
    public let address: InspectorAddress
    private let registry: ClientRegistry
    private let checks: HealthChecks
    private let rules: HealthRules
    private let group: any EventLoopGroup
    private let logger: Logger

    /// How long a request in progress may take after the inspector was asked to end.
    private static let shutdownTime = Duration.seconds(2)
    /// The maximum number of connections; further ones wait.
    private static let mostConnections = 64

    /// Creates an inspector. It begins to listen in `run`.
    ///
    /// - Parameters:
    ///   - address: the address to listen on.
    ///   - registry: the registry whose connections are shown.
    ///   - checks: further checks for `/health` by name, such as a database or a disk. They run for each request,
    ///     concurrently.
    ///   - checkTimeout: how long a check may take before it counts as failed.
    ///   - health: the rules of `/health`.
    public init(
        at address: InspectorAddress, registry: ClientRegistry = .shared, checks: [String: Check] = [:],
        checkTimeout: Duration = .seconds(2), health: HealthRules = HealthRules(),
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger = Logger(label: "rabbitmq-client-inspector")
    ) {
        self.address = address
        self.registry = registry
        self.checks = HealthChecks(checks, limit: checkTimeout)
        self.rules = health
        self.group = group
        self.logger = logger
    }

    /// Serves requests until the task is cancelled or a graceful shutdown begins; requests in progress are completed.
    ///
    /// Throws ``InspectorError`` if it cannot listen. The file of a Unix socket is removed at the end in any case.
    public func run() async throws {
        try await serve { _ in }
    }

    /// Serves requests while `body` runs. `body` gets the address, with the actual port if port 0 was requested. Throws
    /// as `run` does, and the errors of `body`.
    public static func withInspector<Value: Sendable>(
        at address: InspectorAddress, registry: ClientRegistry = .shared, checks: [String: Check] = [:],
        checkTimeout: Duration = .seconds(2), health: HealthRules = HealthRules(),
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger = Logger(label: "rabbitmq-client-inspector"),
        _ body: (InspectorAddress) async throws -> Value
    ) async throws -> Value {
        let inspector = ClientInspector(
            at: address, registry: registry, checks: checks, checkTimeout: checkTimeout, health: health, on: group,
            logger: logger)
        let (addresses, continuation) = AsyncStream.makeStream(of: InspectorAddress.self)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await inspector.serve { continuation.yield($0) }
            }
            defer { tasks.cancelAll() }
            for await address in addresses { return try await body(address) }
            // The inspector never listened: the task has the reason.
            try await tasks.waitForAll()
            throw CancellationError()
        }
    }

    // MARK: Serving

    private func serve(_ onListening: @escaping @Sendable (InspectorAddress) -> Void) async throws {
        defer { checks.cancel() }
        switch address {
        case .loopback(let host, let port):
            guard let ip = Loopback.address(host) else {
                throw InspectorError(
                    .notLoopback,
                    "An inspector cannot listen on '\(host)': the report is for this machine alone.",
                    advice: "Use localhost or a Unix socket, and a tunnel (ssh -L) to read it from elsewhere.")
            }
            try await run(BindAddress.hostname(ip, port: port), asksForHost: true) { channel in
                onListening(.loopback(host: host, port: channel.localAddress?.port ?? port))
            }
        case .unix(let path):
            let file = try SocketFile(path: path)
            let published = PublishedBox()
            defer {
                published.value?.remove()
                file.removePrivateFolder()
            }
            try await run(BindAddress.unixDomainSocket(path: file.boundPath), asksForHost: false) {
                _ throws(InspectorError) in
                published.value = try file.publish()
                onListening(.unix(path: path))
            }
        }
    }

    private enum Step: Sendable {
        case listening
        case ended
    }

    private func run(
        _ bind: BindAddress, asksForHost: Bool,
        _ onListening: @escaping @Sendable (any NIOCore.Channel) throws(InspectorError) -> Void
    ) async throws {
        let (outcomes, continuation) = AsyncStream.makeStream(of: Result<Void, InspectorError>.self)
        var quiet = logger
        quiet.logLevel = max(quiet.logLevel, .warning)
        let application = Application(
            responder: InspectorResponder(registry: registry, checks: checks, rules: rules, asksForHost: asksForHost),
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(
                address: bind, serverName: nil, backlog: Self.mostConnections,
                availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections, logger: quiet)),
            onServerRunning: { channel in
                continuation.yield(Result { () throws(InspectorError) in try onListening(channel) })
                continuation.finish()
            },
            eventLoopGroupProvider: .shared(group), logger: quiet)
        do {
            try await withThrowingTaskGroup(of: Step.self) { tasks in
                tasks.addTask {
                    try await application.run()
                    return .ended
                }
                tasks.addTask {
                    for await outcome in outcomes { try outcome.get() }
                    return .listening
                }
                tasks.addTask {
                    try await gracefulShutdown()
                    try await Task.sleep(for: Self.shutdownTime)
                    return .ended
                }
                defer { tasks.cancelAll() }
                while let step = try await tasks.next(), step == .listening {
                    logger.info("the inspector listens", metadata: ["address": "\(address)"])
                }
            }
        } catch is CancellationError {
            // The requested end.
        } catch let error as InspectorError {
            throw error
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw InspectorError(
                .addressInUse, "Somebody listens on \(address) already.",
                advice: "Choose another port for each process, or 0 for a free one.")
        } catch {
            throw InspectorError(
                .cannotListen, "The inspector cannot listen on \(address): \(error).",
                advice: "Check that the address is free.")
        }
    }
}

/// The socket file, passed from the start of the server to its end.
private final class PublishedBox: Sendable {
    private let box = Mutex<PublishedSocket?>(nil)

    var value: PublishedSocket? {
        get { box.withLock { $0 } }
        set { box.withLock { $0 = newValue } }
    }
}
