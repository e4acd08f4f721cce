public import Foundation
public import Names

/// A figure with its time and source.
public struct Measured<Value: Sendable & Equatable>: Sendable, Equatable {
    /// The value of the figure.
    public var value: Value
    /// When the figure was measured.
    public var at: Date
    /// The source of the figure.
    public var source: DepthSource

    /// Creates a measured figure.
    public init(_ value: Value, at: Date, source: DepthSource) {
        self.value = value
        self.at = at
        self.source = source
    }
}

/// A queue, merged from up to three sources: depth by AMQP, depth of all queues in bulk, and the details of the
/// management API.
public struct QueueRow: Sendable, Equatable, Identifiable {
    public var id: EntityID
    /// Messages ready for delivery.
    public var ready: Measured<Int>?
    /// Messages delivered and not yet acknowledged.
    public var unacked: Measured<Int>?
    /// The total as reported by the broker; `messages` derives the total that is shown.
    public var total: Measured<Int>?
    /// The number of consumers.
    public var consumers: Measured<Int>?
    /// What is known only from the management API.
    public var details: QueueDetails?
    /// When the details were reported.
    public var detailsAt: Date?

    /// The last figures of Prometheus or the management API: live figures are checked against them.
    var reportedReady: Measured<Int>?
    var reportedConsumers: Measured<Int>?
    /// When rabbittop purged the queue.
    var purgedAt: Date?
    /// One bit for each source whose last complete report lists the queue.
    var reporters: UInt64 = 0
    /// Whether a complete report ever listed the queue.
    var wasListed = false

    /// Creates a row without figures.
    public init(id: EntityID) {
        self.id = id
    }

    /// The queue's vhost.
    public var vhost: Name { id.vhost }
    /// The queue's name.
    public var name: Name { id.name }

    /// Ready and unacknowledged messages together: the sum of the newest parts, otherwise the total as reported.
    public var messages: Int? {
        if let ready, let unacked {
            if let total, total.at > ready.at, total.at > unacked.at { return total.value }
            return ready.value.saturatingAdding(unacked.value)
        }
        return total?.value ?? ready?.value
    }

    /// The source of the depth shown.
    public var depthSource: DepthSource? { (ready ?? total)?.source }
    /// The time of the depth shown.
    public var depthAt: Date? { (ready ?? total)?.at }
}

/// What the management API reports about a queue beyond its depth. Rates are messages per second, sizes bytes.
public struct QueueDetails: Sendable, Equatable {
    /// The queue type: `classic`, `quorum` or `stream`.
    public var type: String?
    /// The queue's state as RabbitMQ names it.
    public var state: String?
    /// The node that hosts the queue or its leader.
    public var node: Name?
    /// Messages published per second.
    public var publishRate: Double?
    /// Messages delivered per second.
    public var deliverRate: Double?
    /// Messages acknowledged per second.
    public var ackRate: Double?
    /// Messages redelivered per second.
    public var redeliverRate: Double?
    /// The memory of the queue process, in bytes.
    public var memory: Int?
    /// The name of the policy in force.
    public var policy: Name?
    /// The dead letter exchange.
    public var deadLetterExchange: Name?
    /// Since when the queue has been idle.
    public var idleSince: Date?
    /// Whether it survives a restart of the broker.
    public var durable: Bool?
    /// Whether the queue is exclusive to its connection.
    public var exclusive: Bool?
    /// Whether it is deleted when it is no longer used.
    public var autoDelete: Bool?
    /// `x-expires` of the queue's arguments or of a policy, in milliseconds. Such a queue is never polled by passive
    /// declares.
    public var expires: Int?
    /// The limit after which a message is dropped or dead-lettered; `nil` when no limit is in force.
    public var deliveryLimit: Int?
    /// Whether only one of the consumers receives messages while the others wait (`x-single-active-consumer`).
    public var singleActiveConsumer = false

    /// Creates details of which everything is unknown.
    public init() {}

    /// Whether the queue is listed but unavailable, because its node or its process is down. Its figures are unknown.
    public var isDown: Bool {
        switch state {
        case "down", "stopped", "crashed": true
        default: false
        }
    }

    /// Whether a passive declare reports the number of consumers: for a stream it reports 0, for a quorum queue with a
    /// single active consumer it omits those that wait.
    public var declareCountsConsumers: Bool {
        switch type {
        case "stream": false
        case "quorum": !singleActiveConsumer
        default: true
        }
    }
}
