extension ConnectionCore {
    func report(now: Double = ClientRegistry.wallClock()) -> ConnectionReport {
        let frames = outbox.framesWritten
        let keptSeconds = registry?.keptSeconds ?? 0
        var (report, cores) = state.withLockedValue { state -> (ConnectionReport, [ChannelCore]) in
            let connectionState: ConnectionReport.State =
                switch state.phase {
                case .idle, .connecting: .opening
                case .open:
                    switch state.machine.state {
                    case .closing, .ending: .closing
                    default: state.blockedReason == nil ? .open : .blocked
                    }
                case .recovering: .recovering
                case .closed: .closed
                }
            state.closedChannels.removeAll { now - ($0.closedAt ?? now) > keptSeconds }
            let report = ConnectionReport(
                id: id,
                name: state.name,
                clientName: configuration.connectionName,
                virtualHost: configuration.virtualHost,
                user: configuration.username,
                state: connectionState,
                blockedReason: state.blockedReason,
                heartbeat: state.tuning.heartbeat,
                channelMax: state.tuning.channelMax,
                frameMax: state.tuning.frameMax,
                openedAt: state.openedAt ?? openedAt,
                closedAt: state.closedAt,
                bytesIn: state.bytesIn,
                bytesOut: state.bytesOut,
                framesIn: state.framesIn,
                framesOut: frames,
                lastError: state.lastError,
                endpoint: state.endpoint?.description,
                socketID: state.socketNumber > 0 ? socketID(state.socketNumber) : nil,
                recovery: Self.attempt(state),
                recoveries: state.recoveries,
                lastRecovery: state.lastRecovery,
                totals: state.closedCounts,
                channels: Array(state.closedChannels)
            )
            return (report, state.channels.values.filter { !$0.isScratch }.sorted { $0.number < $1.number })
        }
        let living = cores.map { $0.report() }
        for channel in living { report.totals.add(channel) }
        report.channels = living + report.channels
        return report
    }

    private static func attempt(_ state: borrowing State) -> RecoveryAttempt? {
        guard case .recovering(let attempt, let delay, let error) = state.phase else { return nil }
        let seconds = Double(delay.components.seconds) + Double(delay.components.attoseconds) / 1e18
        return RecoveryAttempt(number: attempt, delay: seconds, lostAt: state.loss?.lostAt, error: error.message)
    }

    /// An identifier of one socket of one connection, unique among all connections of the broker.
    func socketID(_ number: Int) -> String { "\(Self.processID)-\(id)-\(number)" }

    private static let processID = String(UInt64.random(in: .min ... .max), radix: 36)
}
