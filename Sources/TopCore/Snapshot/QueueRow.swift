public import Foundation
public import Names

/// Where a queue's depth came from.
public enum DepthSource: String, Sendable, Codable {
    /// An AMQP passive declare.
    case amqp
    case prometheus
    /// The management API.
    case management
}

/// A figure with the time and source it is from.
public struct Measured<Value: Sendable & Equatable>: Sendable, Equatable {
    public var value: Value
    public var at: Date
    public var source: DepthSource

    public init(_ value: Value, at: Date, source: DepthSource) {
        self.value = value
        self.at = at
        self.source = source
    }
}

/// A queue, merged from up to three sources: depth by AMQP, depth of all queues in bulk, and the rich details.
public struct QueueRow: Sendable, Equatable, Identifiable {
    public var id: EntityID
    /// Messages ready for delivery.
    public var ready: Measured<Int>?
    /// Messages delivered and not yet acknowledged.
    public var unacked: Measured<Int>?
    /// What the broker says the total is; `messages` derives the total that is shown.
    public var total: Measured<Int>?
    public var consumers: Measured<Int>?
    /// What is known from the management API only, and since when.
    public var details: QueueDetails?
    public var detailsAt: Date?

    /// What Prometheus or the management API said last: live figures are checked against it.
    var reportedReady: Measured<Int>?
    var reportedConsumers: Measured<Int>?
    /// When it was purged by us.
    var purgedAt: Date?
    /// One bit for each source whose last complete report lists the queue.
    var reporters: UInt64 = 0
    /// Whether a complete report ever listed it.
    var wasListed = false

    public init(id: EntityID) {
        self.id = id
    }

    public var vhost: Name { id.vhost }
    public var name: Name { id.name }

    /// Ready and unacknowledged messages together: the sum of the newest parts, else the total as told.
    public var messages: Int? {
        if let ready, let unacked {
            if let total, total.at > ready.at, total.at > unacked.at { return total.value }
            return ready.value.saturatingAdding(unacked.value)
        }
        return total?.value ?? ready?.value
    }

    /// Source of the depth shown.
    public var depthSource: DepthSource? { (ready ?? total)?.source }
    public var depthAt: Date? { (ready ?? total)?.at }
}

/// What the management API tells of a queue beyond its depth. Rates are messages per second, sizes bytes.
public struct QueueDetails: Sendable, Equatable {
    public var type: String?
    public var state: String?
    public var node: Name?
    public var publishRate: Double?
    public var deliverRate: Double?
    public var ackRate: Double?
    public var redeliverRate: Double?
    public var memory: Int?
    public var policy: Name?
    public var deadLetterExchange: Name?
    public var idleSince: Date?
    public var durable: Bool?
    public var exclusive: Bool?
    public var autoDelete: Bool?
    /// `x-expires` of the queue's arguments or of a policy, in milliseconds: such a queue is never declared to watch it.
    public var expires: Int?
    /// The limit after which a delivery is dropped or dead-lettered; `nil` where none is in force.
    public var deliveryLimit: Int?
    /// Whether one of its consumers gets the messages and the others wait.
    public var singleActiveConsumer = false

    public init() {}

    /// Whether it is listed and not there: its node is down, or its process is. Its figures are unknown.
    public var isDown: Bool {
        switch state {
        case "down", "stopped", "crashed": true
        default: false
        }
    }

    /// Whether a passive declare tells how many consumers there are: of a stream it says 0, of a quorum queue with a
    /// single active consumer it leaves out those that wait.
    public var declareCountsConsumers: Bool {
        switch type {
        case "stream": false
        case "quorum": !singleActiveConsumer
        default: true
        }
    }
}
