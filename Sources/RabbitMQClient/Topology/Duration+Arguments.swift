extension Duration {
    /// The longest time that RabbitMQ accepts for a time to live or an expiry, in milliseconds: ten years of 365 days.
    /// It refuses more with 406.
    static let longestExpiry: Int64 = 315_360_000_000

    /// Whole milliseconds as RabbitMQ requires them: rounded up, so that a short time does not become zero, never
    /// negative, and at most `longestExpiry`.
    var argumentMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        guard self > .zero else { return 0 }
        guard seconds <= Self.longestExpiry / 1000 else { return Self.longestExpiry }
        let part = attoseconds / 1_000_000_000_000_000 + (attoseconds % 1_000_000_000_000_000 == 0 ? 0 : 1)
        return min(seconds * 1000 + part, Self.longestExpiry)
    }

    /// Whole seconds with their unit, as streams require an age (`3600s`): rounded up, at least one.
    var argumentAge: String {
        let (seconds, attoseconds) = components
        guard self > .zero else { return "1s" }
        return "\(seconds == .max ? seconds : seconds + (attoseconds > 0 ? 1 : 0))s"
    }
}
