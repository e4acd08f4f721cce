public import Faults
public import LocalBroker
import Names
import Synchronization

/// Carries out the faults of the injection point `node`, on one private broker or a cluster.
public struct NodeFaults: FaultInjector {
    let nodes: [BrokerNode]
    let cluster: BrokerCluster?
    private let busy = BusyNodes()

    /// Creates an injector for one node.
    public init(node: BrokerNode) {
        nodes = [node]
        cluster = nil
    }

    /// Creates an injector for the nodes of a cluster, and the connections between them.
    public init(cluster: BrokerCluster) {
        nodes = cluster.nodes
        self.cluster = cluster
    }

    /// Carries out a fault.
    ///
    /// - Throws: `FaultError` if it cannot be injected.
    public func inject(_ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        let name = order.fault.name
        guard let fault = order.declared as? any NodeFault else { throw Self.foreign(name) }
        let node = try node(fault.node)
        switch fault {
        case is KillNodeFault: return try await lose(node, name, stopping: false)
        case is FreezeNodeFault: return try await freeze(node, name)
        case let fault as RestartNodeFault: return try await restart(node, name, downFor: fault.downSeconds)
        case is MemoryAlarmFault: return try await raise(.memory, on: node, name)
        case is DiskAlarmFault: return try await raise(.disk, on: node, name)
        case let fault as LoseNodeFault:
            _ = try clustered(name)
            return try await lose(node, name, stopping: fault.how == .stop)
        case is PartitionFault: return try await isolate(node, in: try clustered(name), name)
        default: throw Self.foreign(name)
        }
    }

    private static func foreign(_ fault: String) -> FaultError {
        FaultError(
            "'\(fault)' is not a fault on a node.", advice: "'rabbittop fault list' shows where each is injected.")
    }

    // MARK: Processes

    private func lose(
        _ node: BrokerNode, _ fault: String, stopping: Bool
    ) async throws(FaultError) -> FaultInjection {
        try await busy.take(node, .process, fault) { () throws(BrokerNodeError) in
            if stopping { try await node.stop() } else { try await node.kill() }
        }
        return FaultInjection(note: "\(stopping ? "stopped" : "killed") \(node.name)") { () async throws(FaultError) in
            try await busy.giveBack(node, .process) { () throws(BrokerNodeError) in
                // It may have been started meanwhile.
                if await node.status == .stopped { try await node.start() }
                try await cluster?.waitUntilWhole()
            }
            return "started \(node.name) again"
        }
    }

    private func freeze(_ node: BrokerNode, _ fault: String) async throws(FaultError) -> FaultInjection {
        try await busy.take(node, .process, fault) { () throws(BrokerNodeError) in
            try await node.freeze()
        }
        return FaultInjection(note: "froze \(node.name)") { () async throws(FaultError) in
            try await busy.giveBack(node, .process) { () throws(BrokerNodeError) in
                if await node.status == .frozen { try await node.thaw() }
            }
            return "thawed \(node.name)"
        }
    }

    private func restart(
        _ node: BrokerNode, _ fault: String, downFor seconds: Int
    ) async throws(FaultError) -> FaultInjection {
        try await busy.take(node, .process, fault) { () throws(BrokerNodeError) in
            try await node.stop()
        }
        try? await Task.sleep(for: .seconds(seconds))
        let start: @Sendable () async throws(FaultError) -> String = { () async throws(FaultError) in
            try await busy.giveBack(node, .process) { () throws(BrokerNodeError) in
                if await node.status == .stopped { try await node.start() }
            }
            return "started \(node.name) again"
        }
        // It is not left stopped, even if the task was cancelled.
        let outcome = await Task { () async -> FaultError? in
            do throws(FaultError) {
                _ = try await start()
                return nil
            } catch {
                return error
            }
        }.value
        guard let outcome else { return FaultInjection(note: "restarted \(node.name)") }
        // The fault registry keeps trying to undo it.
        return FaultInjection(note: "stopped \(node.name), which did not start: \(outcome.problem)", undo: start)
    }

    // MARK: Alarms

