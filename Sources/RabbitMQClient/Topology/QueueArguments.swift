import AMQPWire

/// The optional arguments of a queue by name (RabbitMQ documentation: Queues, Time-To-Live, Queue Length Limit, Dead
/// Letter Exchanges, Quorum Queues, Streams). Nil leaves an argument out, and the choice to the broker and its policies.
///
/// The broker compares the arguments of a queue that exists with those of a new declaration: a difference is 406. It
/// refuses those that the queue's type does not have.
public struct QueueArguments: Sendable, Hashable {
    /// What happens to a full queue (`x-overflow`).
    public enum Overflow: String, Sendable, Hashable, Codable, CaseIterable {
        /// The oldest messages go.
        case dropHead = "drop-head"
        /// New messages are refused: a confirmed publish ends as `.nacked`.
        case rejectPublish = "reject-publish"
        /// As `rejectPublish`, and what is refused is dead-lettered too. Classic queues only.
        case rejectPublishDeadLetter = "reject-publish-dlx"
    }

    /// How sure dead-lettering is (`x-dead-letter-strategy`, quorum queues).
    public enum DeadLetterStrategy: String, Sendable, Hashable, Codable, CaseIterable {
        case atMostOnce = "at-most-once"
        /// Needs `overflow` to be `rejectPublish`.
        case atLeastOnce = "at-least-once"
    }

    /// Where the leader of a new queue is placed (`x-queue-leader-locator`).
    public enum LeaderLocator: String, Sendable, Hashable, Codable, CaseIterable {
        /// On the node that the declaring client is connected to.
        case clientLocal = "client-local"
        /// Where there are few others.
        case balanced
    }

    /// How a classic queue treats memory (`x-queue-mode`; RabbitMQ before 3.12).
    public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
        case `default`
        case lazy
    }

    /// `x-queue-type`.
    public var type: QueueType?
    /// How long a message stays (`x-message-ttl`): whole milliseconds, rounded up, at most ten years. Zero expires what
    /// cannot be delivered at once.
    public var messageTTL: Duration?
    /// How long the queue stays without use (`x-expires`): whole milliseconds, rounded up, more than zero, at most ten years.
    public var expires: Duration?
    /// The most ready messages (`x-max-length`).
    public var maxLength: Int?
    /// The most bytes of ready bodies (`x-max-length-bytes`), for a stream of all of it.
    public var maxLengthBytes: Int?
    /// `x-overflow`.
    public var overflow: Overflow?
    /// Where messages go that were rejected, expired or displaced (`x-dead-letter-exchange`); empty is the default exchange.
    public var deadLetterExchange: String?
    /// Their new routing key (`x-dead-letter-routing-key`); nil leaves each its own.
    public var deadLetterRoutingKey: String?
    /// `x-dead-letter-strategy`.
    public var deadLetterStrategy: DeadLetterStrategy?
    /// How many priorities a classic queue keeps apart (`x-max-priority`); ten are plenty.
    public var maxPriority: UInt8?
    /// How often a message is delivered again before it is dropped or dead-lettered (`x-delivery-limit`, quorum queues).
    public var deliveryLimit: Int?
    /// One consumer at a time, the others in reserve (`x-single-active-consumer`).
    public var singleActiveConsumer: Bool?
    /// `x-queue-leader-locator`.
    public var leaderLocator: LeaderLocator?
    /// How many members a new quorum queue (`x-quorum-initial-group-size`) or stream (`x-initial-cluster-size`) has; which
    /// of the two, `type` tells.
    public var initialMembers: Int?
    /// How old a stream's messages may be (`x-max-age`): whole seconds, rounded up, at least one.
    public var maxAge: Duration?
    /// The size of a stream's segment files in bytes (`x-stream-max-segment-size-bytes`).
    public var maxSegmentBytes: Int?
    /// `x-queue-mode`.
    public var mode: Mode?
    /// The storage of a classic queue (`x-queue-version`): 1, or 2 from RabbitMQ 3.10 on.
    public var version: Int?
    /// How long a delivery may stay unsettled (`x-consumer-timeout`, RabbitMQ 3.12 and later): whole milliseconds, rounded
    /// up.
    public var consumerTimeout: Duration?
    /// Further arguments; they win over the named ones.
    public var others: FieldTable

    public init(
        type: QueueType? = nil,
        messageTTL: Duration? = nil,
        expires: Duration? = nil,
        maxLength: Int? = nil,
        maxLengthBytes: Int? = nil,
        overflow: Overflow? = nil,
        deadLetterExchange: String? = nil,
        deadLetterRoutingKey: String? = nil,
        deadLetterStrategy: DeadLetterStrategy? = nil,
        maxPriority: UInt8? = nil,
        deliveryLimit: Int? = nil,
        singleActiveConsumer: Bool? = nil,
        leaderLocator: LeaderLocator? = nil,
        initialMembers: Int? = nil,
        maxAge: Duration? = nil,
        maxSegmentBytes: Int? = nil,
        mode: Mode? = nil,
        version: Int? = nil,
        consumerTimeout: Duration? = nil,
        others: FieldTable = [:]
    ) {
        self.type = type
        self.messageTTL = messageTTL
        self.expires = expires
        self.maxLength = maxLength
        self.maxLengthBytes = maxLengthBytes
        self.overflow = overflow
        self.deadLetterExchange = deadLetterExchange
        self.deadLetterRoutingKey = deadLetterRoutingKey
        self.deadLetterStrategy = deadLetterStrategy
        self.maxPriority = maxPriority
        self.deliveryLimit = deliveryLimit
        self.singleActiveConsumer = singleActiveConsumer
        self.leaderLocator = leaderLocator
        self.initialMembers = initialMembers
        self.maxAge = maxAge
        self.maxSegmentBytes = maxSegmentBytes
        self.mode = mode
        self.version = version
        self.consumerTimeout = consumerTimeout
        self.others = others
    }

    /// As they go on the wire.
    public var table: FieldTable {
        var table = FieldTable()
        func set(_ key: String, _ value: String?) { if let value { table[key] = .string(value) } }
        func set(_ key: String, _ value: Int64?) { if let value { table[key] = .int64(value) } }
        set("x-queue-type", type?.rawValue)
        set("x-message-ttl", messageTTL?.argumentMilliseconds)
        set("x-expires", expires?.argumentMilliseconds)
        set("x-max-length", maxLength.map(Int64.init))
        set("x-max-length-bytes", maxLengthBytes.map(Int64.init))
        set("x-overflow", overflow?.rawValue)
        set("x-dead-letter-exchange", deadLetterExchange)
        set("x-dead-letter-routing-key", deadLetterRoutingKey)
        set("x-dead-letter-strategy", deadLetterStrategy?.rawValue)
        set("x-max-priority", maxPriority.map(Int64.init))
        set("x-delivery-limit", deliveryLimit.map(Int64.init))
        if let singleActiveConsumer { table["x-single-active-consumer"] = .bool(singleActiveConsumer) }
        set("x-queue-leader-locator", leaderLocator?.rawValue)
        set(
            type == .stream ? "x-initial-cluster-size" : "x-quorum-initial-group-size",
            initialMembers.map(Int64.init)
        )
        set("x-max-age", maxAge?.argumentAge)
        set("x-stream-max-segment-size-bytes", maxSegmentBytes.map(Int64.init))
        set("x-queue-mode", mode?.rawValue)
        set("x-queue-version", version.map(Int64.init))
        set("x-consumer-timeout", consumerTimeout?.argumentMilliseconds)
        for entry in others { table[entry.key] = entry.value }
        return table
    }
}
