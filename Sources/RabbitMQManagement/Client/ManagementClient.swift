import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// A client of RabbitMQ's management HTTP API and Prometheus endpoint.
///
/// Requests may run concurrently; at most four connections to a host are kept, for ten seconds after use. Every request
/// throws only ``ManagementError``. Call ``shutdown()`` when the client is no longer needed.
///
/// Source: <https://www.rabbitmq.com/docs/http-api-reference>.
public final class ManagementClient: Sendable {
    /// The configuration.
    public let configuration: ManagementConfiguration
    let http: HTTPClient
    let logger: Logger
    let state = Mutex(State())

    /// State kept between requests.
    struct State {
        var cost = RequestCost()
        /// The time until which connections are requested without the clients' names at once.
        var namesUnreadableUntil: ContinuousClock.Instant?
        /// The names in certificates that are for other hosts, read once for each address.
        var certificateNames: [ManagementAddress: [String]] = [:]
    }

    /// Creates a client. Nothing is sent.
    ///
    /// - Parameters:
    ///   - configuration: the address, credentials and limits.
    ///   - eventLoops: the event loops of the sockets; by default those shared by the process.
    ///   - logger: logs each request at level `trace`, with status and duration; nil logs nothing.
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

    /// Closes the connections; requests in progress end with ``ManagementError/Code/shutDown``. A second call does
    /// nothing.
    public func shutdown() async {
        do {
            try await http.shutdown()
        } catch {
            logger.debug("shutdown: \(error)")
        }
    }

    /// The cost of all requests so far.
    public var cost: RequestCost { state.withLock { $0.cost } }
}

/// The cost of a client's requests.
public struct RequestCost: Sendable, Hashable {
    /// The number of requests sent.
    public var requests: UInt64 = 0
    /// The number of requests without a complete response, or with a refusal.
    public var failures: UInt64 = 0
    /// The size of the response bodies, decompressed, in bytes.
    public var bytes: UInt64 = 0
    /// The sum of the requests' durations.
    public var time: Duration = .zero

    /// Creates a cost of zero.
    public init() {}
}
