/// One connection in a `ClientReport`.
public struct ConnectionReport: Sendable, Hashable, Codable, Identifiable {
    /// The state of a connection.
    public enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// Being opened, open, blocked by the broker, recovering from a loss, being closed, or closed.
        case opening, open, blocked, recovering, closing, closed
    }

    /// Unique within the registry; never reused.
    public var id: UInt64
    /// The connection's name as the broker shows it: `127.0.0.1:50640 -> 127.0.0.1:5672`.
    public var name: String
    /// The connection name that the application gave (`connection_name`).
    public var clientName: String?
    /// The virtual host.
    public var virtualHost: String
    /// The user name.
    public var user: String
    /// The state of the connection.
    public var state: State
    /// The broker's reason while `state` is `blocked`.
    public var blockedReason: String?
    /// The negotiated heartbeat interval, in seconds; 0 means no heartbeats.
    public var heartbeat: UInt16
    /// The negotiated maximum number of channels; 0 is unlimited.
    public var channelMax: UInt16
    /// The negotiated maximum frame size, in bytes; 0 is unlimited.
    public var frameMax: UInt32
    /// When the connection was opened, in seconds since 1970.
    public var openedAt: Double
    /// When the connection was closed, in seconds since 1970; nil until then.
    public var closedAt: Double?
    /// Bytes received, over all sockets of the connection.
    public var bytesIn: UInt64
    /// Bytes sent, over all sockets of the connection.
    public var bytesOut: UInt64
    /// Frames received, over all sockets of the connection.
    public var framesIn: UInt64
    /// Frames sent, over all sockets of the connection.
    public var framesOut: UInt64
    /// Why the connection closed, or its latest error.
    public var lastError: ErrorReport?
    /// The broker's address as `host:port`: the current or last one; nil before the first connect.
    public var endpoint: String?
    /// The client property `connection_id` of the current socket. It identifies the connection in the broker's listings
    /// even where addresses are translated on the way; nil before the first connect.
    public var socketID: String?
    /// The current or next attempt to reconnect; nil unless `state` is `recovering`.
    public var recovery: RecoveryAttempt?
    /// The number of successful recoveries.
    public var recoveries: Int
    /// The report of the last recovery.
    public var lastRecovery: RecoveryReport?
    /// The message counts of all its channels, including those that have closed.
    public var totals: MessageCounts
    /// Open channels by number, then those closed recently.
    public var channels: [ChannelReport]
}

/// An attempt to reconnect, in a `ConnectionReport`.
public struct RecoveryAttempt: Sendable, Hashable, Codable {
    /// The number of the attempt, from 1.
    public var number: Int
    /// The delay before the attempt, in seconds.
    public var delay: Double
    /// When the connection was lost, in seconds since 1970.
    public var lostAt: Double?
    /// Why the connection is not open.
    public var error: String

    /// Creates an attempt.
    public init(number: Int, delay: Double, lostAt: Double?, error: String) {
        self.number = number
        self.delay = delay
        self.lostAt = lostAt
        self.error = error
    }
}

extension ConnectionReport {
    /// Decodes a report. Fields that an earlier version did not write have their empty value.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(UInt64.self, forKey: .id)
        name = try values.decode(String.self, forKey: .name)
        clientName = try values.decodeIfPresent(String.self, forKey: .clientName)
        virtualHost = try values.decode(.virtualHost, or: "/")
        user = try values.decode(.user, or: "")
        state = try values.decode(State.self, forKey: .state)
        blockedReason = try values.decodeIfPresent(String.self, forKey: .blockedReason)
        heartbeat = try values.decode(.heartbeat, or: 0)
        channelMax = try values.decode(.channelMax, or: 0)
        frameMax = try values.decode(.frameMax, or: 0)
        openedAt = try values.decode(.openedAt, or: 0)
        closedAt = try values.decodeIfPresent(Double.self, forKey: .closedAt)
        bytesIn = try values.decode(.bytesIn, or: 0)
        bytesOut = try values.decode(.bytesOut, or: 0)
        framesIn = try values.decode(.framesIn, or: 0)
        framesOut = try values.decode(.framesOut, or: 0)
        lastError = try values.decodeIfPresent(ErrorReport.self, forKey: .lastError)
        endpoint = try values.decodeIfPresent(String.self, forKey: .endpoint)
        socketID = try values.decodeIfPresent(String.self, forKey: .socketID)
        recovery = try values.decodeIfPresent(RecoveryAttempt.self, forKey: .recovery)
        recoveries = try values.decode(.recoveries, or: 0)
        lastRecovery = try values.decodeIfPresent(RecoveryReport.self, forKey: .lastRecovery)
        totals = try values.decode(.totals, or: MessageCounts())
        channels = try values.decode(.channels, or: [])
    }
}
