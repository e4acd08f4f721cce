public import Names

/// A virtual host in the list `/api/vhosts`. A field that the response does not contain is nil.
public struct VhostInfo: ManagementObject {
    /// The name.
    public var name: Name
    /// The description.
    public var description: String?
    /// The tags.
    public var tags: [String]
    /// The default queue type; nil if none is set.
    public var defaultQueueType: String?
    /// The state on each node: `running`, `stopped` …; nil if the response has none.
    public var clusterState: [Name: String]?
    /// Whether messages are traced (the firehose).
    public var isTracing: Bool?
    /// The number of ready and unacknowledged messages.
    public var messages: Figure
    /// The number of ready messages.
    public var messagesReady: Figure
    /// The number of unacknowledged messages.
    public var messagesUnacknowledged: Figure
    /// Bytes received from clients.
    public var received: Figure
    /// Bytes sent to clients.
    public var sent: Figure
    /// Totals and rates of messages.
    public var stats: MessageStats?

    /// Decodes a row; nil without a name.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name") else { return nil }
        self.name = name
        let metadata = fields.object("metadata")
        description = fields.setting("description") ?? metadata?.setting("description")
        tags = fields.tags("tags")
        defaultQueueType = fields.setting("default_queue_type")
        clusterState = fields.object("cluster_state").map { $0.strings() }
        isTracing = fields.bool("tracing")
        messages = fields.figure("messages")
        messagesReady = fields.figure("messages_ready")
        messagesUnacknowledged = fields.figure("messages_unacknowledged")
        received = fields.figure("recv_oct")
        sent = fields.figure("send_oct")
        stats = fields.stats()
    }
}

/// A policy or an operator policy.
public struct PolicyInfo: ManagementObject {
    /// The vhost.
    public var vhost: Name
    /// The name of the policy.
    public var name: Name
    /// A regular expression that names of objects must match.
    public var pattern: String
    /// The kind of objects: `queues`, `classic_queues`, `quorum_queues`, `streams`, `exchanges` or `all`.
    public var appliesTo: String?
    /// The priority; of several matching policies the one with the highest applies.
    public var priority: Int?
    /// The definition, by key (`max-length`, `expires` …).
    public var definition: [Name: JSONValue]

    /// Creates a policy.
    public init(
        vhost: some NameConvertible, name: some NameConvertible, pattern: String, appliesTo: String? = nil,
        priority: Int? = nil,
        definition: [Name: JSONValue]
    ) {
        self.vhost = vhost.asName
        self.name = name.asName
        self.pattern = pattern
        self.appliesTo = appliesTo
        self.priority = priority
        self.definition = definition
    }

    /// Decodes a row; nil without a name or a vhost.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name"), let vhost = fields.name("vhost")
        else { return nil }
        self.name = name
        self.vhost = vhost
        pattern = fields.string("pattern") ?? ""
        appliesTo = fields.setting("apply-to")
        priority = fields.int("priority")
        definition = fields.map("definition")
    }
}

/// The user that the client is logged in as.
public struct UserIdentity: ManagementObject {
    /// The user name.
    public var name: Name
    /// The user's tags: `administrator`, `monitoring`, `policymaker`, `management` …; without any of them the API
    /// refuses requests.
    public var tags: [String]

    /// Decodes the response; nil without a name.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name") else { return nil }
        self.name = name
        tags = fields.tags("tags")
    }

    /// Whether the user sees connections, channels and nodes of all users.
    public var canMonitor: Bool { tags.contains("administrator") || tags.contains("monitoring") }
    /// Whether the user is an administrator.
    public var isAdministrator: Bool { tags.contains("administrator") }
}

/// A user's permission in a vhost: three regular expressions for names.
public struct PermissionInfo: ManagementObject, Hashable {
    /// The user name.
    public var user: Name
    /// The vhost.
    public var vhost: Name
    /// The names that the user may declare and delete.
    public var configure: String
    /// The names that the user may publish to, and bind as the destination.
    public var write: String
    /// The names that the user may consume from, and bind as the source.
    public var read: String

    /// Creates a permission.
    public init(
        user: some NameConvertible, vhost: some NameConvertible, configure: String, write: String, read: String
    ) {
        self.user = user.asName
        self.vhost = vhost.asName
        self.configure = configure
        self.write = write
        self.read = read
    }

    /// Decodes a row; nil without a user or a vhost.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let user = fields.name("user"), let vhost = fields.name("vhost")
        else { return nil }
        self.user = user
        self.vhost = vhost
        configure = fields.string("configure") ?? ""
        write = fields.string("write") ?? ""
        read = fields.string("read") ?? ""
    }
}

/// Whether resource alarms are in effect, which block publishers in the whole cluster.
public struct AlarmCheck: Sendable, Hashable {
    /// A resource alarm of a node.
    public struct Alarm: Sendable, Hashable {
        /// The node.
        public var node: Name
        /// The resource: `memory`, `disk` or `file_descriptor_limit`.
        public var resource: String
    }

    /// Whether no alarm is in effect.
    public var isOK: Bool
    /// The broker's own text if an alarm is in effect.
    public var reason: String?
    /// The alarms in effect.
    public var alarms: [Alarm]
}
