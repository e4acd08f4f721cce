/// One channel pool in a `ClientReport`.
public struct PoolReport: Sendable, Hashable, Codable, Identifiable {
    /// Unique in its process; never reused.
    public var id: UInt64
    /// The `ConnectionReport.id` of the connection of its channels.
    public var connectionID: UInt64
    /// The pool's name.
    public var name: String
    /// The `ChannelReport.id`s of its channels, in the order in which they were opened.
    public var channels: [UInt64]
    /// The maximum number of open channels.
    public var size: Int
    /// The pool's channels that are open now, without closed ones that the pool has not detected yet.
    public var open: Int
    /// Channels given out and not returned.
    public var inUse: Int
    /// Open channels that are free.
    public var idle: Int
    /// Checkouts that wait for a channel.
    public var waiting: Int
    /// Channels discarded so far because they were closed or their state had changed.
    public var discarded: UInt64
    /// Checkouts that got no channel in time.
    public var timeouts: UInt64
    /// The longest time that a checkout waited, in seconds.
    public var longestWait: Double
    /// The number of times that opening or preparing a channel failed.
    public var openFailures: UInt64 = 0
    /// The error of the last such failure; nil if there was none.
    public var lastError: ErrorReport?
}

extension PoolReport {
    /// Decodes a report. Fields that another version does not write have their empty value.
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
