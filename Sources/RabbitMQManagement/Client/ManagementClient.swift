import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
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
    }

    /// - Parameters:
    ///   - eventLoops: where the sockets live; the process's shared loops when nothing is said.
    ///   - logger: gets each request at `trace`, with status and duration; silent when nothing is said.
    public init(
        configuration: ManagementConfiguration,
        eventLoops: any EventLoopGroup = HTTPClient.defaultEventLoopGroup,
        logger: Logger? = nil
    ) throws(ManagementError) {
        self.configuration = configuration
        self.logger = logger ?? Logger(label: "rabbitmq.management") { _ in SwiftLogNoOpLogHandler() }
        var http = HTTPClient.Configuration(
            tlsConfiguration: try Self.tlsConfiguration(configuration),
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

    private static func tlsConfiguration(_ configuration: ManagementConfiguration) throws(ManagementError)
        -> TLSConfiguration
    {
        let tls = configuration.tls
        var result = TLSConfiguration.makeClientConfiguration()
        if tls.isInsecure { result.certificateVerification = .none }
        func read<Value>(_ path: String, _ body: () throws -> Value) throws(ManagementError) -> Value {
            do {
                return try body()
            } catch {
                throw ManagementError(
                    .tlsFailed(reason: "\(path) cannot be read: \(error)"), request: "TLS settings",
                    address: configuration.address.description)
            }
        }
        if let path = tls.certificateAuthorityFile {
            let certificates = try read(path) { try NIOSSLCertificate.fromPEMFile(path) }
            result.trustRoots = .certificates(certificates)
        }
        if let path = tls.certificateFile {
            result.certificateChain = try read(path) { try NIOSSLCertificate.fromPEMFile(path) }
                .map { .certificate($0) }
        }
        if let path = tls.privateKeyFile {
            result.privateKey = .privateKey(try read(path) { try NIOSSLPrivateKey(file: path, format: .pem) })
        }
        return result
    }
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
