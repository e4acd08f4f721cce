public import Names

/// A queue or a stream in the list `/api/queues`. Which fields are present depends on the requested mode, the queue
/// type and the broker's version; the others are nil.
public struct QueueInfo: ManagementObject {
    /// The vhost.
    public var vhost: Name
    /// The name.
    public var name: Name
    /// The type: `classic`, `quorum`, `stream`, or a type of a plugin.
    public var type: String?
    /// The state: `running`, `idle`, `flow`, `down`, `minority`, `crashed`, `stopped` …; nil for a new queue.
    public var state: String?
    /// The node of the queue, or of its leader.
    public var node: Name?
    /// Whether the queue survives a restart of the broker.
    public var isDurable: Bool?
    /// Whether the queue is deleted with its last consumer.
    public var isAutoDelete: Bool?
    /// Whether only one connection may use the queue.
    public var isExclusive: Bool?
    /// Whether a plugin or the broker itself declared the queue for its own use.
    public var isInternal: Bool?
    /// The name of the object that an internal queue belongs to.
    public var internalOwner: Name?
    /// The connection that owns an exclusive queue.
    public var exclusiveOwner: Name?
    /// The arguments that it was declared with.
    public var arguments: [Name: JSONValue]
    /// The policy that applies; nil if none does.
    public var policy: Name?
    /// The operator policy that applies; nil if none does.
    public var operatorPolicy: Name?
    /// The combined definition of policy and operator policy (`expires`, `max-length` …).
    public var effectivePolicy: [Name: JSONValue]

    /// The number of ready and unacknowledged messages.
    public var messages: Figure
    /// The number of ready messages.
    public var messagesReady: Figure
    /// The number of unacknowledged messages.
    public var messagesUnacknowledged: Figure
    /// The number of persistent messages.
    public var messagesPersistent: Int64?
    /// The number of messages kept in memory.
    public var messagesRAM: Int64?
    /// The number of messages that a quorum queue is dead-lettering.
    public var messagesDeadLettering: Int64?
    /// The size of all message bodies, in bytes; nil for streams.
    public var messageBytes: Int64?

    /// The timestamp of the oldest message, a property that its publisher set, in seconds since 1970; nil for a message
    /// without one, and for quorum queues and streams.
    public var headMessageTimestamp: Int64?

    /// The number of consumers. A quorum queue counts a running `basic.get` as one.
    public var consumers: Int?
    /// The fraction of time in which the queue could have delivered immediately to a consumer, 0 to 1; nil for streams.
    public var consumerCapacity: Double?
    /// The tag of the single active consumer.
    public var singleActiveConsumerTag: Name?
    /// The number of channels that publish to the queue (quorum queues of 4.3 and later).
    public var publishers: Int?

    /// The memory used by the queue's process, in bytes.
    public var memory: Int64?
    /// The Erlang reductions of the queue's process, a measure of its CPU time.
    public var reductions: Figure
    /// Since when the queue has been idle, as the broker writes it (RFC 3339); nil while it is in use.
    public var idleSince: String?
    /// The delivery limit of a quorum queue.
    public var deliveryLimit: DeliveryLimit?

    /// The nodes with a replica (quorum queues and streams).
    public var members: [Name]?
    /// The members that can be reached.
    public var online: [Name]?
    /// The node of the leader.
    public var leader: Name?
    /// Of a stream: the number of segment files (from RabbitMQ 3.11).
    public var segments: Int?
    /// Of a stream: when its first message was published, in milliseconds since 1970 (from RabbitMQ 4.3); nil while it
    /// is empty.
    public var firstTimestamp: Int64?
    /// Totals and rates of messages.
    public var stats: MessageStats?

    /// Creates a queue with only vhost and name.
    public init(vhost: Name, name: Name) {
        self.init(fields: ObjectFields([:]), vhost: vhost, name: name)
    }

