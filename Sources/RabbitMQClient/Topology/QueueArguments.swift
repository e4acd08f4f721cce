import AMQPWire

/// The optional arguments of a queue by name (RabbitMQ documentation: Queues, Time-To-Live, Queue Length Limit, Dead
/// Letter Exchanges, Quorum Queues, Streams). An argument that is nil is not sent, and the broker and its policies
/// decide.
///
/// The broker compares the arguments of an existing queue with those of a new declaration and refuses a difference with
/// 406. It also refuses arguments that the queue's type does not support.
public struct QueueArguments: Sendable, Hashable {
    /// What happens when the queue is full (`x-overflow`).
    public enum Overflow: String, Sendable, Hashable, Codable, CaseIterable {
        /// Drops the oldest messages.
        case dropHead = "drop-head"
        /// Refuses new messages: a confirmed publish ends as `.nacked`.
        case rejectPublish = "reject-publish"
        /// Refuses new messages and dead-letters them. Classic queues only.
        case rejectPublishDeadLetter = "reject-publish-dlx"
    }

    /// The guarantee of dead-lettering (`x-dead-letter-strategy`, quorum queues).
    public enum DeadLetterStrategy: String, Sendable, Hashable, Codable, CaseIterable {
        /// A dead-lettered message may be lost.
        case atMostOnce = "at-most-once"
        /// A dead-lettered message is not lost. Requires `overflow` to be `rejectPublish`.
        case atLeastOnce = "at-least-once"
    }

    /// Where the leader of a new queue is placed (`x-queue-leader-locator`).
    public enum LeaderLocator: String, Sendable, Hashable, Codable, CaseIterable {
        /// On the node that the declaring client is connected to.
        case clientLocal = "client-local"
        /// On a node with few leaders.
        case balanced
    }

    /// How a classic queue uses memory (`x-queue-mode`; RabbitMQ before 3.12).
    public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
        /// Keeps messages in memory where possible.
        case `default`
        /// Moves messages to disk as early as possible.
        case lazy
    }

    /// The queue's type (`x-queue-type`).
    public var type: QueueType?
    /// How long a message stays in the queue (`x-message-ttl`): whole milliseconds, rounded up, at most ten years. Zero
    /// expires messages that cannot be delivered at once.
    public var messageTTL: Duration?
    /// How long the queue exists without use (`x-expires`): whole milliseconds, rounded up, more than zero, at most ten
    /// years.
    public var expires: Duration?
    /// The maximum number of ready messages (`x-max-length`).
    public var maxLength: Int?
    /// The maximum size of all ready bodies (`x-max-length-bytes`), or of a whole stream, in bytes.
    public var maxLengthBytes: Int?
    /// What happens when the queue is full (`x-overflow`).
    public var overflow: Overflow?
    /// The exchange for messages that were rejected, expired or dropped (`x-dead-letter-exchange`); empty is the
    /// default exchange.
    public var deadLetterExchange: String?
    /// The routing key of dead-lettered messages (`x-dead-letter-routing-key`); nil keeps each message's own.
    public var deadLetterRoutingKey: String?
    /// The guarantee of dead-lettering (`x-dead-letter-strategy`).
    public var deadLetterStrategy: DeadLetterStrategy?
    /// The number of priorities of a classic queue (`x-max-priority`); ten are enough.
    public var maxPriority: UInt8?
    /// How often a message is delivered again before it is dropped or dead-lettered (`x-delivery-limit`, quorum
    /// queues).
    public var deliveryLimit: Int?
    /// Whether only one consumer at a time receives messages and the others stand by (`x-single-active-consumer`).
    public var singleActiveConsumer: Bool?
    /// Where the leader of a new queue is placed (`x-queue-leader-locator`).
    public var leaderLocator: LeaderLocator?
    /// The number of members of a new quorum queue (`x-quorum-initial-group-size`) or stream
    /// (`x-initial-cluster-size`); `type` determines which argument is sent.
    public var initialMembers: Int?
    /// The maximum age of a stream's messages (`x-max-age`): whole seconds, rounded up, at least one.
    public var maxAge: Duration?
    /// The size of a stream's segment files (`x-stream-max-segment-size-bytes`), in bytes.
    public var maxSegmentBytes: Int?
    /// How a classic queue uses memory (`x-queue-mode`).
    public var mode: Mode?
    /// The storage version of a classic queue (`x-queue-version`): 1, or 2 from RabbitMQ 3.10 on.
    public var version: Int?
    /// How long a delivery may stay unsettled (`x-consumer-timeout`, RabbitMQ 3.12 and later): whole milliseconds,
    /// rounded up.
    public var consumerTimeout: Duration?
    /// Further arguments; they replace named ones with the same key.
    public var others: FieldTable

    /// Creates queue arguments.
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

    /// The arguments as a field table.
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
