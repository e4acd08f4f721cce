public import Names

/// A channel, as `/api/channels` lists it.
public struct ChannelInfo: ManagementObject {
    /// The broker's name for it: the connection's and the number, `PEER -> HOST (1)`.
    public var name: Name
    public var number: Int?
    public var vhost: Name?
    public var user: Name?
    public var node: Name?
    /// `starting`, `running`, `flow`, `closing`.
    public var state: String?
    /// The connection it is on; nil while it is fresh.
    public var connection: PeerReference?
    public var consumerCount: Int?
    /// True when the channel is in confirm mode.
    public var isConfirming: Bool?
    public var isTransactional: Bool?
    public var messagesUnacknowledged: Int64?
    public var messagesUnconfirmed: Int64?
    public var messagesUncommitted: Int64?
    public var acksUncommitted: Int64?
    /// For each consumer; 0 means unlimited.
    public var prefetchCount: Int?
    /// For the whole channel; 0 means unlimited. Absent since 4.0.5.
    public var globalPrefetchCount: Int?
    /// Commands to quorum queues that wait for an answer.
    public var pendingRaftCommands: Int64?
    public var reductions: Figure
    /// Since when the channel has been idle, as the broker writes it (RFC 3339); nil while it is in use.
    public var idleSince: String?
    public var stats: MessageStats?

    public init(name: Name) { self.init(fields: ObjectFields([:]), name: name) }

    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name") else { return nil }
        self.init(fields: fields, name: name)
    }

    private init(fields: ObjectFields, name: Name) {
        self.name = name
        number = fields.int("number")
        vhost = fields.name("vhost")
        user = fields.name("user")
        node = fields.nameSetting("node")
        state = fields.setting("state")
        connection = fields.row("connection_details")
        consumerCount = fields.int("consumer_count")
        isConfirming = fields.bool("confirm")
        isTransactional = fields.bool("transactional")
        messagesUnacknowledged = fields.int64("messages_unacknowledged")
        messagesUnconfirmed = fields.int64("messages_unconfirmed")
        messagesUncommitted = fields.int64("messages_uncommitted")
        acksUncommitted = fields.int64("acks_uncommitted")
        prefetchCount = fields.int("prefetch_count")
        globalPrefetchCount = fields.int("global_prefetch_count")
        pendingRaftCommands = fields.int64("pending_raft_commands")
        reductions = fields.figure("reductions")
        idleSince = fields.setting("idle_since")
        stats = fields.stats()
    }
}

/// One channel with what only its own page tells.
public struct ChannelDetail: ManagementObject {
    public var channel: ChannelInfo
    public var consumers: [ConsumerInfo]
    /// Which queues it is delivered from; empty unless the broker's rates mode is detailed.
    public var deliveries: [DeliveryStats]
    /// Which exchanges it publishes to; empty unless the broker's rates mode is detailed.
    public var publishes: [PublishStats]

    public init?(json: JSONValue) {
        guard let channel = ChannelInfo(json: json), let fields = ObjectFields(json) else { return nil }
        self.channel = channel
        consumers = fields.rows("consumer_details")
        deliveries = fields.rows("deliveries")
        publishes = fields.rows("publishes")
    }
}

/// A channel or a connection named inside another row, with its peer.
public struct PeerReference: ManagementObject {
    public var name: Name
    /// The connection's name, when this names a channel.
    public var connectionName: Name?
    /// The channel's number, when this names a channel.
    public var number: Int?
    public var node: Name?
    public var user: Name?
    public var peerHost: String?
    public var peerPort: Int?

    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name") else { return nil }
        self.name = name
        connectionName = fields.nameSetting("connection_name")
        number = fields.int("number")
        node = fields.nameSetting("node")
        user = fields.nameSetting("user")
        peerHost = fields.setting("peer_host")
        peerPort = fields.int("peer_port")
    }
}

/// Something with a name in a vhost, named inside another row.
public struct NameReference: ManagementObject, Hashable {
    public var vhost: Name
    public var name: Name

    public init(vhost: Name, name: Name) {
        self.vhost = vhost
        self.name = name
    }

    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name") else { return nil }
        self.name = name
        vhost = fields.name("vhost") ?? "/"
    }
}

/// Deliveries between one queue and one channel.
public struct DeliveryStats: ManagementObject {
    /// The queue, in a channel's detail.
    public var queue: NameReference?
    /// The channel, in a queue's detail.
    public var channel: PeerReference?
    public var stats: MessageStats?

    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json) else { return nil }
        queue = fields.row("queue")
        channel = fields.row("channel_details")
        stats = fields.stats("stats") ?? fields.stats()
        if queue == nil, channel == nil { return nil }
    }
}

/// Publishes between one exchange and a channel or a queue.
public struct PublishStats: ManagementObject {
    public var exchange: NameReference?
    public var queue: NameReference?
    public var channel: PeerReference?
    public var stats: MessageStats?

    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json) else { return nil }
        exchange = fields.row("exchange")
        queue = fields.row("queue")
        channel = fields.row("channel_details")
        stats = fields.stats("stats") ?? fields.stats()
        if exchange == nil, queue == nil, channel == nil { return nil }
    }
}
