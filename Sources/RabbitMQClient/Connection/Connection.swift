import AMQPWire
import Logging
import NIOCore
import NIOPosix

/// A connection to one virtual host of a broker. Any number of tasks may use it at once.
///
/// When its socket is lost it is made again by `ConnectionConfiguration.recovery`: channels keep their objects and numbers,
/// what was declared on it is declared again, and consumers go on in the same sequence. Operations that are called meanwhile
/// wait; what was under way ends with an error. With `RecoveryPolicy.off` it closes instead.
///
/// Publish and consume on separate connections: a broker under a memory or disk alarm stops reading from those that
/// publish, acknowledgements included. A connection lives until it is closed, also when nobody refers to it.
public final class Connection: Sendable {
    let core: ConnectionCore

    /// A connection that is not begun yet: `run` or `start` connects it. Until then its operations wait. Nothing is logged
    /// without a `logger`.
    public init(
        _ configuration: ConnectionConfiguration,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger? = nil,
        registry: ClientRegistry? = nil
    ) {
        let logger = logger ?? Logger(label: "rabbitmq-client") { _ in SwiftLogNoOpLogHandler() }
        core = ConnectionCore(configuration, eventLoop: group.any(), logger: logger, registry: registry)
    }

    /// Connects, authenticates and enters the virtual host; by the policy's `retriesFirstConnect` until it succeeds.
    ///
    /// Throws `.connectionRefused`, `.connectFailed`, `.tlsFailed`, `.handshakeTimeout`, `.closedDuringHandshake`,
    /// `.protocolMismatch`, `.mechanismNotOffered`, `.accessRefused` (403), `.virtualHostRefused` (530), `.handshakeRefused`
    /// (any other reply), `.invalidArgument` (also when it was begun before) or `.cancelled`.
    public func start() async throws(ClientError) {
        try await core.start()
    }

    /// Makes a connection and starts it. `registry` lists the connection in its report. Throws as `start` does.
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

    /// Connects, runs `body`, and closes the connection whatever happens.
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

    /// Runs tasks on the thread that reads and writes this connection's socket: what they await is handed to them there,
    /// without a switch to another thread for each.
    ///
    /// Meant for short work on many small messages, as in `withTaskExecutorPreference(connection.taskExecutor) { … }`: about half
    /// the CPU time a message. While such a task runs, nothing is read or written, heartbeats included, by any
    /// connection on the same event loop: it must neither block nor compute for long. It must end before the event loop does.
    public var taskExecutor: any TaskExecutor { core.taskExecutor }

    /// Unique within the registry.
    public var id: UInt64 { core.id }
    /// As the broker shows it: `127.0.0.1:50640 -> 127.0.0.1:5672`. Another one after each recovery.
    public var name: String { core.name }
    /// Where its life stands.
    public var state: ConnectionState { core.connectionState }
    /// Where its life stands now and whenever that changes; ends after `closed`. One that listens too slowly loses the oldest
    /// of more than 64 states. Any number may listen.
    public var states: AsyncStream<ConnectionState> { core.states() }
    /// Whether operations are sent at once: open, and not recovering.
    public var isOpen: Bool { core.isOpen }
    /// Why it is closed for good; nil while it is not, also while it is recovering.
    public var closeReason: CloseReason? { core.closeReason }
    /// How it came back the last time, with what could not be restored; nil when it was never lost.
    public var lastRecovery: RecoveryReport? { core.state.withLockedValue { $0.lastRecovery } }
    /// How many times it came back.
    public var recoveries: Int { core.state.withLockedValue { $0.recoveries } }
    /// The broker's reason while it does not read what we publish (RabbitMQ: blocked connections); nil otherwise.
    public var blockedReason: String? { core.blockedReason }
    /// What the broker said of itself: product, version, capabilities.
    public var serverProperties: FieldTable { core.serverProperties }
    /// The largest frame agreed on, in bytes; 0 is unlimited.
    public var frameMax: UInt32 { core.tuning.frameMax }
    /// The most channels agreed on; 0 is unlimited.
    public var channelMax: UInt16 { core.tuning.channelMax }
    /// The heartbeat agreed on, in seconds; 0 is none.
    public var heartbeat: UInt16 { core.tuning.heartbeat }
    /// What it and its channels have done and are doing.
    public var report: ConnectionReport { core.report() }

    /// Opens a channel. Numbers of closed channels are used again. Throws `.channelsExhausted` when `channelMax` are open,
    /// `.connectionClosed`, `.timeout` or `.cancelled`.
    public func openChannel() async throws(ClientError) -> Channel {
        Channel(try await core.openChannel())
    }

    /// Opens a channel, runs `body`, and closes the channel whatever happens.
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

    /// Renews the password or token of a connection whose credentials expire (RabbitMQ `connection.update-secret`), and lets
    /// recovery log in with it. The broker hands it to its authentication backend: OAuth 2 checks the new token, and one that
    /// will not do closes the connection (530). The internal database of users, whose passwords do not expire, takes any and
    /// goes on (tried with RabbitMQ 3.10.8, after PLAIN and AMQPLAIN alike).
    public func updateSecret(_ secret: String, reason: String) async throws(ClientError) {
        try await core.updateSecret(secret, reason: reason)
    }

    /// Closes the connection: what was published before is sent first. Waits for the broker's answer, `timeout` at most,
    /// and ends the socket in any case. Returns at once when it is closed.
    public func close(timeout: Duration = .seconds(5)) async {
        await core.close(code: 200, text: "Goodbye", timeout: timeout)
    }

    /// Returns when the connection has closed for good, whoever closed it, with the reason.
    public func closed() async -> CloseReason { await core.closed() }
}
