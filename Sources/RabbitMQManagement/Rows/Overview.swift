public import Names

/// An overview of the cluster, from `/api/overview`. A field that the response does not contain is nil.
public struct Overview: ManagementObject {
    /// The name of the cluster.
    public var clusterName: String?
    /// The node that responded.
    public var node: Name?
    /// The RabbitMQ version.
    public var rabbitMQVersion: String?
    /// The version of the management plugin.
    public var managementVersion: String?
    /// The Erlang version.
    public var erlangVersion: String?
    /// The rates mode: `none`, `basic` or `detailed`.
    public var ratesMode: String?
    /// Whether the broker collects no statistics for the management API: rows have no figures.
    public var isStatisticsDisabled: Bool
    /// The default queue type.
    public var defaultQueueType: String?
    /// The number of ready and unacknowledged messages.
    public var messages: Figure
    /// The number of ready messages.
    public var messagesReady: Figure
    /// The number of unacknowledged messages.
    public var messagesUnacknowledged: Figure
    /// The number of connections.
    public var connections: Int?
    /// The number of channels.
    public var channels: Int?
    /// The number of consumers.
    public var consumers: Int?
    /// The number of queues.
    public var queues: Int?
    /// The number of exchanges.
    public var exchanges: Int?
    /// Totals and rates of messages.
    public var stats: MessageStats?
    /// The rates at which connections, channels and queues are created and removed.
    public var churn: ChurnRates
    /// The ports that the nodes listen on.
    public var listeners: [ListenerInfo]
    /// Whether the response contains listeners. False for a broker without statistics, and for a user without
    /// permission to monitor.
    public var tellsListeners: Bool

    /// Decodes the response; nil if it has neither a management version nor a node.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json),
            fields.string("management_version") != nil || fields.string("node") != nil
        else { return nil }
        clusterName = fields.setting("cluster_name")
        node = fields.nameSetting("node")
        rabbitMQVersion = fields.setting("rabbitmq_version")
        managementVersion = fields.setting("management_version")
        erlangVersion = fields.setting("erlang_version")
        ratesMode = fields.setting("rates_mode")
        isStatisticsDisabled = fields.bool("disable_stats") ?? false
        defaultQueueType = fields.setting("default_queue_type")
        let totals = fields.object("queue_totals") ?? ObjectFields([:])
        messages = totals.figure("messages")
        messagesReady = totals.figure("messages_ready")
        messagesUnacknowledged = totals.figure("messages_unacknowledged")
        let objects = fields.object("object_totals") ?? ObjectFields([:])
        connections = objects.int("connections")
        channels = objects.int("channels")
        consumers = objects.int("consumers")
        queues = objects.int("queues")
        exchanges = objects.int("exchanges")
        stats = fields.stats()
        churn = ChurnRates(fields: fields.object("churn_rates") ?? ObjectFields([:]))
        listeners = fields.rows("listeners")
        tellsListeners = fields["listeners"].elements != nil
    }
}

/// A port that a node listens on.
public struct ListenerInfo: ManagementObject, Hashable {
    /// The node.
    public var node: Name?
    /// The protocol: `amqp`, `amqp/ssl`, `clustering`, `http`, `https`, `http/prometheus`, `stream` …
    public var protocolName: String
    /// The address that the node listens on.
    public var address: String?
    /// The port, from 1 to 65535.
    public var port: Int
    /// Whether the port uses TLS.
    public var isTLS: Bool?

    /// Decodes a row; nil without a protocol or a valid port.
    public init?(json: JSONValue) {
        // A number that is not a valid port cannot be connected to.
        guard let fields = ObjectFields(json), let protocolName = fields.string("protocol"),
            let port = fields.int("port"),
            (1...65_535).contains(port)
        else { return nil }
        self.protocolName = protocolName
        self.port = port
        node = fields.nameSetting("node")
        address = fields.setting("ip_address")
        isTLS = fields.bool("tls")
    }
}
