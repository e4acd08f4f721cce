extension ConnectionCore {
    func report(now: Double = ClientRegistry.wallClock()) -> ConnectionReport {
        let frames = outbox.framesWritten
        let keptSeconds = registry?.keptSeconds ?? 0
        var (report, cores) = state.withLockedValue { state -> (ConnectionReport, [ChannelCore]) in
            let connectionState: ConnectionReport.State =
                switch state.machine.state {
                case .idle, .connecting, .closing(.connecting): .opening
                case .open, .closing(.open):
                    switch state.socket.machine.state {
                    case .closing, .ending: .closing
                    default: state.socket.blockedReason == nil ? .open : .blocked
                    }
                case .suspending, .suspended, .reconnecting, .restoring, .closing: .recovering
                case .closed: .closed
                }
            state.channels.dropClosed(before: now - keptSeconds)
            let (socket, record) = (state.socket, state.record)
            let report = ConnectionReport(
                id: id,
                name: socket.name,
                clientName: configuration.connectionName,
                virtualHost: configuration.virtualHost,
                user: configuration.username,
                state: connectionState,
                blockedReason: socket.blockedReason,
                heartbeat: socket.tuning.heartbeat,
                channelMax: socket.tuning.channelMax,
                frameMax: socket.tuning.frameMax,
                openedAt: record.openedAt ?? openedAt,
                closedAt: record.closedAt,
                bytesIn: record.traffic.bytesIn,
                bytesOut: record.traffic.bytesOut,
                framesIn: record.traffic.framesIn,
                framesOut: frames,
                lastError: record.lastError,
                endpoint: socket.endpoint?.description,
                socketID: socket.number > 0 ? socketID(socket.number) : nil,
                recovery: state.machine.interruption.map(RecoveryAttempt.init),
                recoveries: record.recoveries,
                lastRecovery: record.lastRecovery,
                totals: state.channels.closedCounts,
                channels: Array(state.channels.closed)
            )
            return (report, state.channels.ordered.filter { !$0.isScratch })
        }
        let living = cores.map { $0.report() }
        for channel in living { report.totals.add(channel) }
        report.channels = living + report.channels
        return report
    }

    /// An identifier of one socket of one connection, unique among all connections of the broker.
    func socketID(_ number: Int) -> String { "\(Self.processID)-\(id)-\(number)" }

    private static let processID = String(UInt64.random(in: .min ... .max), radix: 36)
}

extension RecoveryAttempt {
    fileprivate init(_ interruption: ConnectionMachine.Interruption) {
        let (seconds, attoseconds) = interruption.delay.components
        self.init(
            number: interruption.attempt, delay: Double(seconds) + Double(attoseconds) / 1e18,
            lostAt: interruption.loss?.at, error: interruption.error.message)
    }
}
