// Faults on the processes of a private broker.
extension FaultCatalogue {
    static let node: [any DeclaredFault.Type] = [
        KillNodeFault.self,
        FreezeNodeFault.self,
        RestartNodeFault.self,
        MemoryAlarmFault.self,
        DiskAlarmFault.self,
        LoseNodeFault.self,
        PartitionFault.self,
    ]
}

/// A fault on a node of a private broker.
package protocol NodeFault: DeclaredFault {
    /// The node's name; empty: the only one, or the last of a cluster.
    var node: String { get }
}

extension FaultParameterReader {
    fileprivate mutating func node() -> String {
        text("node", 255, "", "the node's name; empty: the only one, or the last of a cluster")
    }
}

extension FaultEffects {
    fileprivate static let lostNode = FaultEffects(
        [.connection(320, 541), .channel(506, 541), .entry([.cancelled, .alarm], 541)], interrupts: true, grace: 15)
    fileprivate static let alarmed = FaultEffects([.entry([.alarm, .blocked, .unblocked])], interrupts: true)
}

/// `kill-node`.
package struct KillNodeFault: NodeFault {
    package static let description = FaultDescription(
        KillNodeFault.self, "kill-node", "Kill the node", .node, .node,
        does: "Ends the broker's process with SIGKILL, as the kernel does when memory runs out.",
        blast: "All connections to the node; messages that are not on disk are lost.",
        undo: "The node is started again on its data.",
        defaultDuration: 30,
        application: """
            A connection that ends without a word of AMQP, then 'connection refused' until the node is back; \
            transient messages and queues are gone.
            """,
        targets: [.node])

    package let node: String

    package init(_ parameters: inout FaultParameterReader) {
        node = parameters.node()
    }

    package var effects: FaultEffects {
        .lostNode
    }
}

/// `freeze-node`.
package struct FreezeNodeFault: NodeFault {
    package static let description = FaultDescription(
        FreezeNodeFault.self, "freeze-node", "Freeze the node", .node, .node,
        does: "Stops the broker's process with SIGSTOP: its sockets stay open, and nothing answers.",
        blast: "All connections to the node, new ones too.",
        undo: "The process goes on, with SIGCONT, where it was.",
        defaultDuration: 30,
        application: """
            Silence: confirms and answers do not come; after two to three heartbeats, a lost connection. New ones \
            wait in the handshake.
            """,
        targets: [.node])

    package let node: String

    package init(_ parameters: inout FaultParameterReader) {
        node = parameters.node()
    }

    package var effects: FaultEffects {
        .lostNode
    }
}

/// `restart-node`.
package struct RestartNodeFault: NodeFault {
    package static let description = FaultDescription(
        RestartNodeFault.self, "restart-node", "Restart the node", .node, .node,
        does: "Shuts the broker down in an orderly way, and starts it again on its data.",
        blast: "All connections to the node; durable queues and persistent messages come back.",
        application:
            "320 CONNECTION_FORCED, 'broker forced connection closure with reason shutdown'; then 'connection refused' for some seconds.",
        targets: [.node],
        isDestructive: true)

    package let node: String
    package let downSeconds: Int

    package init(_ parameters: inout FaultParameterReader) {
        node = parameters.node()
        downSeconds = parameters.integer("down_s", 0...3_600, 0, "how long it stays down before it starts", unit: "s")
    }

    package var effects: FaultEffects {
        .lostNode
    }
}

/// `memory-alarm`.
package struct MemoryAlarmFault: NodeFault {
    package static let description = FaultDescription(
        MemoryAlarmFault.self, "memory-alarm", "Memory alarm", .node, .cluster,
        does: "Lowers the node's memory high watermark, so that its memory alarm is in effect.",
        blast: "Everybody who publishes, on all nodes of the cluster; consumers go on.",
        undo: "The watermark is set as it was.",
        defaultDuration: 30,
        application: """
            connection.blocked, where it asked for such; its publishes are not read, and so not confirmed. Once it \
            is over, connection.unblocked.
            """,
        targets: [.node])

    package let node: String

    package init(_ parameters: inout FaultParameterReader) {
        node = parameters.node()
    }

    package var effects: FaultEffects {
        .alarmed
    }
}

/// `disk-alarm`.
package struct DiskAlarmFault: NodeFault {
    package static let description = FaultDescription(
        DiskAlarmFault.self, "disk-alarm", "Disk alarm", .node, .cluster,
        does: "Raises the node's limit of free disk space, so that its disk alarm is in effect.",
        blast: "Everybody who publishes, on all nodes of the cluster; consumers go on.",
        undo: "The limit is set as it was.",
        defaultDuration: 30,
        application: "As a memory alarm, with 'low on disk' as the reason.",
        targets: [.node])

    package let node: String

    package init(_ parameters: inout FaultParameterReader) {
        node = parameters.node()
    }

    package var effects: FaultEffects {
        .alarmed
    }
}

/// `lose-node`.
package struct LoseNodeFault: NodeFault {
    package static let description = FaultDescription(
        LoseNodeFault.self, "lose-node", "Lose a node of the cluster", .node, .node,
        does: "Takes one node of a cluster away; the others go on.",
        blast: "Connections to that node, and queues that live on it alone; quorum queues elect another leader.",
        undo: "The node is started again, and joins the others.",
        defaultDuration: 60,
        application: """
            Connected to it: a lost connection. Elsewhere: 404 NOT_FOUND, 'home node is down', for its durable \
            classic queues; a moment's pause for quorum queues.
            """,
        targets: [.node],
        needsCluster: true)

    package enum How: String, CaseIterable, Sendable {
        case kill
        case stop
    }

    package let node: String
    package let how: How

    package init(_ parameters: inout FaultParameterReader) {
        node = parameters.node()
        how = parameters.choice("how", How.kill, "with SIGKILL, or shut down in an orderly way")
    }

    package var effects: FaultEffects {
        .lostNode
    }
}

/// `partition`.
package struct PartitionFault: NodeFault {
    package static let description = FaultDescription(
        PartitionFault.self, "partition", "Partition of the cluster", .node, .cluster,
        does: "Cuts one node off from the others; both sides live, and know nothing of each other.",
        blast: "Queues whose majority or home is on the other side.",
        undo: "The nodes see each other again; the smaller side restarts its broker to join.",
        defaultDuration: 30,
        application: """
            On the side of the one: publishes to quorum queues are not confirmed, and queues of the others are 404 \
            or time out. When it heals, its connections are closed.
            """,
        targets: [.node],
        needsCluster: true)

    package let node: String

    package init(_ parameters: inout FaultParameterReader) {
        node = parameters.node()
    }

    package var effects: FaultEffects {
        .lostNode
    }
}
