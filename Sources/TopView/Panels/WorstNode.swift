import Names
import TopCore

/// The nodes that are closest to an alarm.
struct WorstNode {
    struct Memory {
        var node: String
        /// The memory used as a fraction of the limit that raises the alarm.
        var fraction: Double
        var isAlarm: Bool

        var percent: Int { Int((min(max(fraction, 0), 9.99) * 100).rounded()) }
        var role: Role { isAlarm || fraction >= 1 ? .critical : fraction >= 0.8 ? .warning : .good }
    }

    struct Disk {
        var node: String
        var free: Double
        /// The limit as a fraction of the free space: 1 when the alarm is raised.
        var fraction: Double
        var isAlarm: Bool

        var role: Role { isAlarm || fraction >= 1 ? .critical : fraction >= 0.5 ? .warning : .good }
    }

    let memory: Memory?
    let disk: Disk?

    init(_ nodes: [NodeRow]) {
        memory = nodes.compactMap(Self.memory).max { $0.fraction < $1.fraction }
        disk = nodes.compactMap(Self.disk).max { $0.fraction < $1.fraction }
    }

    /// Returns a node's name without the part that all nodes share: `mq-a` of `rabbit@mq-a`, and when several nodes are
    /// on one host `rabbit-1` of `rabbit-1@mq-a`.
    static func short(_ node: String, among nodes: [NodeRow]) -> String {
        guard let at = node.utf8.firstIndex(of: UInt8(ascii: "@")) else { return node }
        let sharesHost = nodes.contains { $0.name != node && $0.name.hasSuffix(Name(node[at...])) }
        return String(sharesHost ? node[..<at] : node[node.utf8.index(after: at)...])
    }

    static func memory(_ node: NodeRow) -> Memory? {
        guard let used = node.memory, let limit = node.memoryLimit, limit > 0 else { return nil }
        return Memory(node: node.name.text, fraction: Double(used) / Double(limit), isAlarm: node.memoryAlarm ?? false)
    }

    static func disk(_ node: NodeRow) -> Disk? {
        guard let free = node.diskFree, let limit = node.diskFreeLimit else { return nil }
        return Disk(
            node: node.name.text, free: Double(free), fraction: free > 0 ? Double(limit) / Double(free) : 1,
            isAlarm: node.diskAlarm ?? false)
    }
}
