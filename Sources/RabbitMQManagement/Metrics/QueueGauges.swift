public import Names

/// Depths and consumers of a node's queues, from its Prometheus endpoint. They are as old as the broker's statistics
/// interval (5 s).
public struct QueueGauges: Sendable, Equatable {
    /// One row for each queue, in the order of the response.
    public var rows: [QueueGauge]
    /// Whether the response has depths. False if the broker does not support the family `queue_coarse_metrics`.
    public var hasDepths: Bool
    /// Whether the response has consumers. False if the broker does not support the family `queue_consumer_count`.
    public var hasConsumers: Bool
    /// The name of the node's cluster; nil if the response does not contain it.
    public var cluster: Name?
    /// The number of lines that could not be parsed.
    public var undecodable: Int

    /// Creates gauges.
    public init(
        rows: [QueueGauge] = [], hasDepths: Bool = true, hasConsumers: Bool = true, cluster: Name? = nil,
        undecodable: Int = 0
    ) {
        self.cluster = cluster
        self.rows = rows
        self.hasDepths = hasDepths
        self.hasConsumers = hasConsumers
        self.undecodable = undecodable
    }
}

/// Depths and consumers of one queue. A value is nil if the broker gave no number (`NaN`). Negative values occur and
/// are returned unchanged.
public struct QueueGauge: Sendable, Hashable {
    /// The vhost of the queue.
    public var vhost: Name
    /// The name of the queue.
    public var name: Name
    /// The number of ready and unacknowledged messages.
    public var messages: Int64?
    /// The number of ready messages.
    public var ready: Int64?
    /// The number of unacknowledged messages.
    public var unacknowledged: Int64?
    /// The number of consumers.
    public var consumers: Int64?

    /// Whether the queue exists: a broker without statistics reports the consumers of deleted queues until it restarts.
    public var hasDepth: Bool { messages != nil || ready != nil || unacknowledged != nil }

    /// Creates the gauges of a queue.
    public init(
        vhost: some NameConvertible, name: some NameConvertible, messages: Int64? = nil, ready: Int64? = nil,
        unacknowledged: Int64? = nil,
        consumers: Int64? = nil
    ) {
        self.vhost = vhost.asName
        self.name = name.asName
        self.messages = messages
        self.ready = ready
        self.unacknowledged = unacknowledged
        self.consumers = consumers
    }
}

/// What a node's Prometheus endpoint supports, determined by requests.
public enum PrometheusSupport: Sendable, Hashable {
    /// `/metrics/detailed` is available, with depths, and with or without consumers.
    case detailed(hasConsumers: Bool)
    /// Only `/metrics` is available.
    case aggregatedOnly
}
