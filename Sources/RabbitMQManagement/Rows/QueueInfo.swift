public import Names

/// A queue or a stream, as `/api/queues` lists it. Which fields are there depends on the mode asked for, the kind of queue
/// and the broker's version.
public struct QueueInfo: ManagementObject {
    public var vhost: Name
    public var name: Name
    /// `classic`, `quorum`, `stream`, or what a plugin adds.
    public var type: String?
    /// `running`, `idle`, `flow`, `down`, `minority`, `crashed`, `stopped` …; nil on a queue just made.
    public var state: String?
    /// The node of the queue, or of its leader.
    public var node: Name?
    public var isDurable: Bool?
    public var isAutoDelete: Bool?
    public var isExclusive: Bool?
    /// True for a queue a plugin or the broker itself made for its own use.
    public var isInternal: Bool?
    /// The name of what an internal queue belongs to.
    public var internalOwner: Name?
    /// The connection that holds an exclusive queue.
    public var exclusiveOwner: Name?
    /// The arguments it was declared with.
    public var arguments: [Name: JSONValue]
    /// The policy that applies; nil when none does.
    public var policy: Name?
    public var operatorPolicy: Name?
    /// What policy and operator policy together set (`expires`, `max-length` …).
    public var effectivePolicy: [Name: JSONValue]

    /// Ready and unacknowledged messages.
    public var messages: Figure
    public var messagesReady: Figure
    public var messagesUnacknowledged: Figure
    public var messagesPersistent: Int64?
    public var messagesRAM: Int64?
    /// Messages a quorum queue is dead-lettering.
    public var messagesDeadLettering: Int64?
    /// Bytes of all message bodies; nil for streams.
    public var messageBytes: Int64?
    public var messageBytesReady: Int64?
    public var messageBytesUnacknowledged: Int64?

    /// Consumers. A quorum queue counts a running `basic.get` as one.
    public var consumers: Int?
    /// The share of time in which the queue could have delivered at once to a consumer, 0 to 1; nil for streams.
    public var consumerCapacity: Double?
    public var singleActiveConsumerTag: Name?
    public var exclusiveConsumerTag: Name?
    /// Quorum queues of 4.3 and later: channels that publish here.
    public var publishers: Int?

    /// Bytes of memory the queue's process uses.
    public var memory: Int64?
    public var reductions: Figure
    /// Since when the queue has been idle, as the broker writes it (RFC 3339); nil while it is in use.
    public var idleSince: String?
    /// Epoch seconds, when the head message has a timestamp.
    public var headMessageTimestamp: Int64?
    public var deliveryLimit: DeliveryLimit?

    /// The nodes that hold a replica (quorum queues and streams).
    public var members: [Name]?
    /// The members that can be reached.
    public var online: [Name]?
    public var leader: Name?
    public var stats: MessageStats?

    public init(vhost: Name, name: Name) {
        self.init(fields: ObjectFields([:]), vhost: vhost, name: name)
    }

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
        messageBytesReady = fields.int64("message_bytes_ready")
        messageBytesUnacknowledged = fields.int64("message_bytes_unacknowledged")
        consumers = fields.int("consumers")
        consumerCapacity = (fields.double("consumer_capacity") ?? fields.double("consumer_utilisation"))
            .flatMap { (0...1.01).contains($0) ? min(1, $0) : nil }
        singleActiveConsumerTag =
            fields.nameSetting("single_active_consumer_tag") ?? fields.nameSetting("single_active_consumer_ctag")
        exclusiveConsumerTag = fields.nameSetting("exclusive_consumer_tag")
        publishers = fields.int("publishers")
        memory = fields.int64("memory")
        reductions = fields.figure("reductions")
        idleSince = fields.setting("idle_since")
        headMessageTimestamp = fields.int64("head_message_timestamp")
        deliveryLimit = DeliveryLimit(json: fields["delivery_limit"])
        members = fields.names("members")
        online = fields.names("online")
        leader = fields.nameSetting("leader")
        stats = fields.stats()
    }

    /// Whether one of its consumers gets the messages and the others wait. It is an argument; no policy sets it.
    public var hasSingleActiveConsumer: Bool { arguments["x-single-active-consumer"]?.boolValue == true }

    /// What `expires` (milliseconds) applies, of argument and policy, if any: such a queue must not be watched with passive
    /// declares, which renew the lease.
    public var expires: Int64? {
        let own = arguments["x-expires"]?.integerValue
        let policies = effectivePolicy["expires"]?.integerValue
        guard let own, let policies else { return own ?? policies }
        return min(own, policies)
    }
}

/// How often a message may be delivered before it is dead-lettered or dropped (quorum queues; 20 by default since 4.0).
public enum DeliveryLimit: Sendable, Hashable {
    case unlimited
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

/// One queue with what only its own page tells.
public struct QueueDetail: ManagementObject {
    public var queue: QueueInfo
    public var consumers: [ConsumerInfo]
    /// Which channels it delivers to; empty unless the broker's rates mode is detailed.
    public var deliveries: [DeliveryStats]
    /// Which exchanges publish into it; empty unless the broker's rates mode is detailed.
    public var incoming: [PublishStats]

    /// What lists tell of it.
    init(_ queue: QueueInfo, consumers: [ConsumerInfo]) {
        self.queue = queue
        self.consumers = consumers
        deliveries = []
        incoming = []
    }

    public init?(json: JSONValue) {
        guard let queue = QueueInfo(json: json), let fields = ObjectFields(json) else { return nil }
        self.queue = queue
        consumers = fields.rows("consumer_details")
        deliveries = fields.rows("deliveries")
        incoming = fields.rows("incoming")
    }
}
