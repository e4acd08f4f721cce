import AMQPWire
import Logging
import NIOCore

/// A connection to one virtual host of a broker. Any number of tasks may use it at once.
///
/// Publish and consume on separate connections: a broker under a memory or disk alarm stops reading from those that
/// publish, acknowledgements included. A connection lives until it is closed, also when nobody refers to it.
public final class Connection: Sendable {
    let core: ConnectionCore

    init(_ core: ConnectionCore) {
        self.core = core
    }

    /// Connects, authenticates and enters the virtual host.
    ///
    /// Throws `.connectionRefused`, `.connectFailed`, `.tlsFailed`, `.handshakeTimeout`, `.closedDuringHandshake`,
    /// `.protocolMismatch`, `.mechanismNotOffered`, `.accessRefused` (403), `.virtualHostRefused` (530), `.handshakeRefused`
    /// (any other reply), `.invalidArgument` or `.cancelled`. `registry` lists the connection in its report.
    public static func connect(
        _ configuration: ConnectionConfiguration,
        on group: any EventLoopGroup,
        logger: Logger = Logger(label: "rabbitmq-client"),
        registry: ClientRegistry? = nil
    ) async throws(ClientError) -> Connection {
        Connection(try await ConnectionCore.connect(configuration, on: group, logger: logger, registry: registry))
    }

    /// Connects, runs `body`, and closes the connection whatever happens.
    public static func withConnection<Value: Sendable>(
        _ configuration: ConnectionConfiguration,
        on group: any EventLoopGroup,
        logger: Logger = Logger(label: "rabbitmq-client"),
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

    /// Unique within the registry.
    public var id: UInt64 { core.id }
    /// As the broker shows it: `127.0.0.1:50640 -> 127.0.0.1:5672`.
    public var name: String { core.name }
    /// Whether it is open.
    public var isOpen: Bool { core.isOpen }
    /// Why it is closed; nil while it is not.
    public var closeReason: CloseReason? { core.closeReason }
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

    /// Renews the password or token of a connection whose credentials expire (RabbitMQ `connection.update-secret`).
    public func updateSecret(_ secret: String, reason: String) async throws(ClientError) {
        try await core.updateSecret(secret, reason: reason)
    }

    /// Closes the connection: what was published before is sent first. Waits for the broker's answer, `timeout` at most,
    /// and ends the socket in any case. Returns at once when it is closed.
    public func close(timeout: Duration = .seconds(5)) async {
        await core.close(code: 200, text: "Goodbye", timeout: timeout)
    }

    /// Returns when the connection has closed, whoever closed it, with the reason.
    public func closed() async -> CloseReason { await core.closed() }
}
