public import Names

/// Depths and consumers of a node's queues, from its Prometheus endpoint. As old as the broker's statistics interval (5 s).
public struct QueueGauges: Sendable, Equatable {
    /// One row for each queue, in the order the broker gave them.
    public var rows: [QueueGauge]
    /// False when the answer had no depths: the broker does not know the family `queue_coarse_metrics`.
    public var hasDepths: Bool
    /// False when the answer had no consumers: the broker does not know the family `queue_consumer_count`.
    public var hasConsumers: Bool
    /// The name of the cluster that the node belongs to; nil where it did not say.
    public var cluster: Name?
    /// Lines that were no metric.
    public var undecodable: Int

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

/// Depths and consumers of one queue. nil where the broker gave no number (`NaN`). Numbers below zero occur on a broker and
/// are given as they came.
public struct QueueGauge: Sendable, Hashable {
    public var vhost: Name
    public var name: Name
    /// Ready and unacknowledged.
    public var messages: Int64?
    public var ready: Int64?
    public var unacknowledged: Int64?
    public var consumers: Int64?

    /// Whether the queue is there: a broker without statistics gives the consumers of deleted queues until it restarts.
    public var hasDepth: Bool { messages != nil || ready != nil || unacknowledged != nil }

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

/// One sample of the Prometheus text format.
public struct MetricSample: Sendable, Hashable {
    public var name: String
    public var labels: [Name: Name]
    /// May be NaN or infinite.
    public var value: Double

    public init(name: String, labels: [Name: Name] = [:], value: Double) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}

/// What a node's Prometheus endpoint can do, found out by asking.
public enum PrometheusSupport: Sendable, Hashable {
    /// `/metrics/detailed` is there, with depths, and with or without consumers.
    case detailed(hasConsumers: Bool)
    /// Only `/metrics` is there.
    case aggregatedOnly
}
