/// One channel pool in a `ClientReport`.
public struct PoolReport: Sendable, Hashable, Codable, Identifiable {
    /// Unique in its process; never reused.
    public var id: UInt64
    /// `ConnectionReport.id` of the connection that its channels belong to.
    public var connectionID: UInt64
    public var name: String
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
}
