import Faults
import NIOConcurrencyHelpers
import NIOCore

/// A fault in force in the proxy, with its counters; shared by all sessions.
final class ProxyFault: Sendable {
    enum Kind: Sendable, Hashable {
        case reset(Set<Side>)
        case cut(towards: Side)
        case corrupt(towards: Side, FramePart)
        case truncate(towards: Side, bytes: Int, fixesSize: Bool)
        case interleave
        case swallowHeartbeats(from: Set<Side>)
        case block(reason: String, holds: Bool)
        case swallow(Traffic)
        case delay(Traffic, TimeAmount)
        case duplicate(Traffic)
        case nackConfirm
        case returnMessage
        case refuseChannels(code: UInt16, text: String)
        case tune(frameMax: UInt32, channelMax: UInt16, heartbeat: UInt16)
        case blackHole(from: Set<Side>)
        case line(from: Set<Side>, TrafficShaper.Limits)
        case refuseConnections(WayToRefuse)
    }

    enum FramePart: String {
        case end, type, payload
    }

    enum Traffic: String {
        case acks, confirms, deliveries
    }

    enum WayToRefuse: String {
        case reset, close
    }

    let label: String
    let kind: Kind
    let aim: FaultAim
    /// Whether a number of messages or bytes has to pass first.
    let waits: Bool
    let seed: UInt64
    private let trigger: NIOLockedValueBox<FaultTrigger>
    private let ending: AsyncStream<Never>
    private let end: AsyncStream<Never>.Continuation

    init(_ kind: Kind, _ fault: Fault, label: String) {
        self.kind = kind
        self.label = label
        aim = FaultAim(fault.selector)
        waits = fault.selector.afterMessages != nil || fault.selector.afterBytes != nil
        seed = fault.seed
        trigger = NIOLockedValueBox(FaultTrigger(fault))
        (ending, end) = AsyncStream.makeStream()
    }

    var hits: Int { trigger.withLockedValue { $0.hits } }

    /// Whether it has taken effect as often as it may.
    var isSpent: Bool { trigger.withLockedValue { $0.isSpent } }

    /// Whether a number of hits is set.
    var isLimited: Bool { trigger.withLockedValue { $0.isLimited } }

    /// Waits until it has taken effect as often as it may, or the task is cancelled.
    func untilSpent() async { for await _ in ending {} }

    func strikes(passed: Int = 0, bytes: UInt64 = 0) -> Bool {
        let (strikes, isSpent) = trigger.withLockedValue { trigger in
            (trigger.strikes(passed: passed, bytes: bytes), trigger.isSpent)
        }
        if isSpent { end.finish() }
        return strikes
    }
}
