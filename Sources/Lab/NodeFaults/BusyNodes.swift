import Faults
import LocalBroker
import Names
import Synchronization

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
