/// What one process' AMQP clients are doing: every connection, channel and pool of a `ClientRegistry`, the recently closed
/// ones with their reasons. A plain value for dashboards, logs and HTTP.
public struct ClientReport: Sendable, Hashable, Codable {
    /// Seconds since 1970 when the report was made.
    public var madeAt: Double
    /// The process that it speaks of; nil when that was not said.
    public var process: ProcessReport?
    /// Open connections first, in the order they were made, then those closed recently.
    public var connections: [ConnectionReport]
    /// Channel pools that are not closed, in the order they were made.
    public var pools: [PoolReport]

    public init(
        madeAt: Double, process: ProcessReport? = nil, connections: [ConnectionReport], pools: [PoolReport] = []
    ) {
        self.madeAt = madeAt
        self.process = process
        self.connections = connections
        self.pools = pools
    }
}

/// One connection in a `ClientReport`.
public struct ConnectionReport: Sendable, Hashable, Codable, Identifiable {
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        case opening, open, blocked, recovering, closing, closed
    }

    /// Unique within the registry; never reused.
    public var id: UInt64
    /// As the broker shows it: `127.0.0.1:50640 -> 127.0.0.1:5672`.
    public var name: String
    /// The `connection_name` given by the application.
    public var clientName: String?
    public var virtualHost: String
    public var user: String
    public var state: State
    /// The broker's reason while `state` is `blocked`.
    public var blockedReason: String?
    /// Seconds; 0 when heartbeats are off.
    public var heartbeat: UInt16
    public var channelMax: UInt16
    public var frameMax: UInt32
    /// Seconds since 1970.
    public var openedAt: Double
    /// Seconds since 1970; nil while it lives.
    public var closedAt: Double?
    public var bytesIn: UInt64
    public var bytesOut: UInt64
    public var framesIn: UInt64
    public var framesOut: UInt64
    /// Why it closed, or the latest error.
    public var lastError: ErrorReport?
    /// How many times it came back after a loss.
    public var recoveries: Int
    /// How it came back the last time.
    public var lastRecovery: RecoveryReport?
    /// Living channels by number, then those closed recently.
    public var channels: [ChannelReport]
}

/// One channel in a `ConnectionReport`.
public struct ChannelReport: Sendable, Hashable, Codable, Identifiable {
    public enum State: String, Sendable, Hashable, Codable {
        case opening, open, recovering, closing, closed
    }

    /// Unique within the connection; never reused, unlike `number`.
    public var id: UInt64
    public var number: UInt16
    public var state: State
    /// Seconds since 1970.
    public var openedAt: Double
    /// Seconds since 1970; nil while it lives.
    public var closedAt: Double?
    /// Operations that await their answer.
    public var inFlight: Int
    /// Published and not yet confirmed; 0 outside confirm mode.
    public var unconfirmed: Int
    /// Delivered and not yet settled.
    public var unacked: Int
    /// The last prefetch asked for on this channel; 0 is unlimited.
    public var prefetch: UInt16
    public var confirmMode: Bool
    public var transactional: Bool
    public var consumers: [ConsumerReport]
    public var published: UInt64
    public var confirmed: UInt64
    public var returned: UInt64
    public var nacked: UInt64
    public var delivered: UInt64
    public var acked: UInt64
    /// Why it closed, or the latest error.
    public var lastError: ErrorReport?
}

/// One consumer in a `ChannelReport`.
public struct ConsumerReport: Sendable, Hashable, Codable {
    public var tag: String
    public var queue: String
    public var noAck: Bool
    /// Received and not yet taken by the application.
    public var buffered: Int
}

/// An error as it stays in a report.
public struct ErrorReport: Sendable, Hashable, Codable {
    /// The AMQP reply code, or 0 for the transport.
    public var code: UInt16
    public var name: String
    public var text: String
    /// The method at fault such as `basic.ack`; nil when none was.
    public var method: String?
    public var initiator: CloseReason.Initiator
    public var scope: CloseReason.Scope
    /// Seconds since 1970.
    public var at: Double

    public init(_ reason: CloseReason, at: Double) {
        self.code = reason.code
        self.name = reason.name
        self.text = reason.text
        self.method = reason.methodName
        self.initiator = reason.initiator
        self.scope = reason.scope
        self.at = at
    }
}
