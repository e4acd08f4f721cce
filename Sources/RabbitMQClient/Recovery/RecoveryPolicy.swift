/// Whether and how a lost connection is re-established.
///
/// The delay before each attempt is random between zero and a limit that doubles with each attempt (exponential backoff
/// with full jitter), so that the clients of a restarting broker do not all reconnect at the same time. Errors that
/// retrying cannot resolve (`ClientError.isPermanent`) end recovery at once.
public struct RecoveryPolicy: Sendable {
    /// Whether a lost connection is re-established.
    public var isEnabled: Bool
    /// The longest delay before the first attempt; it doubles with each further one. With the default of half a second,
    /// a connection that was only cut is back before a person notices, and a broker that restarts (5 s and more) sees
    /// about five attempts.
    public var base: Duration
    /// The longest delay before any attempt. With the default of 30 s, an outage of an hour takes about 250 attempts of
    /// each client, and half of the clients are back within 15 s of its end.
    public var cap: Duration
    /// The maximum number of attempts after one loss; nil is unlimited.
    public var attempts: Int?
    /// Whether the first connect is retried by the same rules; otherwise its first failure is thrown.
    public var retriesFirstConnect: Bool
    /// Whether exchanges, queues, bindings and consumers of the connection are restored. Channels always are, with
    /// their prefetch, confirm and transaction modes.
    public var restoresTopology: Bool
    /// Decides for each entity whether it is restored; nil restores all.
    public var topologyFilter: (@Sendable (TopologyEntity) -> Bool)?

    /// Creates a policy.
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

    /// Recovers without a limit of attempts and restores the topology; the first connect is tried once.
    public static let standard = RecoveryPolicy()
    /// A lost connection is closed.
    public static let off = RecoveryPolicy(isEnabled: false)

    /// Returns the longest delay before an attempt, `attempt` counted from 0: `base` doubled `attempt` times, but at
    /// most `cap`.
    public func longestDelay(attempt: Int) -> Duration {
        let base = max(base, .zero)
        let cap = max(cap, .zero)
        var longest = base
        // With any base, 128 doublings exceed any cap; a bounded loop cannot overflow.
        for _ in 0..<min(max(attempt, 0), 128) {
            if longest >= cap / 2 { return cap }
            longest = longest * 2
        }
        return min(longest, cap)
    }

    /// Returns the delay before an attempt, `attempt` counted from 0, for a random number of `0...1`.
    public func delay(attempt: Int, random: Double) -> Duration {
        let share = random.isFinite ? min(max(random, 0), 1) : 1
        return longestDelay(attempt: attempt) * share
    }
}
