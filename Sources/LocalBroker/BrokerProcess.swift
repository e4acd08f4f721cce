import Foundation
import Glibc

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

/// A process, distinguished from a later one with the same id by its start time.
public struct ProcessIdentity: Codable, Sendable, Hashable {
    /// The process id.
    public var id: Int32
    /// The start time in clock ticks after the boot of the machine (field 22 of /proc/ID/stat, see proc(5)).
    public var started: UInt64

    /// Whether a process runs, is stopped, or has ended.
    public enum State: Sendable {
        case running, stopped, gone
    }

    /// Creates the identity of a process; `nil` if there is no such process, or it is a zombie.
    public init?(id: Int32) {
        guard let (started, state) = Self.read(id), state != .gone else { return nil }
        self.id = id
        self.started = started
    }

    /// The current state of the process.
    public var state: State {
        guard let (started, state) = Self.read(id), started == self.started else { return .gone }
        return state
    }

    /// Sends a signal to exactly this process; does nothing if it has ended.
    func signal(_ number: Int32) {
        if state != .gone { _ = Glibc.kill(id, number) }
    }

    private static func read(_ id: Int32) -> (started: UInt64, state: State)? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(id)/stat") else { return nil }
        // The second field is the program's name in parentheses, which may itself contain spaces and parentheses.
        guard let end = data.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = data[end...].dropFirst().split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let started = UInt64(String(decoding: fields[19], as: UTF8.self)) else { return nil }
        switch fields[0].first {
        case UInt8(ascii: "Z"), UInt8(ascii: "X"), nil: return (started, .gone)
        case UInt8(ascii: "T"), UInt8(ascii: "t"): return (started, .stopped)
        default: return (started, .running)
        }
    }
}
