/// What a channel's report tells of the past.
struct ChannelRecord {
    var counts = MessageCounts()
    /// The part of `counts` that was already reported to the metrics.
    private var counted = MessageCounts()
    var closedAt: Double?
    var lastError: ErrorReport?

    /// Returns what was added since the last call.
    mutating func takeUncounted() -> MessageCounts {
        defer { counted = counts }
        return counts.since(counted)
    }

    mutating func settled(_ count: Int, rejects: Bool) {
        counts.acked += UInt64(count)
        if rejects { counts.rejected += UInt64(count) }
    }
}
