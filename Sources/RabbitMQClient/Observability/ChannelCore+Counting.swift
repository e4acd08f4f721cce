import AMQPWire

extension ChannelCore {
    /// Returns all counts, and the part that was not yet reported to the metrics; that part counts as reported from now
    /// on.
    func takeUncounted() -> (total: Counts, added: Counts) {
        state.withLockedValue { state in
            let added = state.counts.since(state.counted)
            state.counted = state.counts
            return (state.counts, added)
        }
    }
}

extension ChannelCore.Counts {
    /// Returns what was added after `earlier`.
    func since(_ earlier: Self) -> Self {
        var added = self
        added.published &-= earlier.published
        added.confirmed &-= earlier.confirmed
        added.returned &-= earlier.returned
        added.nacked &-= earlier.nacked
        added.indeterminate &-= earlier.indeterminate
        added.delivered &-= earlier.delivered
        added.acked &-= earlier.acked
        added.rejected &-= earlier.rejected
        return added
    }

    mutating func add(_ other: Self) {
        published &+= other.published
        confirmed &+= other.confirmed
        returned &+= other.returned
        nacked &+= other.nacked
        indeterminate &+= other.indeterminate
        delivered &+= other.delivered
        acked &+= other.acked
        rejected &+= other.rejected
    }
}

extension Method {
    /// Whether it rejects or requeues deliveries.
    var rejects: Bool {
        switch self {
        case .basicNack, .basicReject: true
        default: false
        }
    }
}