    private func raise(
        _ alarm: BrokerNode.Alarm, on node: BrokerNode, _ fault: String
    ) async throws(FaultError) -> FaultInjection {
        let part: BusyNodes.Part = alarm == .memory ? .memory : .disk
        let limit = try await busy.take(node, part, fault) { () throws(BrokerNodeError) in
            try await node.raiseAlarm(alarm)
        }
        return FaultInjection(note: "\(alarm.rawValue) alarm on \(node.name)") { () async throws(FaultError) in
            try await busy.giveBack(node, part) { () throws(BrokerNodeError) in
                // A node that is not running has no alarm, and starts with the limits of its configuration.
                if await node.status != .stopped { try await node.clearAlarm(limit) }
            }
            return "\(alarm.rawValue) alarm on \(node.name) is over"
        }
    }

    // MARK: Partitions

    private func isolate(
        _ node: BrokerNode, in cluster: BrokerCluster, _ fault: String
    ) async throws(FaultError) -> FaultInjection {
        try await busy.take(node, .network, fault) { () throws(BrokerNodeError) in
            do throws(BrokerNodeError) {
                try await cluster.isolate(node)
            } catch {
                // Part of it may have been done. In a task of its own, because this one may be cancelled.
                await Task { try? await cluster.heal(node, deadline: .seconds(30)) }.value
                throw error
            }
        }
        return FaultInjection(note: "cut \(node.name) off") { () async throws(FaultError) in
            try await busy.giveBack(node, .network) { () throws(BrokerNodeError) in
                try await cluster.heal(node)
            }
            return "\(node.name) sees the others again"
        }
    }

    // MARK: Which

    private func node(_ name: String) throws(FaultError) -> BrokerNode {
        let found = name.isEmpty ? nodes.last : nodes.first { $0.name == name }
        guard let found else {
            throw FaultError(
                "There is no private node '\(name)' here.",
                advice: "There are: \(nodes.map(\.name).joined(separator: ", ")).")
        }
        return found
    }

    private func clustered(_ fault: String) throws(FaultError) -> BrokerCluster {
        guard let cluster, nodes.count > 1 else {
            throw FaultError("'\(fault)' needs a cluster of several nodes.", advice: "Here is one node alone.")
        }
        return cluster
    }
}

/// Records which part of which node a fault occupies, because the later of two undos would bring the earlier fault
/// back.
final class BusyNodes: Sendable {
    enum Part: Sendable {
        /// Whether its process runs.
        case process
        case memory, disk
        /// Whether it is connected to the other nodes.
        case network
    }

    private struct Held: Hashable {
        var node: String
        var part: Part
    }

    private let held = Mutex<[Held: String]>([:])

    /// Runs a body that affects a part of a node, unless another fault occupies it.
    func take<Value>(
        _ node: BrokerNode, _ part: Part, _ fault: String, _ body: () async throws(BrokerNodeError) -> Value
    ) async throws(FaultError) -> Value {
        let key = Held(node: node.name, part: part)
        let other = held.withLock { held in
            defer { if held[key] == nil { held[key] = fault } }
            return held[key]
        }
        if let other {
            throw FaultError("'\(other)' is in force on \(node.name) already.", advice: "Undo that first.")
        }
        do throws(BrokerNodeError) {
            return try await body()
        } catch {
            held.withLock { $0[key] = nil }
            throw FaultError(error)
        }
    }

    /// Runs an undo; the part is free again once that succeeded.
    func giveBack(
        _ node: BrokerNode, _ part: Part, _ body: () async throws(BrokerNodeError) -> Void
    ) async throws(FaultError) {
        do throws(BrokerNodeError) {
            try await body()
        } catch {
            throw FaultError(error)
        }
        held.withLock { $0[Held(node: node.name, part: part)] = nil }
    }
}

extension FaultError {
    fileprivate init(_ error: BrokerNodeError) {
        let lastWords = error.output.lineList.first { !$0.isEmpty }.map { " \($0)" } ?? ""
        self.init(error.message + lastWords, advice: error.advice)
    }
}