    /// Decodes a row; nil without a name or a vhost.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name"), let vhost = fields.name("vhost")
        else { return nil }
        self.init(fields: fields, vhost: vhost, name: name)
    }

    private init(fields: ObjectFields, vhost: Name, name: Name) {
        self.vhost = vhost
        self.name = name
        type = fields.string("type")
        state = fields.setting("state")
        node = fields.nameSetting("node")
        isDurable = fields.bool("durable")
        isAutoDelete = fields.bool("auto_delete")
        isExclusive = fields.bool("exclusive")
        isInternal = fields.bool("internal")
        internalOwner = fields.object("internal_owner")?.nameSetting("name")
        exclusiveOwner = fields.object("owner_pid_details")?.nameSetting("name")
        arguments = fields.map("arguments")
        policy = fields.nameSetting("policy")
        operatorPolicy = fields.nameSetting("operator_policy")
        effectivePolicy = fields.map("effective_policy_definition")
        messages = fields.figure("messages")
        messagesReady = fields.figure("messages_ready")
        messagesUnacknowledged = fields.figure("messages_unacknowledged")
        messagesPersistent = fields.int64("messages_persistent")
        messagesRAM = fields.int64("messages_ram")
        messagesDeadLettering = fields.int64("messages_dlx")
        messageBytes = fields.int64("message_bytes")
        headMessageTimestamp = fields.int64("head_message_timestamp")
        consumers = fields.int("consumers")
        consumerCapacity = (fields.double("consumer_capacity") ?? fields.double("consumer_utilisation"))
            .flatMap { (0...1.01).contains($0) ? min(1, $0) : nil }
        singleActiveConsumerTag =
            fields.nameSetting("single_active_consumer_tag") ?? fields.nameSetting("single_active_consumer_ctag")
        publishers = fields.int("publishers")
        memory = fields.int64("memory")
        reductions = fields.figure("reductions")
        idleSince = fields.setting("idle_since")
        deliveryLimit = DeliveryLimit(json: fields["delivery_limit"])
        members = fields.names("members")
        online = fields.names("online")
        leader = fields.nameSetting("leader")
        segments = fields.int("segments")
        firstTimestamp = fields.int64("first_timestamp").flatMap { $0 > 0 ? $0 : nil }
        stats = fields.stats()
    }

    /// Whether only one of its consumers receives messages while the others wait. It is set by an argument, not by a
    /// policy.
    public var hasSingleActiveConsumer: Bool { arguments["x-single-active-consumer"]?.boolValue == true }

    /// The effective `expires` of argument and policy, in milliseconds; nil if there is none. Do not monitor such a
    /// queue with passive declares, which reset the expiry.
    public var expires: Int64? { smallest("expires") }
}

extension QueueInfo {
    /// The effective number of ready messages kept, the smaller one of argument and policies; nil without a limit.
    public var maximumLength: Int64? { smallest("max-length") }

    /// The effective size of ready messages kept, in bytes; nil without a limit.
    public var maximumLengthBytes: Int64? { smallest("max-length-bytes") }

    /// The effective time within which consumers must acknowledge, in milliseconds; nil if the broker's own holds.
    public var consumerTimeout: Int64? { smallest("consumer-timeout") }

    /// What becomes of messages beyond the limits: the argument's, else the policies'; nil for the broker's default.
    public var overflow: String? { arguments["x-overflow"]?.text ?? effectivePolicy["overflow"]?.text }

    /// Returns a limit that is set by an argument, `x-KEY`, or by policies: of several the smallest is in force.
    private func smallest(_ key: Name) -> Int64? {
        [arguments[Name("x-\(key)")]?.integerValue, effectivePolicy[key]?.integerValue]
            .compactMap { $0 }.filter { $0 >= 0 }.min()
    }
}

/// The maximum number of deliveries of a message before it is dead-lettered or dropped (quorum queues; 20 by default
/// since 4.0).
public enum DeliveryLimit: Sendable, Hashable {
    /// There is no limit.
    case unlimited
    /// The number of deliveries.
    case deliveries(Int64)

    init?(json: JSONValue) {
        if json == .string("unlimited") || json == .string("infinity") {
            self = .unlimited
        } else if let limit = json.integerValue {
            self = limit < 0 ? .unlimited : .deliveries(limit)
        } else {
            return nil
        }
    }
}

/// One queue with the fields of its own resource, `/api/queues/VHOST/NAME`.
public struct QueueDetail: ManagementObject {
    /// The fields of the list.
    public var queue: QueueInfo
    /// The queue's consumers.
    public var consumers: [ConsumerInfo]
    /// The deliveries by channel; empty unless the broker's rates mode is `detailed`.
    public var deliveries: [DeliveryStats]
    /// The publishes to the queue by exchange; empty unless the broker's rates mode is `detailed`.
    public var incoming: [PublishStats]

    /// Creates a value from the fields of lists.
    init(_ queue: QueueInfo, consumers: [ConsumerInfo]) {
        self.queue = queue
        self.consumers = consumers
        deliveries = []
        incoming = []
    }

    /// Decodes a row; nil without a name or a vhost.
    public init?(json: JSONValue) {
        guard let queue = QueueInfo(json: json), let fields = ObjectFields(json) else { return nil }
        self.queue = queue
        consumers = fields.rows("consumer_details")
        deliveries = fields.rows("deliveries")
        incoming = fields.rows("incoming")
    }
}
