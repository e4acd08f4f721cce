import NIOCore

/// Heartbeats in both directions (specification, section 4.2.7). Any traffic counts as a heartbeat. A heartbeat is sent
/// when nothing was sent for half an interval, and the peer is considered dead when nothing was received for two and a
/// half intervals.
struct HeartbeatMachine: Equatable {
    enum Action: Equatable {
        /// Nothing to do.
        case none
        case sendHeartbeat
        case peerIsDead(silence: TimeAmount)
    }

    let interval: TimeAmount
    private(set) var lastSent: NIODeadline
    private(set) var lastReceived: NIODeadline

    /// Returns nil if heartbeats are disabled.
    init?(seconds: UInt16, now: NIODeadline) {
        guard seconds > 0 else { return nil }
        interval = .seconds(Int64(seconds))
        lastSent = now
        lastReceived = now
    }

    /// How often to check the time so that a heartbeat is sent, and silence is detected, soon enough.
    var tick: TimeAmount { .nanoseconds(interval.nanoseconds / 4) }

    mutating func bytesSent(_ now: NIODeadline) { lastSent = now }

    mutating func bytesReceived(_ now: NIODeadline) { lastReceived = now }

    mutating func timePassed(_ now: NIODeadline) -> Action {
        let silence = now - lastReceived
        if silence.nanoseconds >= interval.nanoseconds / 2 * 5 { return .peerIsDead(silence: silence) }
        if (now - lastSent).nanoseconds >= interval.nanoseconds / 2 {
            lastSent = now
            return .sendHeartbeat
        }
        return .none
    }
}
