/// The rules by which `/health` decides.
public struct HealthRules: Sendable, Hashable {
    /// Whether a connection that the broker has blocked (a memory or disk alarm) is healthy: its application can still
    /// consume, and a restart would not help.
    public var allowsBlocked: Bool
    /// Whether a process without any connection is healthy: for applications that connect only now and then.
    public var allowsNone: Bool
    /// How long a further connection may take to open for the first time while another one is open, in seconds.
    public var openingSeconds: Double

    /// Creates rules.
    public init(allowsBlocked: Bool = true, allowsNone: Bool = false, openingSeconds: Double = 5) {
        self.allowsBlocked = allowsBlocked
        self.allowsNone = allowsNone
        self.openingSeconds = max(0, openingSeconds)
    }
}
