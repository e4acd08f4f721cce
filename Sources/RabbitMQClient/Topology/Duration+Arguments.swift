extension Duration {
    /// The longest time that RabbitMQ takes for a time to live or an expiry, in milliseconds: ten years of 365 days.
    /// More is refused with 406.
    static let longestExpiry: Int64 = 315_360_000_000

    /// Whole milliseconds as RabbitMQ wants them: rounded up, so that a short time does not become none at all, never
    /// negative, and at most `longestExpiry`, which the broker takes at most.
    var argumentMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        guard self > .zero else { return 0 }
        guard seconds <= Self.longestExpiry / 1000 else { return Self.longestExpiry }
        let part = attoseconds / 1_000_000_000_000_000 + (attoseconds % 1_000_000_000_000_000 == 0 ? 0 : 1)
        return min(seconds * 1000 + part, Self.longestExpiry)
    }

    /// Whole seconds with their unit as streams want an age (`3600s`): rounded up, at least one.
    var argumentAge: String {
        let (seconds, attoseconds) = components
        guard self > .zero else { return "1s" }
        return "\(seconds == .max ? seconds : seconds + (attoseconds > 0 ? 1 : 0))s"
    }
}
