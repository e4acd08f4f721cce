/// A channel pool of a client, as its own report tells.
public struct ClientPool: Sendable, Equatable {
    public var name: String
    /// The most channels open at a time.
    public var size: Int
    public var open: Int
    public var inUse: Int
    public var idle: Int
    /// Checkouts that wait for a channel.
    public var waiting: Int
    /// Channels thrown away so far, because they were closed or spoilt.
    public var discarded: Int
    /// Checkouts that found no channel in time.
    public var timeouts: Int
    /// The longest time that a checkout waited, in seconds.
    public var longestWait: Double

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
