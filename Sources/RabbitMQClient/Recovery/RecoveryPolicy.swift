/// Whether and how a connection that was lost comes back.
///
/// The wait before each attempt is drawn at random between nothing and a limit that doubles from attempt to attempt
/// (exponential backoff with full jitter): a broker that restarts is not met by all of its clients at once.
/// Errors that trying again cannot mend (`ClientError.isPermanent`) end recovery at once.
public struct RecoveryPolicy: Sendable {
    /// Whether a lost connection is made again at all.
    public var isEnabled: Bool
    /// The longest wait before the first attempt; it doubles with each further one. Half a second: a socket that was
    /// merely cut is back before a person notices, and a broker that restarts (5 s and more) sees about five attempts.
    public var base: Duration
    /// The longest wait before any attempt. 30 s: an hour's outage costs each client some 250 attempts, and half of them
    /// are back within 15 s of its end.
    public var cap: Duration
    /// How many attempts are made after one loss; nil goes on without end.
    public var attempts: Int?
    /// Whether the first connect is tried again by the same rules; false lets its first failure be thrown.
    public var retriesFirstConnect: Bool
    /// Whether exchanges, queues, bindings and consumers made on the connection are made again. Channels are in any case,
    /// with their prefetch, confirm and transaction modes.
    public var restoresTopology: Bool
    /// Says of each entity whether it is restored; nil restores all.
    public var topologyFilter: (@Sendable (TopologyEntity) -> Bool)?

    public init(
        isEnabled: Bool = true,
        base: Duration = .milliseconds(500),
        cap: Duration = .seconds(30),
        attempts: Int? = nil,
        retriesFirstConnect: Bool = false,
        restoresTopology: Bool = true,
        topologyFilter: (@Sendable (TopologyEntity) -> Bool)? = nil
    ) {
        self.isEnabled = isEnabled
        self.base = base
        self.cap = cap
        self.attempts = attempts
        self.retriesFirstConnect = retriesFirstConnect
        self.restoresTopology = restoresTopology
        self.topologyFilter = topologyFilter
    }

    /// Recovers without end, with topology; the first connect is tried once.
    public static let standard = RecoveryPolicy()
    /// A connection that is lost is closed.
    public static let off = RecoveryPolicy(isEnabled: false)

    /// The most that may be waited before an attempt, `attempt` counted from 0: `base` doubled `attempt` times, `cap` at
    /// most.
    public func longestDelay(attempt: Int) -> Duration {
        let base = max(base, .zero)
        let cap = max(cap, .zero)
        var longest = base
        // Whatever the base, 128 doublings pass any cap; a bounded loop cannot overflow on its way.
        for _ in 0..<min(max(attempt, 0), 128) {
            if longest >= cap / 2 { return cap }
            longest = longest * 2
        }
        return min(longest, cap)
    }

    /// The wait before an attempt, `attempt` counted from 0, for a number drawn evenly from `0...1`.
    public func delay(attempt: Int, random: Double) -> Duration {
        let share = random.isFinite ? min(max(random, 0), 1) : 1
        return longestDelay(attempt: attempt) * share
    }
}
