public import RabbitMQClient
public import RabbitMQManagement
public import TopCore

/// Which broker a `Monitor` watches, how it is reached, and whether anything may be changed there.
public struct BrokerConfiguration: Sendable {
    /// Runs `rabbitmqctl` with these arguments and returns its output; throws an error with its message if it fails.
    public typealias Rabbitmqctl = @Sendable (_ arguments: [String]) async throws -> String

    /// The management HTTP API. Its timeout applies to lists and operations; small requests have two seconds.
    public var management: ManagementConfiguration
    /// The AMQP address and credentials. `nil`: the management host with the port of the listener that the broker
    /// reports, the management credentials, and the vhost that is needed.
    public var amqp: ConnectionConfiguration?
    /// TLS settings for a derived AMQP address.
    public var amqpTLS: TLSSettings?
    /// The port of the Prometheus endpoints; `nil`: the ports that the broker reports.
    public var prometheusPort: Int?
    /// Whether to refuse every operation that changes something.
    public var isReadOnly: Bool
    /// Whether to consume from the log and event exchanges, with exclusive queues that are deleted with their
    /// connection.
    public var listens = true
    /// The path of the broker's log file on this machine; it is followed from its end.
    public var brokerLogFile: String?
    /// Runs `rabbitmqctl` for the operations and faults that need it; `nil` if it is not available.
    public var rabbitmqctl: Rabbitmqctl?
    /// Another process whose AMQP clients are shown beside rabbittop's own.
    public var attach: AttachAddress?
    /// Returns the sessions of a proxy of this process, which are shown beside the broker's connections; `nil` without
    /// a proxy.
    public var proxySessions: (@Sendable () async -> [ProxiedConnection])?
    /// The AMQP connections of this process, shared with all other users of the client library in it.
    public var registry: ClientRegistry
    /// The name of rabbittop's connections in the broker's lists.
    public var connectionName: String
    /// Whether the connections that watch the broker, with their channels, queues, consumers and rates, are shown, too.
    public var showsOwn = false

    /// Creates a configuration; every setting but the management API has a default.
    public init(
        management: ManagementConfiguration, amqp: ConnectionConfiguration? = nil, amqpTLS: TLSSettings? = nil,
        prometheusPort: Int? = nil, isReadOnly: Bool = false, brokerLogFile: String? = nil,
        rabbitmqctl: Rabbitmqctl? = nil, attach: AttachAddress? = nil, registry: ClientRegistry = ClientRegistry(),
        connectionName: String = "rabbittop"
    ) {
        self.management = management
        self.amqp = amqp
        self.amqpTLS = amqpTLS
        self.prometheusPort = prometheusPort
        self.isReadOnly = isReadOnly
        self.brokerLogFile = brokerLogFile
        self.rabbitmqctl = rabbitmqctl
        self.attach = attach
        self.registry = registry
        self.connectionName = connectionName
    }
}

/// A connection through a proxy of this process, as the rows of the Connections and Channels views: what the proxy
/// knows is set, and completes the broker's rows.
public struct ProxiedConnection: Sendable {
    /// The connection. It has the broker's name of the proxy's own connection, and the client's address as its peer.
    public var connection: ConnectionRow
    /// Its channels.
    public var channels: [ChannelRow]

    /// Creates a connection with its channels.
    public init(connection: ConnectionRow, channels: [ChannelRow]) {
        self.connection = connection
        self.channels = channels
    }
}
