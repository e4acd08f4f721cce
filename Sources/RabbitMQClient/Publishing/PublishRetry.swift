/// Whether and how a `Publisher` publishes a message again that may not have arrived.
///
/// A message whose confirm was lost may have arrived or not. Publishing it again loses nothing, but consumers may
/// receive it twice. They can detect this by the message id, which is the same in every attempt; it is generated if the
/// message has none.
public struct PublishRetry: Sendable, Hashable {
    /// The maximum number of attempts, including the first; 1 never publishes again.
    public var attempts: Int
    /// The longest pause after the first attempt; it doubles with each further one. Each pause is random between zero
    /// and this limit (exponential backoff with full jitter).
    public var base: Duration
    /// The longest pause after any attempt.
    public var cap: Duration
    /// No attempt begins later than this after the call. An attempt in progress ends by its own deadlines: the
    /// connection's `publishTimeout` for the confirm, and once more if it had to wait before it was sent.
    public var timeout: Duration
    /// Whether to publish again also what the broker refused (`basic.nack`), as a full queue or a queue without a
    /// majority of its members does.
    public var retriesNacked: Bool

    /// Creates a retry policy.
    public init(
        attempts: Int = 5,
        base: Duration = .milliseconds(100),
        cap: Duration = .seconds(5),
        timeout: Duration = .seconds(60),
        retriesNacked: Bool = false
    ) {
        self.attempts = attempts
        self.base = base
        self.cap = cap
        self.timeout = timeout
        self.retriesNacked = retriesNacked
    }

    /// Up to five attempts within a minute.
    public static let standard = PublishRetry()
    /// One attempt, without retries.
    public static let off = PublishRetry(attempts: 1)

    var isEnabled: Bool { attempts > 1 }

    /// Returns the pause after the `attempt`th attempt for a random number of `0...1`.
    func pause(after attempt: Int, random: Double) -> Duration {
        var longest = max(base, .zero)
        let cap = max(cap, .zero)
        for _ in 1..<min(max(attempt, 1), 128) where longest < cap { longest = longest * 2 }
        return min(longest, cap) * min(max(random, 0), 1)
    }
}
