/// One channel pool in a `ClientReport`.
public struct PoolReport: Sendable, Hashable, Codable, Identifiable {
    /// Unique in its process; never reused.
    public var id: UInt64
    /// `ConnectionReport.id` of the connection that its channels belong to.
    public var connectionID: UInt64
    public var name: String
    /// `ChannelReport.id` of its channels, in the order in which they were opened.
    public var channels: [UInt64]
    /// The most channels open at a time.
    public var size: Int
    /// Channels of the pool that are open now; those that were closed and not noticed yet do not count.
    public var open: Int
    /// Given out and not back.
    public var inUse: Int
    /// Open, and free to be given out.
    public var idle: Int
    /// Checkouts that wait for a channel.
    public var waiting: Int
    /// Channels thrown away so far, because they were closed or not as they had been.
    public var discarded: UInt64
    /// Checkouts that found no channel in time.
    public var timeouts: UInt64
    /// The longest time that a checkout waited, in seconds.
    public var longestWait: Double
    /// How often no channel could be opened, or its setting up failed.
    public var openFailures: UInt64 = 0
    /// Why the last time; nil when it never happened.
    public var lastError: ErrorReport?
}

extension PoolReport {
    /// What another version does not say has its empty value.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(UInt64.self, forKey: .id)
        connectionID = try values.decode(UInt64.self, forKey: .connectionID)
        name = try values.decode(.name, or: "")
        channels = try values.decode(.channels, or: [])
        size = try values.decode(.size, or: 0)
        open = try values.decode(.open, or: 0)
        inUse = try values.decode(.inUse, or: 0)
        idle = try values.decode(.idle, or: 0)
        waiting = try values.decode(.waiting, or: 0)
        discarded = try values.decode(.discarded, or: 0)
        timeouts = try values.decode(.timeouts, or: 0)
        longestWait = try values.decode(.longestWait, or: 0)
        openFailures = try values.decode(.openFailures, or: 0)
        lastError = try values.decode(.lastError, or: nil)
    }
}
