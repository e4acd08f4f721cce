/// What `/health` lets pass.
public struct HealthRules: Sendable, Hashable {
    /// Whether a connection that the broker has blocked (a memory or disk alarm) is well: its application can still
    /// consume, and a restart would help nobody.
    public var allowsBlocked: Bool
    /// Whether it is well to have no connection at all: for applications that connect for a moment now and then.
    public var allowsNone: Bool
    /// How long a further connection may take to open for the first time, in seconds, while another one is open.
    public var openingSeconds: Double

    public init(allowsBlocked: Bool = true, allowsNone: Bool = false, openingSeconds: Double = 5) {
        self.allowsBlocked = allowsBlocked
        self.allowsNone = allowsNone
        self.openingSeconds = max(0, openingSeconds)
    }
}
