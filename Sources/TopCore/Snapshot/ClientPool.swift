/// A channel pool of a client, as reported by the client.
public struct ClientPool: Sendable, Equatable {
    /// The name of the pool.
    public var name: String
    /// The maximum number of channels open at a time.
    public var size: Int
    /// The number of open channels.
    public var open: Int
    /// The number of channels checked out.
    public var inUse: Int
    /// The number of open channels that are not in use.
    public var idle: Int
    /// The number of checkouts that wait for a channel.
    public var waiting: Int
    /// The total number of channels discarded because they were closed or no longer usable.
    public var discarded: Int
    /// The total number of checkouts that timed out.
    public var timeouts: Int
    /// The longest time that a checkout waited, in seconds.
    public var longestWait: Double

    /// Creates the report of a pool.
    public init(
        name: String, size: Int, open: Int, inUse: Int, idle: Int, waiting: Int, discarded: Int, timeouts: Int,
        longestWait: Double
    ) {
        self.name = name
        self.size = size
        self.open = open
        self.inUse = inUse
        self.idle = idle
        self.waiting = waiting
        self.discarded = discarded
        self.timeouts = timeouts
        self.longestWait = longestWait
    }
}
