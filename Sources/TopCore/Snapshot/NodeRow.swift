import Foundation
public import Names

/// A node of the cluster.
public struct NodeRow: Sendable, Equatable, Identifiable, Codable {
    /// The name of the node.
    public var name: Name
    /// Whether the node is running.
    public var running: Bool
    /// The node's RabbitMQ version.
    public var version: String?
    /// Memory used, in bytes.
    public var memory: Int?
    /// The memory high watermark, in bytes.
    public var memoryLimit: Int?
    /// Whether the memory alarm is raised.
    public var memoryAlarm: Bool?
    /// Free disk space, in bytes.
    public var diskFree: Int?
    /// The free disk space below which the disk alarm is raised, in bytes.
    public var diskFreeLimit: Int?
    /// Whether the disk alarm is raised.
    public var diskAlarm: Bool?
    /// The number of file descriptors in use.
    public var fileDescriptors: Int?
    /// The maximum number of file descriptors.
    public var fileDescriptorLimit: Int?
    /// The number of sockets in use.
    public var sockets: Int?
    /// The number of Erlang processes.
    public var processes: Int?
    /// The uptime, in seconds.
    public var uptime: Double?
    /// Whether the node is in maintenance mode and accepts no connections; `nil` when that is not known.
    public var maintenance: Bool?
    /// The names of the nodes that this one is partitioned from.
    public var partitions: [Name] = []

    public var id: Name { name }

    /// Creates a row; everything else is unknown.
    public init(name: Name, running: Bool) {
        self.name = name
        self.running = running
    }
}

/// The columns of the Nodes view, in their order. The raw values are the names for scripts.
public enum NodeColumn: String, ColumnKey {
    case name, running, version, memory
    case memoryLimit = "memory_limit"
    case memoryAlarm = "memory_alarm"
    case diskFree = "disk_free"
    case diskFreeLimit = "disk_free_limit"
    case diskAlarm = "disk_alarm"
    case fileDescriptors = "fds"
    case fileDescriptorLimit = "fds_limit"
    case sockets, processes
    case uptime = "uptime_s"
    case maintenance
}

extension NodeRow: TableRow {
    public static func column(_ key: NodeColumn) -> Column<Self> {
        switch key {
        case .name:
            Column(key, "NODE", .text, width: 16, maximumWidth: 48, priority: 0, style: .name, help: "name") { row, _ in
                Value(row.name)
            }
        case .running:
            Column(key, "UP", .flag, width: 5, priority: 1, help: "whether it runs") { row, _ in .flag(row.running) }
        case .version:
            Column(key, "VERSION", .text, width: 8, maximumWidth: 14, priority: 8, help: "RabbitMQ version") { row, _ in
                Value(row.version)
            }
        case .memory:
            Column(key, "MEM", .bytes, width: 8, priority: 2, help: "bytes of memory used") { row, _ in
                Value(row.memory)
            }
        case .memoryLimit:
            Column(
                key, "MEM LIMIT", .bytes, width: 9, priority: 5, style: .quiet,
                help: "high watermark of memory in bytes"
            ) { row, _ in Value(row.memoryLimit) }
        case .memoryAlarm:
            Column(key, "MEM!", .flag, width: 5, priority: 3, style: .alarm, help: "memory alarm") { row, _ in
                Value(row.memoryAlarm)
            }
        case .diskFree:
            Column(key, "DISK FREE", .bytes, width: 9, priority: 2, help: "bytes free on disk") { row, _ in
                Value(row.diskFree)
            }
        case .diskFreeLimit:
            Column(
                key, "DISK LIMIT", .bytes, width: 10, priority: 6, style: .quiet,
                help: "bytes below which the disk alarm is raised"
            ) { row, _ in Value(row.diskFreeLimit) }
        case .diskAlarm:
            Column(key, "DISK!", .flag, width: 5, priority: 3, style: .alarm, help: "disk alarm") { row, _ in
                Value(row.diskAlarm)
            }
        case .fileDescriptors:
            Column(key, "FDS", .count, width: 6, priority: 4, help: "file descriptors in use") { row, _ in
                Value(row.fileDescriptors)
            }
        case .fileDescriptorLimit:
            Column(key, "FD LIMIT", .count, width: 8, priority: 9, style: .quiet, help: "most file descriptors") {
                row, _ in Value(row.fileDescriptorLimit)
            }
        case .sockets:
            Column(key, "SOCKETS", .count, width: 7, priority: 7, help: "sockets") { row, _ in Value(row.sockets) }
        case .processes:
            Column(key, "PROCS", .count, width: 7, priority: 7, help: "Erlang processes") { row, _ in
                Value(row.processes)
            }
        case .uptime:
            Column(key, "UPTIME", .duration, width: 9, priority: 4, help: "seconds since its start") { row, _ in
                Value(row.uptime)
            }
        case .maintenance:
            Column(key, "MAINT", .flag, width: 5, priority: 10, help: "whether it is drained for maintenance") {
                row, _ in Value(row.maintenance)
            }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = NodeColumn.name
    public static let identity: [NodeColumn] = [.name]
    public var rowID: RowID { .node(name) }
    public var searchText: String { name.text }
    public func belongs(to scope: Scope) -> Bool {
        if case .node(let node) = scope { name == node } else { true }
    }
}
