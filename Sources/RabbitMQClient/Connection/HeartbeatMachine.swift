import NIOCore

/// Heartbeats both ways (specification, section 4.2.7): any traffic counts, one is sent after half an interval of
/// silence of ours, and the peer is dead after two and a half intervals of silence of its own.
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

    /// Nil when heartbeats are off.
    init?(seconds: UInt16, now: NIODeadline) {
        guard seconds > 0 else { return nil }
        interval = .seconds(Int64(seconds))
        lastSent = now
        lastReceived = now
    }

    /// How often to look at the time so that a heartbeat goes out and a silence is noticed soon enough.
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
