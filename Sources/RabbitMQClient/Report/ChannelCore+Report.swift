extension ChannelCore {
    /// Returns a report of what the channel has done and is doing.
    func report() -> ChannelReport {
        state.withLockedValue { state in
            let channelState: ChannelReport.State =
                if state.isSuspended { .recovering } else {
                    switch state.machine.state {
                    case .opening: .opening
                    case .open: .open
                    case .closing: .closing
                    case .closed: .closed
                    }
                }
            // A channel that has ended waits for nothing: its publishes are counted as indeterminate, its deliveries
            // were requeued.
            let unconfirmed = state.hasDeparted ? 0 : state.confirms.pendingCount
            let unacked = state.hasDeparted ? 0 : state.deliveries.openCount
            return ChannelReport(
                id: id,
                number: number,
                state: channelState,
                openedAt: openedAt,
                closedAt: state.closedAt,
                inFlight: state.machine.expected.count,
                unconfirmed: unconfirmed,
                unacked: unacked,
                prefetch: state.counts.prefetch,
                confirmMode: state.mode == .confirms,
                transactional: state.mode == .transactions,
                consumers: state.consumers.values.map(\.report).sorted { $0.tag < $1.tag },
                published: state.counts.published,
                confirmed: state.counts.confirmed,
                returned: state.counts.returned,
                nacked: state.counts.nacked,
                indeterminate: state.counts.indeterminate,
                delivered: state.counts.delivered,
                acked: state.counts.acked,
                rejected: state.counts.rejected,
                lastError: state.lastError
            )
        }
    }
}
