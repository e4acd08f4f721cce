public import Names

/// The cluster at a glance, as `/api/overview` tells it.
public struct Overview: ManagementObject {
    public var clusterName: String?
    /// The node that answered.
    public var node: Name?
    public var rabbitMQVersion: String?
    public var productName: String?
    public var productVersion: String?
    public var managementVersion: String?
    public var erlangVersion: String?
    /// `none`, `basic` or `detailed`.
    public var ratesMode: String?
    /// True when the broker collects no statistics for the management API: rows come without figures.
    public var isStatisticsDisabled: Bool
    /// True when queue totals are kept although statistics are disabled.
    public var hasQueueTotals: Bool
    public var defaultQueueType: String?
    /// Events the statistics database has not worked off.
    public var statisticsBacklog: Int64?
    public var messages: Figure
    public var messagesReady: Figure
    public var messagesUnacknowledged: Figure
    public var connections: Int?
    public var channels: Int?
    public var consumers: Int?
    public var queues: Int?
    public var exchanges: Int?
    public var stats: MessageStats?
    public var churn: ChurnRates
    public var listeners: [ListenerInfo]
    /// False when the answer has no listeners at all: of a broker without statistics, and for a user who may not monitor.
    public var tellsListeners: Bool

    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json),
            fields.string("management_version") != nil || fields.string("node") != nil
        else { return nil }
        clusterName = fields.setting("cluster_name")
        node = fields.nameSetting("node")
        rabbitMQVersion = fields.setting("rabbitmq_version")
        productName = fields.setting("product_name")
        productVersion = fields.setting("product_version")
        managementVersion = fields.setting("management_version")
        erlangVersion = fields.setting("erlang_version")
        ratesMode = fields.setting("rates_mode")
        isStatisticsDisabled = fields.bool("disable_stats") ?? false
        hasQueueTotals = fields.bool("enable_queue_totals") ?? false
        defaultQueueType = fields.setting("default_queue_type")
        statisticsBacklog = fields.int64("statistics_db_event_queue")
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

/// A port a node listens on.
public struct ListenerInfo: ManagementObject, Hashable {
    public var node: Name?
    /// `amqp`, `amqp/ssl`, `clustering`, `http`, `https`, `http/prometheus`, `stream` …
    public var protocolName: String
    public var address: String?
    public var port: Int
    public var isTLS: Bool?

    public init?(json: JSONValue) {
        // What is no port cannot be connected to.
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
