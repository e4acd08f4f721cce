import NIOCore

/// What a connection's report tells of the past. Times are in seconds since 1970.
struct ConnectionRecord {
    /// Traffic over all sockets of the connection.
    struct Traffic: Equatable {
        var bytesIn: UInt64 = 0
        var bytesOut: UInt64 = 0
        var framesIn: UInt64 = 0
    }

    var traffic = Traffic()
    /// The part of `traffic` that was already reported to the metrics.
    private var counted = Traffic()
    /// When `start` was called.
    var startedAt: NIODeadline?
    /// When it was first open.
    var openedAt: Double?
    var closedAt: Double?
    var lastError: ErrorReport?
    var lastRecovery: RecoveryReport?
    var recoveries = 0

    /// Returns the bytes since the last call.
    mutating func takeUncounted() -> (bytesIn: UInt64, bytesOut: UInt64) {
        defer { counted = traffic }
        return (traffic.bytesIn - counted.bytesIn, traffic.bytesOut - counted.bytesOut)
    }
}
