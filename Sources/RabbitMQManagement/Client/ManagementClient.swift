import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// A client of RabbitMQ's management HTTP API and Prometheus endpoint.
///
/// Requests may run beside each other; at most four connections to a host are kept, alive for ten seconds after use. Every
/// request throws ``ManagementError`` and nothing else. Call ``shutdown()`` when done with it.
///
/// Source: <https://www.rabbitmq.com/docs/http-api-reference>.
public final class ManagementClient: Sendable {
    public let configuration: ManagementConfiguration
    let http: HTTPClient
    let logger: Logger
    let state = Mutex(State())

    /// What the client remembers between requests.
    struct State {
        var cost = RequestCost()
        /// Until when connections are asked for without the clients' names at once.
        var namesUnreadableUntil: ContinuousClock.Instant?
        /// What certificates that are for other hosts are for: looked up once.
        var certificateNames: [ManagementAddress: [String]] = [:]
    }

    /// - Parameters:
    ///   - eventLoops: where the sockets live; the process's shared loops when nothing is said.
    ///   - logger: gets each request at `trace`, with status and duration; silent when nothing is said.
    public init(
        configuration: ManagementConfiguration,
        eventLoops: any EventLoopGroup = HTTPClient.defaultEventLoopGroup,
        logger: Logger? = nil
    ) throws(ManagementError) {
        for address in [configuration.address] + configuration.prometheusAddresses {
            guard let flaw = address.flaw else { continue }
            throw ManagementError(
                .badSettings(reason: flaw, advice: "Correct the address."), request: "settings",
                address: address.description)
        }
        self.configuration = configuration
        self.logger = logger ?? Logger(label: "rabbitmq.management") { _ in SwiftLogNoOpLogHandler() }
        var http = HTTPClient.Configuration(
            tlsConfiguration: try TLSFiles(configuration).settings(),
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(connect: .init(configuration.timeout)),
            connectionPool: HTTPClient.Configuration.ConnectionPool(
                idleTimeout: .seconds(10), concurrentHTTP1ConnectionsPerHostSoftLimit: 4),
            ignoreUncleanSSLShutdown: true,
            decompression: .enabled(limit: .size(configuration.maximumAnswerSize)))
        http.httpVersion = .http1Only
        http.connectionPool.retryConnectionEstablishment = false
        self.http = HTTPClient(eventLoopGroupProvider: .shared(eventLoops), configuration: http)
    }

    /// Closes the connections; requests under way end with ``ManagementError/Code/shutDown``. Calling it again does nothing.
    public func shutdown() async {
        do {
            try await http.shutdown()
        } catch {
            logger.debug("shutdown: \(error)")
        }
    }

    /// What the requests have cost so far.
    public var cost: RequestCost { state.withLock { $0.cost } }
}

/// What a client's requests have cost.
public struct RequestCost: Sendable, Hashable {
    /// Requests that left.
    public var requests: UInt64 = 0
    /// Of them, those that got no complete answer, or one that refused.
    public var failures: UInt64 = 0
    /// Bytes of the answers' bodies, decompressed.
    public var bytes: UInt64 = 0
    /// The sum of the requests' durations.
    public var time: Duration = .zero

    public init() {}
}
