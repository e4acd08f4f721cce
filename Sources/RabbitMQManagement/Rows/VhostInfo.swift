public import Names

/// A virtual host, as `/api/vhosts` lists it.
public struct VhostInfo: ManagementObject {
    public var name: Name
    public var description: String?
    public var tags: [String]
    /// nil when none is set.
    public var defaultQueueType: String?
    /// True while the firehose tracer runs.
    public var isTracing: Bool?
    public var isProtectedFromDeletion: Bool?
    /// Node name to state (`running`, `stopped` …).
    public var clusterState: [Name: String]
    public var messages: Figure
    public var messagesReady: Figure
    public var messagesUnacknowledged: Figure
    /// Bytes received from clients.
    public var received: Figure
    /// Bytes sent to clients.
    public var sent: Figure
    public var stats: MessageStats?

    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name") else { return nil }
        self.name = name
        let metadata = fields.object("metadata")
        description = fields.setting("description") ?? metadata?.setting("description")
        tags = fields.tags("tags")
        defaultQueueType = fields.setting("default_queue_type")
        isTracing = fields.bool("tracing")
        isProtectedFromDeletion = fields.bool("protected_from_deletion")
        clusterState = fields.map("cluster_state").compactMapValues(\.text)
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
    public var vhost: Name
    public var name: Name
    /// A regular expression on names.
    public var pattern: String
    /// `queues`, `classic_queues`, `quorum_queues`, `streams`, `exchanges` or `all`.
    public var appliesTo: String?
    public var priority: Int?
    public var definition: [Name: JSONValue]

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

/// Who the broker takes us for.
public struct UserIdentity: ManagementObject {
    public var name: Name
    /// `administrator`, `monitoring`, `policymaker`, `management` …; without any of them the API refuses.
    public var tags: [String]

    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name") else { return nil }
        self.name = name
        tags = fields.tags("tags")
    }

    /// True when the user sees connections, channels and nodes of everybody.
    public var canMonitor: Bool { tags.contains("administrator") || tags.contains("monitoring") }
    public var isAdministrator: Bool { tags.contains("administrator") }
}

/// What a user may do in a vhost: three regular expressions on names.
public struct PermissionInfo: ManagementObject, Hashable {
    public var user: Name
    public var vhost: Name
    public var configure: String
    public var write: String
    public var read: String

    public init(
        user: some NameConvertible, vhost: some NameConvertible, configure: String, write: String, read: String
    ) {
        self.user = user.asName
        self.vhost = vhost.asName
        self.configure = configure
        self.write = write
        self.read = read
    }

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

/// Whether resource alarms are in effect, which block publishers everywhere in the cluster.
public struct AlarmCheck: Sendable, Hashable {
    public struct Alarm: Sendable, Hashable {
        public var node: Name
        /// `memory`, `disk` or `file_descriptor_limit`.
        public var resource: String
    }

    public var isOK: Bool
    /// The broker's own sentence when not.
    public var reason: String?
    public var alarms: [Alarm]
}
