/// A channel of a pool, with the state that it had when it was set up.
struct PooledChannel: Sendable {
    let channel: Channel
    private let isTransactional: Bool
    /// The prefetch set with `qos(isGlobal: true)`; any other prefetch belongs to a consumer.
    private let globalPrefetch: UInt16?
    /// The number of messages published when the broker last replied.
    private var published: UInt64

    init(_ channel: Channel) {
        self.channel = channel
        let report = channel.report
        isTransactional = report.transactional
        globalPrefetch = channel.core.settings.globalPrefetch
        published = report.published
    }

    /// Returns the channel's condition after use.
    func condition() -> PoolMachine.Condition {
        guard channel.isOpen else { return .spent }
        let report = channel.report
        if !isAsPrepared(report) { return .spent }
        // The result of an unconfirmed publish is known only when the broker has replied to something after it.
        let isUnconfirmed = report.confirmMode ? report.unconfirmed > 0 : report.published != published
        return isTransactional || isUnconfirmed || report.inFlight > 0 ? .doubtful : .clean
    }

    /// Waits for a reply of the broker; rolls back a transaction. Returns nil if the channel cannot be used again.
    func proved() async -> PooledChannel? {
        do throws(ClientError) {
            if isTransactional {
                try await channel.rollback()
            } else {
                // Requesting the state that is already in effect changes nothing.
                try await channel.flow(active: true)
            }
        } catch {
            return nil
        }
        let report = channel.report
        guard channel.isOpen, isAsPrepared(report) else { return nil }
        var proved = self
        proved.published = report.published
        return proved
    }

    private func isAsPrepared(_ report: ChannelReport) -> Bool {
        report.consumers.isEmpty && report.unacked == 0 && report.transactional == isTransactional
            && channel.core.settings.globalPrefetch == globalPrefetch
    }
}

extension Channel {
    /// Closes the channel without waiting for the broker's reply.
    func abandon() {
        core.beginClose(code: 200, text: "No longer wanted")
    }
}
