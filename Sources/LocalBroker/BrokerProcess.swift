import Foundation

/// The node's process: a child of this process, or one that another process started.
enum BrokerProcess: Sendable {
    case child(SpawnedProcess)
    case foreign(ProcessIdentity)

    var identifier: Int32 {
        switch self {
        case .child(let child): child.id
        case .foreign(let identity): identity.id
        }
    }

    var status: BrokerNode.Status {
        switch self {
        case .child(let child):
            if child.exitStatus != nil { return .stopped }
            return child.identity.map { Self.status($0.state) } ?? .stopped
        case .foreign(let identity):
            return Self.status(identity.state)
        }
    }

    func signal(_ number: Int32) {
        switch self {
        case .child(let child): child.signal(number)
        case .foreign(let identity): identity.signal(number)
        }
    }

    /// Returns whether the process ended before the time had passed.
    @discardableResult
    func ended(within time: Duration) async -> Bool {
        await poll(within: time) { status == .stopped }
    }

    /// Waits for a status, because a signal that stops or continues a process takes effect slightly after it is sent.
    func becomes(_ wanted: BrokerNode.Status) async {
        await poll(within: .seconds(5)) { status == wanted || status == .stopped }
    }

    @discardableResult
    private func poll(within time: Duration, until condition: () -> Bool) async -> Bool {
        let end = ContinuousClock.now + time
        while !condition() {
            if ContinuousClock.now >= end { return false }
            // A cancelled task still has to wait for the effect of its signal.
            await Pause.uncancellable(.milliseconds(10))
        }
        return true
    }

    private static func status(_ state: ProcessIdentity.State) -> BrokerNode.Status {
        switch state {
        case .running: .running
        case .stopped: .frozen
        case .gone: .stopped
        }
    }
}
