public import Names

/// A channel in the list `/api/channels`. A field that the response does not contain is nil.
public struct ChannelInfo: ManagementObject {
    /// The broker's name for the channel: the connection's name and the number, `PEER -> HOST (1)`.
    public var name: Name
    /// The channel number.
    public var number: Int?
    /// The vhost.
    public var vhost: Name?
    /// The user name.
    public var user: Name?
    /// The node.
    public var node: Name?
    /// The state: `starting`, `running`, `flow`, `closing`.
    public var state: String?
    /// The connection of the channel; nil while it is new.
    public var connection: PeerReference?
    /// The number of consumers.
    public var consumerCount: Int?
    /// Whether publisher confirms are enabled.
    public var isConfirming: Bool?
    /// Whether the channel is transactional.
    public var isTransactional: Bool?
    /// The number of deliveries not yet acknowledged.
    public var messagesUnacknowledged: Int64?
    /// The number of published messages not yet confirmed.
    public var messagesUnconfirmed: Int64?
    /// The number of messages received in an uncommitted transaction.
    public var messagesUncommitted: Int64?
    /// The number of acknowledgements received in an uncommitted transaction.
    public var acksUncommitted: Int64?
    /// The prefetch of each consumer; 0 is unlimited.
    public var prefetchCount: Int?
    /// The prefetch of the whole channel; 0 is unlimited. Absent since 4.0.5.
    public var globalPrefetchCount: Int?
    /// The number of commands to quorum queues that wait for a reply.
    public var pendingRaftCommands: Int64?
    /// The Erlang reductions of the channel's process, a measure of its CPU time.
    public var reductions: Figure
    /// Since when the channel has been idle, as the broker writes it (RFC 3339); nil while it is in use.
    public var idleSince: String?
    /// Totals and rates of messages.
    public var stats: MessageStats?

    /// Creates a channel with only a name.
    public init(name: Name) { self.init(fields: ObjectFields([:]), name: name) }

    /// Decodes a row; nil without a name.
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

/// One channel with the fields of its own resource, `/api/channels/NAME`.
public struct ChannelDetail: ManagementObject {
    /// The fields of the list.
    public var channel: ChannelInfo
    /// The channel's consumers.
    public var consumers: [ConsumerInfo]
    /// The deliveries by queue; empty unless the broker's rates mode is `detailed`.
    public var deliveries: [DeliveryStats]
    /// The publishes by exchange; empty unless the broker's rates mode is `detailed`.
    public var publishes: [PublishStats]

    /// Decodes a row; nil without a name.
    public init?(json: JSONValue) {
        guard let channel = ChannelInfo(json: json), let fields = ObjectFields(json) else { return nil }
        self.channel = channel
        consumers = fields.rows("consumer_details")
        deliveries = fields.rows("deliveries")
        publishes = fields.rows("publishes")
    }
}

/// A reference to a channel or a connection within another row.
public struct PeerReference: ManagementObject {
    /// The name of the channel or connection.
    public var name: Name
    /// The connection's name if this is a channel.
    public var connectionName: Name?
    /// The channel number if this is a channel.
    public var number: Int?
    /// The node.
    public var node: Name?
    /// The user name.
    public var user: Name?
    /// The client's host.
    public var peerHost: String?
    /// The client's port.
    public var peerPort: Int?

    /// Decodes a row; nil without a name.
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

/// A reference to an object with a name in a vhost, within another row.
public struct NameReference: ManagementObject, Hashable {
    /// The vhost.
    public var vhost: Name
    /// The name.
    public var name: Name

    /// Creates a reference.
    public init(vhost: Name, name: Name) {
        self.vhost = vhost
        self.name = name
    }

    /// Decodes a row; nil without a name.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name") else { return nil }
        self.name = name
        vhost = fields.name("vhost") ?? "/"
    }
}

/// Deliveries of one queue to one channel.
public struct DeliveryStats: ManagementObject {
    /// The queue, in a channel's details.
    public var queue: NameReference?
    /// The channel, in a queue's details.
    public var channel: PeerReference?
    /// Totals and rates of messages.
    public var stats: MessageStats?

    /// Decodes a row.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json) else { return nil }
        queue = fields.row("queue")
        channel = fields.row("channel_details")
        stats = fields.stats("stats") ?? fields.stats()
        if queue == nil, channel == nil { return nil }
    }
}

/// Publishes to one exchange by a channel, or from it to a queue.
public struct PublishStats: ManagementObject {
    /// The exchange.
    public var exchange: NameReference?
    /// The queue, in an exchange's details.
    public var queue: NameReference?
    /// The channel, in an exchange's details.
    public var channel: PeerReference?
    /// Totals and rates of messages.
    public var stats: MessageStats?

    /// Decodes a row.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json) else { return nil }
        exchange = fields.row("exchange")
        queue = fields.row("queue")
        channel = fields.row("channel_details")
        stats = fields.stats("stats") ?? fields.stats()
        if exchange == nil, queue == nil, channel == nil { return nil }
    }
}
