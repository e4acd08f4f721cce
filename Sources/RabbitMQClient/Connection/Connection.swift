import AMQPWire
import Logging
import NIOCore
import NIOPosix

/// A connection to one virtual host of a broker. Any number of tasks may use it concurrently.
///
/// When its socket is lost, the connection is re-established as `ConnectionConfiguration.recovery` defines: channels
/// keep their objects and numbers, what was declared on it is declared again, and consumers continue in the same
/// sequence. Operations that are called during recovery wait; operations that were in progress end with an error. With
/// `RecoveryPolicy.off` the connection closes instead.
///
/// Publish and consume on separate connections: a broker under a memory or disk alarm stops reading from connections
/// that publish, acknowledgements included. A connection stays open until it is closed, even when there is no reference
/// to it.
public final class Connection: Sendable {
    let core: ConnectionCore

    /// Creates a connection that is not yet connected: call `run` or `start` to connect it. Until then its operations
    /// wait. Without a `logger` nothing is logged.
    public init(
        _ configuration: ConnectionConfiguration,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger? = nil,
        registry: ClientRegistry? = nil
    ) {
        let logger = logger ?? Logger(label: "rabbitmq-client") { _ in SwiftLogNoOpLogHandler() }
        core = ConnectionCore(configuration, eventLoop: group.any(), logger: logger, registry: registry)
    }

    /// Connects, authenticates and opens the virtual host. With the recovery policy's `retriesFirstConnect` it tries
    /// until it succeeds.
    ///
    /// Throws `.connectionRefused`, `.connectFailed`, `.tlsFailed`, `.handshakeTimeout`, `.closedDuringHandshake`,
    /// `.protocolMismatch`, `.mechanismNotOffered`, `.accessRefused` (403), `.virtualHostRefused` (530),
    /// `.handshakeRefused` (any other reply), `.invalidArgument` (also when it was started before) or `.cancelled`.
    public func start() async throws(ClientError) {
        try await core.start()
    }

    /// Creates a connection and starts it. `registry` includes the connection in its report. Throws as `start` does.
    public static func connect(
        _ configuration: ConnectionConfiguration,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger? = nil,
        registry: ClientRegistry? = nil
    ) async throws(ClientError) -> Connection {
        let connection = Connection(configuration, on: group, logger: logger, registry: registry)
        try await connection.start()
        return connection
    }

    /// Connects, runs `body`, and closes the connection, also when `body` throws.
    public static func withConnection<Value: Sendable>(
        _ configuration: ConnectionConfiguration,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger? = nil,
        registry: ClientRegistry? = nil,
        _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        let connection = try await connect(configuration, on: group, logger: logger, registry: registry)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// A task executor that runs tasks on the thread that reads and writes this connection's socket. Results are
    /// delivered there, without a thread switch for each.
    ///
    /// Use it for short work on many small messages, as in `withTaskExecutorPreference(connection.taskExecutor) { … }`:
    /// it takes about half the CPU time per message. While such a task runs, no connection on the same event loop reads
    /// or writes anything, heartbeats included: the task must not block or compute for long. It must end before the
    /// event loop does.
    public var taskExecutor: any TaskExecutor { core.taskExecutor }

    /// The connection's identifier, unique within the registry.
    public var id: UInt64 { core.id }
    /// The connection's name as the broker shows it: `127.0.0.1:50640 -> 127.0.0.1:5672`. It changes with each
    /// recovery.
    public var name: String { core.name }
    /// The current state of the connection.
    public var state: ConnectionState { core.connectionState }
    /// The current state and each later one; the sequence ends after `closed`. Any number of tasks may listen. A buffer
    /// of 64 states is kept for each listener; a slower listener loses the oldest ones.
    public var states: AsyncStream<ConnectionState> { core.states() }
    /// Whether operations are sent at once: the connection is open and not recovering.
    public var isOpen: Bool { core.isOpen }
    /// Why the connection is closed for good. Nil until then, also while it is recovering.
    public var closeReason: CloseReason? { core.end?.reason }
    /// The report of the last recovery, with what could not be restored; nil if the connection was never lost.
    public var lastRecovery: RecoveryReport? { core.state.withLockedValue { $0.record.lastRecovery } }
    /// The number of successful recoveries.
    public var recoveries: Int { core.state.withLockedValue { $0.record.recoveries } }
    /// The broker's reason while the connection is blocked: the broker does not read what is published (RabbitMQ:
    /// blocked connections). Nil otherwise.
    public var blockedReason: String? { core.state.withLockedValue { $0.socket.blockedReason } }
    /// The server properties that the broker sent: product, version, capabilities.
    public var serverProperties: FieldTable { core.state.withLockedValue { $0.socket.serverProperties } }
    /// The negotiated maximum frame size, in bytes; 0 is unlimited.
    public var frameMax: UInt32 { core.tuning.frameMax }
    /// The negotiated maximum number of channels; 0 is unlimited.
    public var channelMax: UInt16 { core.tuning.channelMax }
    /// The negotiated heartbeat interval, in seconds; 0 means no heartbeats.
    public var heartbeat: UInt16 { core.tuning.heartbeat }
    /// A report of what the connection and its channels have done and are doing.
    public var report: ConnectionReport { core.report() }

    /// Opens a channel. Numbers of closed channels are reused. Throws `.channelsExhausted` when `channelMax` channels
    /// are open, `.connectionClosed`, `.timeout` or `.cancelled`.
    public func openChannel() async throws(ClientError) -> Channel {
        Channel(try await core.openChannel())
    }

    /// Opens a channel, runs `body`, and closes the channel, also when `body` throws.
    public func withChannel<Value: Sendable>(_ body: (Channel) async throws -> Value) async throws -> Value {
        let channel = try await openChannel()
        do {
            let value = try await body(channel)
            try? await channel.close()
            return value
        } catch {
            try? await channel.close()
            throw error
        }
    }

    /// Replaces the password or token of a connection whose credentials expire (RabbitMQ `connection.update-secret`);
    /// recovery then logs in with it.
    ///
    /// The broker passes the secret to its authentication backend. OAuth 2 checks the new token and closes the
    /// connection if it is not valid (530). The internal user database, whose passwords do not expire, accepts any
    /// secret and keeps the connection open (tested with RabbitMQ 3.10.8, after both PLAIN and AMQPLAIN).
    public func updateSecret(_ secret: String, reason: String) async throws(ClientError) {
        try await core.updateSecret(secret, reason: reason)
    }

    /// Closes the connection after everything published before was sent. Waits for the broker's reply for at most
    /// `timeout`, then ends the socket in any case. Returns at once if the connection is closed.
    public func close(timeout: Duration = .seconds(5)) async {
        await core.close(code: 200, text: "Goodbye", timeout: timeout)
    }

    /// Returns the reason when the connection has closed for good, whichever side closed it.
    public func closed() async -> CloseReason { await core.closed() }
}
