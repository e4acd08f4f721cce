public import Names

/// A node of the cluster in the list `/api/nodes`. A node that is down, or new, has only name, type and running; the
/// other fields are nil.
public struct NodeInfo: ManagementObject {
    /// The name, such as `rabbit@host`.
    public var name: Name
    /// The type: `disc` or `ram`.
    public var type: String?
    /// Whether the node is running.
    public var isRunning: Bool?
    /// Whether the node is in maintenance mode.
    public var isBeingDrained: Bool?
    /// The nodes that this one is partitioned from.
    public var partitions: [Name]
    /// The RabbitMQ version.
    public var version: String?
    /// The Erlang version.
    public var erlangVersion: String?
    /// The process id of the node's operating system process.
    public var processID: Int?
    /// The time since the node's start, in milliseconds.
    public var uptime: Int64?
    /// The number of processors.
    public var processors: Int?
    /// The number of Erlang processes that wait to run.
    public var runQueue: Int?
    /// The memory in use, in bytes; absent if the node does not know it.
    public var memoryUsed: Figure
    /// The amount of memory in use above which publishers are blocked, in bytes.
    public var memoryLimit: Int64?
    /// Whether the memory alarm is in effect.
    public var hasMemoryAlarm: Bool?
    /// The free disk space, in bytes; absent if the node does not know it.
    public var diskFree: Figure
    /// The free disk space below which publishers are blocked, in bytes.
    public var diskFreeLimit: Int64?
    /// Whether the disk alarm is in effect.
    public var hasDiskAlarm: Bool?
    /// The number of file descriptors in use.
    public var fileDescriptorsUsed: Figure
    /// The maximum number of file descriptors.
    public var fileDescriptorsTotal: Int64?
    /// The number of sockets in use. Absent on brokers that no longer count sockets.
    public var socketsUsed: Figure
    /// The number of Erlang processes.
    public var processesUsed: Figure
    /// The maximum number of Erlang processes.
    public var processesTotal: Int64?
    /// The number of garbage collections.
    public var gcRuns: Figure
    /// The memory reclaimed by garbage collections, in bytes.
    public var gcBytesReclaimed: Figure
    /// The number of context switches.
    public var contextSwitches: Figure
    /// The rates at which connections, channels and queues are created and removed.
    public var churn: ChurnRates
    /// The enabled plugins.
    public var enabledPlugins: [String]
    /// The log files.
    public var logFiles: [String]
    /// The configuration files.
    public var configFiles: [String]
    /// The rates mode: `none`, `basic` or `detailed`.
    public var ratesMode: String?

    /// Decodes a row; nil without a name.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name") else { return nil }
        self.name = name
        type = fields.setting("type")
        isRunning = fields.bool("running")
        isBeingDrained = fields.bool("being_drained")
        partitions = fields.names("partitions") ?? []
        let applications = fields["applications"].elements ?? []
        let rabbit = applications.lazy.compactMap(ObjectFields.init).first { $0.string("name") == "rabbit" }
        version = fields.setting("rabbitmq_version") ?? rabbit?.setting("version")
        erlangVersion = fields.setting("erlang_version")
        processID = fields.int("os_pid")
        uptime = fields.int64("uptime")
        processors = fields.int("processors")
        runQueue = fields.int("run_queue")
        memoryUsed = fields.figure("mem_used")
        memoryLimit = fields.int64("mem_limit")
        hasMemoryAlarm = fields.bool("mem_alarm")
        diskFree = fields.figure("disk_free")
        diskFreeLimit = fields.int64("disk_free_limit")
        hasDiskAlarm = fields.bool("disk_free_alarm")
        fileDescriptorsUsed = fields.figure("fd_used")
        fileDescriptorsTotal = fields.int64("fd_total")
        // Brokers that no longer count sockets report 0 of 0.
        socketsUsed = fields.int64("sockets_total") == 0 ? .absent : fields.figure("sockets_used")
        processesUsed = fields.figure("proc_used")
        processesTotal = fields.int64("proc_total")
        gcRuns = fields.figure("gc_num")
        gcBytesReclaimed = fields.figure("gc_bytes_reclaimed")
        contextSwitches = fields.figure("context_switches")
        churn = ChurnRates(fields: fields)
        enabledPlugins = fields.strings("enabled_plugins") ?? []
        logFiles = fields.strings("log_files") ?? []
        configFiles = fields.strings("config_files") ?? []
        ratesMode = fields.setting("rates_mode")
    }
}

/// How many connections, channels and queues were created and removed.
public struct ChurnRates: Sendable, Hashable {
    /// Connections opened.
    public var connectionsCreated: Figure
    /// Connections closed.
    public var connectionsClosed: Figure
    /// Channels opened.
    public var channelsCreated: Figure
    /// Channels closed.
    public var channelsClosed: Figure
    /// Queues declared, including those that already existed.
    public var queuesDeclared: Figure
    /// Queues created.
    public var queuesCreated: Figure
    /// Queues deleted.
    public var queuesDeleted: Figure

    init(fields: ObjectFields) {
        connectionsCreated = fields.figure("connection_created")
        connectionsClosed = fields.figure("connection_closed")
        channelsCreated = fields.figure("channel_created")
        channelsClosed = fields.figure("channel_closed")
        queuesDeclared = fields.figure("queue_declared")
        queuesCreated = fields.figure("queue_created")
        queuesDeleted = fields.figure("queue_deleted")
    }
}
