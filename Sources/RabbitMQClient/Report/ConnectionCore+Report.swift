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
                recoveries: state.recoveries,
                lastRecovery: state.lastRecovery,
                channels: Array(state.closedChannels)
            )
            return (report, state.channels.values.filter { !$0.isScratch }.sorted { $0.number < $1.number })
        }
        report.channels = cores.map { $0.report() } + report.channels
        return report
    }
}
