/// A channel of a pool, and how it was when it was set up.
struct PooledChannel: Sendable {
    let channel: Channel
    private let isTransactional: Bool
    /// What `qos(isGlobal: true)` set; any other prefetch is each consumer's own.
    private let globalPrefetch: UInt16?
    /// How many messages were published when the broker last gave a sign.
    private var published: UInt64

    init(_ channel: Channel) {
        self.channel = channel
        let report = channel.report
        isTransactional = report.transactional
        globalPrefetch = channel.core.globalPrefetch
        published = report.published
    }

    /// How it looks now that its user is done with it.
    func condition() -> PoolMachine.Condition {
        guard channel.isOpen else { return .spent }
        let report = channel.report
        if !isAsPrepared(report) { return .spent }
        // What an unconfirmed publish did is known only when the broker has said something after it.
        let isUnconfirmed = report.confirmMode ? report.unconfirmed > 0 : report.published != published
        return isTransactional || isUnconfirmed || report.inFlight > 0 ? .doubtful : .clean
    }

    /// Asks the broker for a word, and in a transaction to roll back. Nil when the channel is not to be used again.
    func proved() async -> PooledChannel? {
        do throws(ClientError) {
            if isTransactional {
                try await channel.rollback()
            } else {
                // Asking for what is the case anyway changes nothing.
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
            && channel.core.globalPrefetch == globalPrefetch
    }
}

extension Channel {
    /// Closes it without waiting for the broker's answer.
    func abandon() {
        core.beginClose(code: 200, text: "No longer wanted")
    }
}

extension ChannelCore {
    /// The prefetch of all consumers of the channel together, once it was set.
    fileprivate var globalPrefetch: UInt16? { state.withLockedValue { $0.globalPrefetch } }
}
