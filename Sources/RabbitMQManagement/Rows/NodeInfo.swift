public import Names

/// A node of the cluster, as `/api/nodes` lists it. A node that is down, or fresh, has name, type and running only.
public struct NodeInfo: ManagementObject {
    public var name: Name
    /// `disc` or `ram`.
    public var type: String?
    public var isRunning: Bool?
    /// True when the node is being put into maintenance.
    public var isBeingDrained: Bool?
    /// Nodes this one is partitioned from.
    public var partitions: [Name]
    public var version: String?
    public var erlangVersion: String?
    /// The operating system's process id.
    public var processID: Int?
    /// Milliseconds since start.
    public var uptime: Int64?
    public var processors: Int?
    /// Processes waiting to run.
    public var runQueue: Int?
    /// Bytes; nil when the node cannot tell.
    public var memoryUsed: Figure
    /// Bytes above which publishers are blocked.
    public var memoryLimit: Int64?
    public var hasMemoryAlarm: Bool?
    /// Bytes; nil when the node cannot tell.
    public var diskFree: Figure
    /// Bytes below which publishers are blocked.
    public var diskFreeLimit: Int64?
    public var hasDiskAlarm: Bool?
    public var fileDescriptorsUsed: Figure
    public var fileDescriptorsTotal: Int64?
    /// Absent on brokers that no longer count sockets.
    public var socketsUsed: Figure
    /// 0 on brokers that no longer count sockets (4.x).
    public var socketsTotal: Int64?
    /// Erlang processes.
    public var processesUsed: Figure
    public var processesTotal: Int64?
    public var gcRuns: Figure
    public var gcBytesReclaimed: Figure
    public var contextSwitches: Figure
    public var churn: ChurnRates
    public var enabledPlugins: [String]
    public var logFiles: [String]
    public var configFiles: [String]
    /// `none`, `basic` or `detailed`.
    public var ratesMode: String?

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
        socketsTotal = fields.int64("sockets_total")
        // Brokers that no longer count sockets give 0 of 0.
        socketsUsed = socketsTotal == 0 ? .absent : fields.figure("sockets_used")
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

/// How many connections, channels and queues came and went.
public struct ChurnRates: Sendable, Hashable {
    public var connectionsCreated: Figure
    public var connectionsClosed: Figure
    public var channelsCreated: Figure
    public var channelsClosed: Figure
    public var queuesDeclared: Figure
    public var queuesCreated: Figure
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
