public import AMQPProxy
public import Faults
public import RabbitMQClient
public import RabbitMQManagement

/// Which broker a `BrokerLink` asks, how, and what it may do there.
public struct BrokerLinkConfiguration: Sendable {
    /// Runs `rabbitmqctl` with these arguments and returns what it printed; throws when it fails, with its words.
    public typealias Rabbitmqctl = @Sendable (_ arguments: [String]) async throws -> String

    /// The management HTTP API. Its timeout holds for lists and operations; small requests have two seconds.
    public var management: ManagementConfiguration
    /// Where AMQP is spoken, and as whom; `nil`: the management host, with the port of the listener that the broker
    /// reports, the management credentials, and the vhost that is needed.
    public var amqp: ConnectionConfiguration?
    /// TLS for the AMQP address that is derived.
    public var amqpTLS: TLSSettings?
    /// The port of the Prometheus endpoints; `nil`: the ones that the broker reports.
    public var prometheusPort: Int?
    /// Refuse everything that changes something.
    public var isReadOnly: Bool
    /// Listen to the log and event exchanges, with exclusive queues of our own that go with their connection.
    public var listens = true
    /// The broker's log file on this machine, followed from its end.
    public var brokerLogFile: String?
    public var rabbitmqctl: Rabbitmqctl?
    /// Another process whose AMQP clients are shown beside our own.
    public var attach: AttachAddress?
    /// Injects and undoes faults; whoever made it closes it.
    public var faults: FaultRegistry?
    /// A proxy of this process, whose sessions are shown beside the broker's connections.
    public var proxy: ProxyServer?
    /// The AMQP connections of this process, shared with whatever else uses the client library in it.
    public var registry: ClientRegistry
    /// The name our connections have in the broker's listings.
    public var connectionName: String
    /// Whether the connections that watch the broker, their channels, queues, consumers and rates are shown beside all others'.
    public var showsOwn = false

    public init(
        management: ManagementConfiguration, amqp: ConnectionConfiguration? = nil, amqpTLS: TLSSettings? = nil,
        prometheusPort: Int? = nil, isReadOnly: Bool = false, brokerLogFile: String? = nil,
        rabbitmqctl: Rabbitmqctl? = nil, attach: AttachAddress? = nil, faults: FaultRegistry? = nil,
        registry: ClientRegistry = ClientRegistry(), connectionName: String = "rabbittop"
    ) {
        self.management = management
        self.amqp = amqp
        self.amqpTLS = amqpTLS
        self.prometheusPort = prometheusPort
        self.isReadOnly = isReadOnly
        self.brokerLogFile = brokerLogFile
        self.rabbitmqctl = rabbitmqctl
        self.attach = attach
        self.faults = faults
        self.registry = registry
        self.connectionName = connectionName
    }
}
