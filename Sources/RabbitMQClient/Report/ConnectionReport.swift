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
    /// `host:port` of the broker that it is or was connected to; nil before the first.
    public var endpoint: String?
    /// The client property `connection_id` of the present socket, by which the broker's listings name it also where
    /// addresses are translated on the way; nil before the first.
    public var socketID: String?
    /// The attempt to connect again that is under way or awaited; nil unless `state` is `recovering`.
    public var recovery: RecoveryAttempt?
    /// How many times it came back after a loss.
    public var recoveries: Int
    /// How it came back the last time.
    public var lastRecovery: RecoveryReport?
    /// What all of its channels have done, those that have closed too.
    public var totals: MessageCounts
    /// Living channels by number, then those closed recently.
    public var channels: [ChannelReport]
}

/// An attempt to connect again, in a `ConnectionReport`.
public struct RecoveryAttempt: Sendable, Hashable, Codable {
    /// From 1.
    public var number: Int
    /// Seconds from the attempt before.
    public var delay: Double
    /// Seconds since 1970 when the connection was lost.
    public var lostAt: Double?
    /// Why it is not open.
    public var error: String

    public init(number: Int, delay: Double, lostAt: Double?, error: String) {
        self.number = number
        self.delay = delay
        self.lostAt = lostAt
        self.error = error
    }
}

extension ConnectionReport {
    /// What an earlier version did not say has its empty value.
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
